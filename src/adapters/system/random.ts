/** The real Random: the platform's cryptographic generator. */
import type { Random } from '../../core/crypto/random.ts';
import type { Bytes } from '../../core/codec/bytes.ts';

/** getRandomValues refuses more at once (Web Cryptography API, section 10.1.1). */
const REQUEST_BYTES_MAX = 65_536;
/** A call of the generator costs as much as a hash, so small requests share one. */
const POOL_BYTES = 4096;
const SMALL_BYTES = 64;

/** What was generated and not yet given out, from `used` on. */
const pool = new Uint8Array(POOL_BYTES);
let used = POOL_BYTES;

export const systemRandom: Random = {
  bytes(length) {
    return length <= SMALL_BYTES ? fromPool(length) : generated(length);
  },
};

/** Each byte is given out once, and forgotten here. */
function fromPool(length: number): Bytes {
  if (used + length > POOL_BYTES) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  const out = pool.slice(used, used + length);
  pool.fill(0, used, used + length);
  used += length;
  return out;
}

function generated(length: number): Bytes {
  const out = new Uint8Array(length);
  for (let offset = 0; offset < length; offset += REQUEST_BYTES_MAX)
    crypto.getRandomValues(out.subarray(offset, offset + REQUEST_BYTES_MAX));
  return out;
}
