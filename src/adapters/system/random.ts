/** The real Random: the platform's cryptographic generator. */
import type { Random } from '../../core/crypto/random.ts';

/** getRandomValues refuses more at once (Web Cryptography API, section 10.1.1). */
const REQUEST_BYTES_MAX = 65_536;

export const systemRandom: Random = {
  bytes(length) {
    const out = new Uint8Array(length);
    for (let offset = 0; offset < length; offset += REQUEST_BYTES_MAX)
      crypto.getRandomValues(out.subarray(offset, offset + REQUEST_BYTES_MAX));
    return out;
  },
};
