/** The Random port: unpredictable bytes in the world, seeded ones in the simulator. */
import type { Bytes } from '../codec/bytes.ts';

export interface Random {
  /** `length` fresh bytes. */
  bytes(length: number): Bytes;
}

/** A whole number, 0 ≤ n < limit ≤ 2^48; the bias is below limit / 2^48. */
export function randomBelow(random: Random, limit: number): number {
  const bytes = random.bytes(6);
  let value = 0;
  for (const byte of bytes) value = value * 256 + byte;
  return value % limit;
}
