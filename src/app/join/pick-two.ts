/** Which words are asked again: two different places, unpredictable, in their order. */
import { randomBelow, type Random } from '../../core/crypto/random.ts';
import { systemRandom } from '../../adapters/system/random.ts';

/** Two places, 0 ≤ a < b < count (count ≥ 2). */
export function pickTwo(count: number, random: Random = systemRandom): readonly [number, number] {
  const first = randomBelow(random, count);
  const other = randomBelow(random, count - 1);
  const second = other < first ? other : other + 1;
  return first < second ? [first, second] : [second, first];
}
