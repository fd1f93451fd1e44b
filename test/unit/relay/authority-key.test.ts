/** The authority's key: its primes, its file. */
import { mkdtemp, rm, stat, writeFile, chmod } from 'node:fs/promises';
import { checkPrimeSync } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createAuthorityKey,
  generateAuthorityKey,
  loadAuthorityKey,
} from '../../../relay/src/authority-key.ts';
import { OperatorError } from '../../../relay/src/operator-error.ts';
import { signedBytes, verifyRsa } from '../../../src/core/crypto/sign.ts';

/** Too small to be safe, found in an instant. */
const BITS = 1024;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'epost-key-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('authority key', () => {
  it('is a product of two safe primes (Shoup 2000, section 2)', async () => {
    const jwk = await generateAuthorityKey(BITS);
    const [n, p, q] = [jwk.n, jwk.p, jwk.q].map((part) => toBigInt(part!)) as [bigint, bigint, bigint];
    expect(p * q).toBe(n);
    expect(n.toString(2).length).toBe(BITS);
    for (const prime of [p, q]) expect(checkPrimeSync((prime - 1n) / 2n) && checkPrimeSync(prime)).toBe(true);
  });

  it('is the same after it was read again, and only its owner may read it', async () => {
    const path = join(folder, 'authority.pem');
    expect(await loadAuthorityKey(path)).toBeUndefined();
    const made = await createAuthorityKey(path, BITS);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await chmod(path, 0o644);
    const loaded = (await loadAuthorityKey(path))!;
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(loaded.spki).toEqual(made.spki);
    const signature = await crypto.subtle.sign(
      'RSASSA-PKCS1-v1_5',
      loaded.privateKey,
      signedBytes('test', 1),
    );
    expect(await verifyRsa(made.spki, 'test', 1, new Uint8Array(signature))).toBe(true);
  });

  it('says when its file is damaged', async () => {
    const path = join(folder, 'damaged.pem');
    await writeFile(path, '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n');
    await expect(loadAuthorityKey(path)).rejects.toThrow(OperatorError);
    await expect(loadAuthorityKey(path)).rejects.toThrow(/is damaged: put it back/);
  });
});

function toBigInt(base64url: string): bigint {
  return BigInt(`0x${Buffer.from(base64url, 'base64url').toString('hex')}`);
}
