/** Names for what a person makes: labels, folders, rules. */
import { toHex } from '../../core/codec/bytes.ts';
import { systemRandom } from '../../adapters/system/random.ts';

/** 16 hexadecimal digits, drawn at random. */
export function newId(): string {
  return toHex(systemRandom.bytes(8));
}

/** Hues far from each other, one after the other (golden angle). In degrees. */
export function hueOf(count: number): number {
  return Math.round(count * 137.5 + 20) % 360;
}
