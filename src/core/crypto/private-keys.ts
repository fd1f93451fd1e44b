/** Private keys from their 32 raw bytes, as non-extractable CryptoKeys, with their raw public halves. */
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { concat, fromHex, type Bytes } from '../codec/bytes.ts';
import { sealKey } from './seal.ts';

/** `seal`: AES-256-GCM. */
export type KeyKind = 'ed25519' | 'x25519' | 'seal';

/** Of every kind. */
export const RAW_KEY_BYTES = 32;

/** PKCS#8 of a private key up to its 32 bytes (RFC 8410, section 7). */
const ED25519_PKCS8 = fromHex('302e020100300506032b657004220420');
const X25519_PKCS8 = fromHex('302e020100300506032b656e04220420');

/** Imports a key that can be used but not exported: Ed25519 signs, X25519 derives, a seal key encrypts and decrypts. */
export function importPrivateKey(kind: KeyKind, raw: Bytes): Promise<CryptoKey> {
  switch (kind) {
    case 'ed25519':
      return crypto.subtle.importKey('pkcs8', concat(ED25519_PKCS8, raw), 'Ed25519', false, ['sign']);
    case 'x25519':
      return crypto.subtle.importKey('pkcs8', concat(X25519_PKCS8, raw), 'X25519', false, ['deriveBits']);
    case 'seal':
      return sealKey(raw);
  }
}

/** Raw public half: 32 bytes; none (0 bytes) of a seal key. */
export function publicKeyOf(kind: KeyKind, raw: Bytes): Bytes {
  switch (kind) {
    case 'ed25519':
      return ed25519.getPublicKey(raw) as Bytes;
    case 'x25519':
      return x25519.getPublicKey(raw) as Bytes;
    case 'seal':
      return new Uint8Array(0);
  }
}

/** The pair that HPKE opens with (some engines need both halves). */
export async function x25519Pair(privateKey: CryptoKey, publicKey: Bytes): Promise<CryptoKeyPair> {
  return { privateKey, publicKey: await crypto.subtle.importKey('raw', publicKey, 'X25519', true, []) };
}
