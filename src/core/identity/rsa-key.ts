/** The authority's RSA key from two primes (RFC 8017, section 3), as WebCrypto takes it. */
import { assert } from '../codec/assert.ts';
import type { Bytes } from '../codec/bytes.ts';

/** e = 65537. */
export const PUBLIC_EXPONENT = 65537n;

const ALGORITHM = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };

export interface AuthorityKey {
  readonly privateKey: CryptoKey;
  /** DER SubjectPublicKeyInfo: what certificates are checked with; its SHA-256 is the ring's id. */
  readonly spki: Bytes;
}

/** JWK (RFC 7518, section 6.3) of the key with these primes; whoever gives them has made sure that they are (safe) primes. */
export function rsaKeyFromPrimes(p: bigint, q: bigint): JsonWebKey {
  assert(p !== q, 'two different primes are needed');
  if (p < q) return rsaKeyFromPrimes(q, p);
  const lambda = lcm(p - 1n, q - 1n);
  const d = inverse(PUBLIC_EXPONENT, lambda);
  return {
    kty: 'RSA',
    alg: 'RS256',
    n: base64Url(p * q),
    e: base64Url(PUBLIC_EXPONENT),
    d: base64Url(d),
    p: base64Url(p),
    q: base64Url(q),
    dp: base64Url(d % (p - 1n)),
    dq: base64Url(d % (q - 1n)),
    qi: base64Url(inverse(q, p)),
  };
}

/** The key as the Authority uses it: the private half is not extractable. Rejects when the JWK is no RSA private key. */
export async function importAuthorityKey(jwk: JsonWebKey): Promise<AuthorityKey> {
  const privateKey = await crypto.subtle.importKey('jwk', jwk, ALGORITHM, false, ['sign']);
  const { n, e } = jwk as { n: string; e: string };
  const publicKey = await crypto.subtle.importKey('jwk', { kty: 'RSA', n, e }, ALGORITHM, true, ['verify']);
  return { privateKey, spki: new Uint8Array(await crypto.subtle.exportKey('spki', publicKey)) };
}

/** PKCS#8 DER of the key, for files and other tools. */
export async function rsaPkcs8(jwk: JsonWebKey): Promise<Bytes> {
  const key = await crypto.subtle.importKey('jwk', jwk, ALGORITHM, true, ['sign']);
  return new Uint8Array(await crypto.subtle.exportKey('pkcs8', key));
}

function gcd(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

function lcm(a: bigint, b: bigint): bigint {
  return (a / gcd(a, b)) * b;
}

/** x with a·x ≡ 1 (mod modulus), by the extended Euclidean algorithm. */
function inverse(a: bigint, modulus: bigint): bigint {
  let [r, nextR] = [modulus, a % modulus];
  let [t, nextT] = [0n, 1n];
  while (nextR !== 0n) {
    const quotient = r / nextR;
    [r, nextR] = [nextR, r - quotient * nextR];
    [t, nextT] = [nextT, t - quotient * nextT];
  }
  assert(r === 1n, 'no inverse: the numbers are not coprime');
  return t < 0n ? t + modulus : t;
}

/** Base64urlUInt (RFC 7518, section 2): big-endian, without leading zero bytes. */
function base64Url(n: bigint): string {
  const hex = n.toString(16);
  const bytes = (hex.length % 2 === 0 ? hex : `0${hex}`).match(/../g)!.map((pair) => parseInt(pair, 16));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
