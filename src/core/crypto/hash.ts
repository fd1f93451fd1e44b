/** SHA-256 and what is derived from it. Small inputs by noble (synchronous), large ones by WebCrypto. */
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { concat, utf8, type Bytes } from '../codec/bytes.ts';
import type { Id, Key } from '../codec/id.ts';

/** Above this size WebCrypto's asynchronous hash is faster than noble's: 8 KiB. */
const SYNCHRONOUS_BYTES_MAX = 8 * 1024;

/** SHA-256, synchronous: for small inputs. */
export function sha256(bytes: Uint8Array): Id {
  return nobleSha256(bytes) as Id;
}

/** SHA-256 of an input of any size. */
export async function sha256Of(bytes: Bytes): Promise<Id> {
  if (bytes.length <= SYNCHRONOUS_BYTES_MAX) return sha256(bytes);
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)) as Id;
}

/** HMAC-SHA-256: 32 bytes. */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Bytes {
  return hmac(nobleSha256, key, message) as Bytes;
}

/** HKDF-SHA-256 (RFC 5869) with an empty salt; `info` names the purpose. */
export function deriveKey(secret: Uint8Array, info: string, lengthBytes = 32): Bytes {
  return hkdf(nobleSha256, secret, undefined, utf8(info), lengthBytes) as Bytes;
}

/** Key of a record: SHA-256(writer key ‖ label). */
export function recordKey(writer: Uint8Array, label: string): Key {
  return sha256(concat(writer, utf8(label)));
}

/** Key of a certificate: SHA-256(name); the name is canonical. */
export function certificateKey(name: string): Key {
  return sha256(utf8(name));
}

/** Key of an inbox: SHA-256("inbox" ‖ identity key). */
export function inboxKey(identityKey: Uint8Array): Key {
  return sha256(concat(utf8('inbox'), identityKey));
}
