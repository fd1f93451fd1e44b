/** The vault over keys in a sealed file. */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { systemRandom } from '../../src/adapters/system/random.ts';
import { openFileKeyStore } from '../../src/adapters/vault/file-key-store.ts';
import { KeyVault } from '../../src/core/identity/key-vault.ts';
import { vaultCases } from './vault.ts';

/** As cheap as scrypt gets: these tests are not about its cost. */
const CHEAP = { N: 2, r: 8, p: 1 };
const PASSPHRASE = 'a passphrase for tests';
const directories: string[] = [];

async function newPath(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'epost-vault-'));
  directories.push(directory);
  return join(directory, 'inner', 'keys');
}

afterAll(async () => {
  for (const directory of directories) await rm(directory, { recursive: true });
});

async function openVault(path: string, passphrase = PASSPHRASE): Promise<KeyVault> {
  return new KeyVault(await openFileKeyStore(path, passphrase, CHEAP), systemRandom);
}

describe('KeyVault over FileKeyStore', () => {
  for (const { name, run } of vaultCases)
    it(name, () =>
      run(async () => {
        const path = await newPath();
        return { open: () => openVault(path) };
      }),
    );
});

describe('the key file', () => {
  it('is readable by its owner alone, and leaves nothing beside it', async () => {
    const path = await newPath();
    await (await openVault(path)).begin();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(path, '..'))).toEqual(['keys']);
  });

  it('does not open with another passphrase, and says so', async () => {
    const path = await newPath();
    await (await openVault(path)).begin();
    await expect(openVault(path, 'another')).rejects.toMatchObject({ code: 'wrong-passphrase' });
  });

  it.each([
    ['cut short', 'damaged', (bytes: Buffer) => bytes.subarray(0, bytes.length - 5)],
    [
      'changed',
      'wrong-passphrase',
      (bytes: Buffer) => bytes.map((byte, i) => (i === bytes.length - 80 ? byte ^ 1 : byte)),
    ],
    ['empty', 'damaged', () => Buffer.alloc(0)],
  ])('that was %s is refused as %s', async (_, code, change) => {
    const path = await newPath();
    await (await openVault(path)).begin();
    const bytes = await readFile(path);
    await writeFile(path, change(bytes));
    await expect(openVault(path)).rejects.toMatchObject({ name: 'KeyFileError', code });
  });

  it('keeps what it had when a write fails', async () => {
    const path = await newPath();
    const vault = await openVault(path);
    const { keys } = await vault.begin();
    await vault.commit();
    const before = await readFile(path);
    await rm(join(path, '..'), { recursive: true });
    await writeFile(join(path, '..'), 'a file where the directory was');
    await expect(vault.createPrekey(0, false)).rejects.toMatchObject({ code: 'io' });
    expect(await vault.state()).toEqual({ state: 'ready', ...keys });
    await rm(join(path, '..'));
    await vault.createPrekey(0, false);
    expect((await readFile(path)).length).toBeGreaterThan(before.length);
  });
});
