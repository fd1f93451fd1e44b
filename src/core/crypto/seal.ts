/** AES-256-GCM with a random nonce in front: for everything that is encrypted under a key we hold. */
import { concat, type Bytes } from '../codec/bytes.ts';
import { ok, refuse, type Result } from '../codec/result.ts';
import type { Random } from './random.ts';

export const SEAL_KEY_BYTES = 32;
export const NONCE_BYTES = 12;
/** What sealing adds: nonce and tag. */
export const SEAL_OVERHEAD_BYTES = NONCE_BYTES + 16;

/** Non-extractable AES-256-GCM key from 32 raw bytes. */
export function sealKey(raw: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
}

/** nonce ‖ ciphertext ‖ tag. `context` is authenticated with it and must be given again to open. */
export async function seal(key: CryptoKey, plaintext: Bytes, context: Bytes, random: Random): Promise<Bytes> {
  const nonce = random.bytes(NONCE_BYTES);
  const algorithm = { name: 'AES-GCM', iv: nonce, additionalData: context };
  return concat(nonce, new Uint8Array(await crypto.subtle.encrypt(algorithm, key, plaintext)));
}

/** Refusal: `unsealable` when key, context or bytes do not fit. */
export async function unseal(key: CryptoKey, sealed: Bytes, context: Bytes): Promise<Result<Bytes>> {
  if (sealed.length < SEAL_OVERHEAD_BYTES) return refuse('unsealable', 'sealed bytes are too short');
  const algorithm = { name: 'AES-GCM', iv: sealed.slice(0, NONCE_BYTES), additionalData: context };
  try {
    return ok(new Uint8Array(await crypto.subtle.decrypt(algorithm, key, sealed.slice(NONCE_BYTES))));
  } catch {
    return refuse('unsealable', 'sealed bytes do not open with this key');
  }
}
