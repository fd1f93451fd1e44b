/**
 * Encryption of stored chunks. Each key encrypts exactly one plaintext, so the nonce is fixed (zero), and equal
 * plaintexts under a convergent key give equal ciphertexts: a single copy. POST paper §3.2; Douceur et al. 2002.
 */
import type { Bytes } from '../codec/bytes.ts';
import { equalBytes } from '../codec/bytes.ts';
import { ok, refuse, type Result } from '../codec/result.ts';
import { hmacSha256, sha256Of } from './hash.ts';
import type { Random } from './random.ts';
import { NONCE_BYTES, sealKey } from './seal.ts';

/**
 * `convergent-global`: key = H(X). `convergent-ring`: key = HMAC(ring secret, H(X)), so that only members can test a
 * guess. `random`: a fresh key, for everything small or guessable.
 */
export type StoreMode = 'convergent-global' | 'convergent-ring' | 'random';

export interface EncryptedChunk {
  /** 32 bytes: opens the chunk. */
  readonly key: Bytes;
  /** 32 bytes: H(X), checked after decryption. */
  readonly plaintextHash: Bytes;
  /** Ciphertext and tag: plaintext length + 16. */
  readonly ciphertext: Bytes;
}

export async function encryptChunk(
  plaintext: Bytes,
  mode: StoreMode,
  ringSecret: Bytes,
  random: Random,
): Promise<EncryptedChunk> {
  const plaintextHash = await sha256Of(plaintext);
  const key = chunkKey(plaintextHash, mode, ringSecret, random);
  const algorithm = { name: 'AES-GCM', iv: new Uint8Array(NONCE_BYTES) };
  const ciphertext = await crypto.subtle.encrypt(algorithm, await sealKey(key), plaintext);
  return { key, plaintextHash, ciphertext: new Uint8Array(ciphertext) };
}

/** Refusals: `unsealable`, and `bad-plaintext-hash` when what came out is not what went in. */
export async function decryptChunk(
  ciphertext: Bytes,
  key: Bytes,
  plaintextHash: Bytes,
): Promise<Result<Bytes>> {
  const algorithm = { name: 'AES-GCM', iv: new Uint8Array(NONCE_BYTES) };
  let plaintext: Bytes;
  try {
    plaintext = new Uint8Array(await crypto.subtle.decrypt(algorithm, await sealKey(key), ciphertext));
  } catch {
    return refuse('unsealable', 'a chunk does not open with its key');
  }
  if (!equalBytes(await sha256Of(plaintext), plaintextHash))
    return refuse('bad-plaintext-hash', 'a chunk opened to other bytes than were stored');
  return ok(plaintext);
}

function chunkKey(plaintextHash: Bytes, mode: StoreMode, ringSecret: Bytes, random: Random): Bytes {
  switch (mode) {
    case 'convergent-global':
      return plaintextHash;
    case 'convergent-ring':
      return hmacSha256(ringSecret, plaintextHash);
    case 'random':
      return random.bytes(32);
  }
}
