/** The authority's key from two primes is the key that WebCrypto and OpenSSL make of them. */
import { createPrivateKey, generatePrimeSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/core/codec/bytes.ts';
import { importAuthorityKey, rsaKeyFromPrimes, rsaPkcs8 } from '../../../src/core/identity/rsa-key.ts';

const prime = (bits: number): bigint => generatePrimeSync(bits, { bigint: true });
const number = (text: string | undefined): bigint =>
  BigInt(`0x${Buffer.from(text!, 'base64url').toString('hex')}`);

describe('rsaKeyFromPrimes', () => {
  it('fulfils the equations of RFC 8017, section 3.2, whatever the order of the primes', () => {
    const [one, other] = [prime(512), prime(512)];
    const jwk = rsaKeyFromPrimes(one, other);
    expect(rsaKeyFromPrimes(other, one)).toEqual(jwk);
    const [n, e, d, p, q] = [jwk.n, jwk.e, jwk.d, jwk.p, jwk.q].map(number) as [
      bigint,
      bigint,
      bigint,
      bigint,
      bigint,
    ];
    expect(n).toBe(one * other);
    expect(e).toBe(65537n);
    expect((e * d) % (p - 1n)).toBe(1n);
    expect((e * d) % (q - 1n)).toBe(1n);
    expect(number(jwk.dp)).toBe(d % (p - 1n));
    expect(number(jwk.dq)).toBe(d % (q - 1n));
    expect((number(jwk.qi) * q) % p).toBe(1n);
  });

  it('signs what its public half verifies, and OpenSSL finds its PKCS#8 sound', async () => {
    const jwk = rsaKeyFromPrimes(prime(1024), prime(1024));
    const { privateKey, spki } = await importAuthorityKey(jwk);
    expect(privateKey.extractable).toBe(false);
    const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
    const signature = await crypto.subtle.sign(algorithm, privateKey, utf8('message'));
    const publicKey = await crypto.subtle.importKey('spki', spki, algorithm, true, ['verify']);
    expect(await crypto.subtle.verify(algorithm, publicKey, signature, utf8('message'))).toBe(true);
    const der = Buffer.from(await rsaPkcs8(jwk));
    const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    expect(key.asymmetricKeyDetails?.modulusLength).toBeGreaterThanOrEqual(2047);
    expect(key.export({ format: 'jwk' })).toMatchObject({ n: jwk.n, d: jwk.d, qi: jwk.qi });
  });

  it('refuses one prime twice', () => {
    const p = prime(64);
    expect(() => rsaKeyFromPrimes(p, p)).toThrow('two different primes');
  });
});
