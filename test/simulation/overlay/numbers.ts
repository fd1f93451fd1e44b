/**
 * Chance and logarithms that are the same on every machine: only +, −, ×, ÷ and roots, which IEEE 754 fixes to the last
 * bit. `Math.log` and its kin are not fixed by ECMA-262.
 */
import type { SeededRandom } from '../../../src/adapters/memory/random.ts';

const LN_2 = 0.6931471805599453;

/** The natural logarithm of x > 0, to about 15 digits. */
export function ln(x: number): number {
  let [mantissa, doublings] = [x, 0];
  while (mantissa >= 1.5) {
    mantissa /= 2;
    doublings++;
  }
  while (mantissa < 0.75) {
    mantissa *= 2;
    doublings--;
  }
  // ln m = 2 artanh((m − 1) / (m + 1)); |s| ≤ 1/5, so that ten terms are enough.
  const s = (mantissa - 1) / (mantissa + 1);
  const square = s * s;
  let [sum, power] = [0, s];
  for (let k = 1; k <= 21; k += 2) {
    sum += power / k;
    power *= square;
  }
  return doublings * LN_2 + 2 * sum;
}

/** A time until something memoryless happens, of this median; whole milliseconds, at least 1. */
export function exponentialMs(random: SeededRandom, medianMs: number): number {
  return Math.max(1, Math.round((medianMs * -ln(1 - random.number())) / LN_2));
}

/** Brings the items into a random order, in place (Fisher & Yates). */
export function shuffle<T>(random: SeededRandom, items: T[]): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [items[i], items[j]] = [items[j]!, items[i]!];
  }
  return items;
}
