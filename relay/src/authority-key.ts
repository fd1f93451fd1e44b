/**
 * The ring authority's RSA key: born here from two safe primes, kept in a file that only the relay's user can read, never
 * on the network. Safe primes, because its private half is to be split into shares later (Shoup 2000, section 2).
 */
import { createPrivateKey, generatePrime } from 'node:crypto';
import { chmod, readFile } from 'node:fs/promises';
import {
  importAuthorityKey,
  rsaKeyFromPrimes,
  rsaPkcs8,
  type AuthorityKey,
} from '../../src/core/identity/rsa-key.ts';
import { PRIVATE_MODE, writeDurably } from './durable-file.ts';
import { OperatorError } from './operator-error.ts';

/** The key in the file `path` (PKCS#8, PEM); undefined when there is none. Rejects with OperatorError when it is damaged. */
export async function loadAuthorityKey(path: string): Promise<AuthorityKey | undefined> {
  let pem: string;
  try {
    pem = await readFile(path, 'utf8');
    await chmod(path, PRIVATE_MODE);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new OperatorError(`The authority's key ${path} cannot be read (${code}).`, { cause: error });
  }
  try {
    return await importAuthorityKey(createPrivateKey(pem).export({ format: 'jwk' }));
  } catch (error) {
    throw new OperatorError(`The authority's key ${path} is damaged: put it back from a back-up.`, {
      cause: error,
    });
  }
}

/** Makes a key with a modulus of `bits` and writes it to `path`, atomically. Takes seconds: safe primes are rare. */
export async function createAuthorityKey(path: string, bits: number): Promise<AuthorityKey> {
  const jwk = await generateAuthorityKey(bits);
  await writeDurably(path, pem(await rsaPkcs8(jwk)));
  return importAuthorityKey(jwk);
}

/** An RSA key whose modulus of exactly `bits` is the product of two safe primes, searched for on two threads. */
export async function generateAuthorityKey(bits: number): Promise<JsonWebKey> {
  const [p, q] = await Promise.all([safePrime(bits / 2), safePrime(bits / 2)]);
  // OpenSSL sets the two highest bits of a prime, so only equal primes would do wrong: a guess as lucky as the key itself.
  if (p === q || (p * q).toString(2).length !== bits) return generateAuthorityKey(bits);
  return rsaKeyFromPrimes(p, q);
}

/** A prime p of `bits` such that (p − 1) / 2 is prime too. */
function safePrime(bits: number): Promise<bigint> {
  return new Promise((resolve, reject) => {
    generatePrime(bits, { safe: true, bigint: true }, (error, prime) =>
      error ? reject(error) : resolve(prime),
    );
  });
}

function pem(pkcs8: Uint8Array): string {
  const lines = Buffer.from(pkcs8)
    .toString('base64')
    .replace(/.{64}(?=.)/g, '$&\n');
  return `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`;
}
