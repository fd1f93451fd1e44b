/** Signatures with their purpose inside: one made for one purpose is worthless for another (design: names and encodings). */
import { concat, toHex, utf8, type Bytes } from '../codec/bytes.ts';
import { encodeCbor } from '../codec/cbor.ts';

/** Raw Ed25519 public key. */
export const PUBLIC_KEY_BYTES = 32;
/** Ed25519 signature. */
export const SIGNATURE_BYTES = 64;
/** RSA-3072 signature; test authorities of 2048 bits make 256 bytes. */
export const RSA_SIGNATURE_BYTES_MAX = 384;

/** A body and the signature over it. */
export interface Signed<T> {
  readonly body: T;
  readonly signature: Bytes;
}

/** The bytes that are signed: "epost/<purpose>/v1" 0x00 dag-cbor(body). */
export function signedBytes(purpose: string, body: unknown): Bytes {
  return concat(utf8(`epost/${purpose}/v1`), Uint8Array.of(0), encodeCbor(body));
}

/** Signs with an Ed25519 private CryptoKey: 64 bytes. */
export async function signEd25519(key: CryptoKey, purpose: string, body: unknown): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign('Ed25519', key, signedBytes(purpose, body)));
}

/** Whether `signature` by the raw public key `publicKey` covers `body` for `purpose`. Never throws on peers' input. */
export async function verifyEd25519(
  publicKey: Bytes,
  purpose: string,
  body: unknown,
  signature: Bytes,
): Promise<boolean> {
  const key = await publicCryptoKey(publicKey);
  if (key === undefined) return false;
  return crypto.subtle.verify('Ed25519', key, signature, signedBytes(purpose, body));
}

/** Whether the authority's RSASSA-PKCS1-v1_5 SHA-256 signature covers `body` for `purpose`. `spki` is its key in DER. */
export async function verifyRsa(
  spki: Bytes,
  purpose: string,
  body: unknown,
  signature: Bytes,
): Promise<boolean> {
  const key = await rsaCryptoKey(spki);
  if (key === undefined) return false;
  return crypto.subtle.verify('RSASSA-PKCS1-v1_5', key, signature, signedBytes(purpose, body));
}

/** Imported keys kept, least recently imported out first. */
const IMPORTED_KEYS_MAX = 1024;
const imported = new Map<string, CryptoKey | undefined>();

async function publicCryptoKey(raw: Bytes): Promise<CryptoKey | undefined> {
  return importOnce(`ed25519:${toHex(raw)}`, () =>
    crypto.subtle.importKey('raw', raw, 'Ed25519', true, ['verify']),
  );
}

async function rsaCryptoKey(spki: Bytes): Promise<CryptoKey | undefined> {
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  return importOnce(`rsa:${toHex(spki)}`, () =>
    crypto.subtle.importKey('spki', spki, algorithm, true, ['verify']),
  );
}

/** A key that does not import is remembered as such: it came from a peer and verifies nothing. */
async function importOnce(name: string, load: () => Promise<CryptoKey>): Promise<CryptoKey | undefined> {
  if (imported.has(name)) return imported.get(name);
  const key = await load().catch(() => undefined);
  if (imported.size >= IMPORTED_KEYS_MAX) imported.delete(imported.keys().next().value!);
  imported.set(name, key);
  return key;
}
