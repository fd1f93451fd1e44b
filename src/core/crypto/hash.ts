/** SHA-256 and what is derived from it. Small inputs synchronously, by noble or the platform; large ones by WebCrypto. */
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { assert } from '../codec/assert.ts';
import { concat, equalBytes, fromHex, utf8, type Bytes } from '../codec/bytes.ts';
import type { Id, Key } from '../codec/id.ts';

/** SHA-256 (FIPS 180-4) of an input of any size, synchronous: 32 bytes of their own. */
export type Sha256 = (bytes: Uint8Array) => Bytes;

/** Above this size WebCrypto's asynchronous hash is faster than noble's: 8 KiB. */
const NOBLE_BYTES_MAX = 8 * 1024;
/**
 * The same where the platform has a synchronous hash: 1 MiB, so all blocks. It takes a block 2 GB/s; WebCrypto takes a quarter more of the
 * processor's time, for handing over and a copy, and what it leaves to another core the disk's threads need there.
 */
const PLATFORM_BYTES_MAX = 1024 * 1024;
/** SHA-256("abc"): FIPS 180-4's first example. */
const ABC = fromHex('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');

let synchronous: Sha256 = (bytes) => nobleSha256(bytes) as Bytes;
let synchronousBytesMax = NOBLE_BYTES_MAX;

/**
 * Hashes by the platform's own SHA-256 from now on: called once, by a program whose platform has a faster one than noble. All give the
 * same hashes, so nothing else depends on it. Throws InvariantError when it is not SHA-256.
 */
export function usePlatformSha256(platform: Sha256): void {
  assert(equalBytes(platform(utf8('abc')), ABC), 'the platform computes SHA-256');
  synchronous = platform;
  synchronousBytesMax = PLATFORM_BYTES_MAX;
}

/** SHA-256, synchronous: for small inputs. */
export function sha256(bytes: Uint8Array): Id {
  return synchronous(bytes) as Id;
}

/** SHA-256 of an input of any size. */
export async function sha256Of(bytes: Bytes): Promise<Id> {
  if (bytes.length <= synchronousBytesMax) return sha256(bytes);
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
