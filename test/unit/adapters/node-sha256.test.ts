/** Node's SHA-256 in the place of noble's: the same hashes, whoever asks. */
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { nodeSha256 } from '../../../src/adapters/system/node-sha256.ts';
import { sha256, sha256Of, usePlatformSha256 } from '../../../src/core/crypto/hash.ts';

const random = new SeededRandom('node-sha256');

describe('SHA-256 by Node', () => {
  it.each([0, 1, 32, 8193, 300_000, 1_048_576, 1_048_577])('of %i bytes is that of noble', async (length) => {
    // Not at the start of its buffer: a view is hashed, not what it looks at.
    const bytes = random.bytes(length + 3).subarray(3);
    const wanted = new Uint8Array(nobleSha256(bytes));
    usePlatformSha256(nodeSha256);
    expect(nodeSha256(bytes)).toStrictEqual(wanted);
    expect(sha256(bytes)).toStrictEqual(wanted);
    expect(await sha256Of(bytes)).toStrictEqual(wanted);
  });

  it('gives hashes that share their memory with nobody', () => {
    const [one, other] = [nodeSha256(random.bytes(5)), nodeSha256(random.bytes(5))];
    expect(one.buffer).toHaveProperty('byteLength', 32);
    expect(one.buffer).not.toBe(other.buffer);
  });

  it('is not replaced by what computes something else', () => {
    expect(() => usePlatformSha256((bytes) => nodeSha256(bytes).reverse())).toThrow('computes SHA-256');
    expect(sha256(new Uint8Array(3))).toStrictEqual(new Uint8Array(nobleSha256(new Uint8Array(3))));
  });
});
