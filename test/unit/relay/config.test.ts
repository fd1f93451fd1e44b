/** The relay's settings: where they come from, and the sentence for each kind of mistake. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, readConfig } from '../../../relay/src/config.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'epost-config-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('settings', () => {
  it('has a default for everything', () => {
    expect(readConfig({}, folder)).toEqual({
      port: 7780,
      host: 'localhost',
      dataDir: join(folder, 'data'),
      domain: 'example.org',
      url: 'http://localhost:7780',
      replicas: 3,
      relayReplicas: 1,
      authorityBits: 3072,
      quotaBytes: 10 * 1024 ** 3,
    });
  });

  it('prefers the environment to the file to the default', async () => {
    await writeFile(join(folder, 'epost.toml'), 'port = 7001\norg = "Example.ORG"\nquota = "500 MiB"\n');
    const config = readConfig({ PORT: '7002' }, folder);
    expect(config).toMatchObject({ port: 7002, domain: 'example.org', quotaBytes: 500 * 1024 ** 2 });
    expect(config.url).toBe('http://localhost:7002');
  });

  it('takes the names of the environment in the file too', async () => {
    await writeFile(join(folder, 'epost.toml'), 'PORT = 7001\nEPOST_ORG = "other.example"\n');
    expect(readConfig({}, folder)).toMatchObject({ port: 7001, domain: 'other.example' });
  });

  it('starts a relative data folder at the file that names it', async () => {
    await writeFile(join(folder, 'other.toml'), 'data = "kept"\n');
    const config = readConfig({ EPOST_CONFIG: join(folder, 'other.toml') }, '/');
    expect(config.dataDir).toBe(join(folder, 'kept'));
  });

  it('writes a domain in its ASCII form', () => {
    expect(readConfig({ EPOST_ORG: 'Bücher.example' }, folder).domain).toBe('xn--bcher-kva.example');
  });

  it('takes an empty variable for none', () => {
    expect(readConfig({ PORT: '' }, folder).port).toBe(7780);
  });
});

describe('mistakes in the environment', () => {
  const table: readonly (readonly [key: string, value: string])[] = [
    ['PORT', 'http'],
    ['PORT', '0'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['HOST', 'my host'],
    ['HOST', '300.1.1.1'],
    ['EPOST_ORG', 'no domain'],
    ['EPOST_ORG', 'localhost'],
    ['EPOST_ORG', '127.0.0.1'],
    ['EPOST_URL', 'mail.example.org'],
    ['EPOST_URL', 'https://mail.example.org/post'],
    ['EPOST_URL', 'ftp://mail.example.org'],
    ['EPOST_REPLICAS', '0'],
    ['EPOST_REPLICAS', '17'],
    ['EPOST_RELAY_REPLICAS', '9'],
    ['EPOST_AUTHORITY_BITS', '1024'],
    ['EPOST_AUTHORITY_BITS', '3000'],
    ['EPOST_QUOTA', 'a lot'],
    ['EPOST_QUOTA', '10 MiB'],
    ['EPOST_PROT', '7780'],
  ];
  it.each(table)('refuses %s=%s by its name, in one sentence', (key, value) => {
    const sentence = refusal(() => readConfig({ [key]: value }, folder));
    expect(sentence).toMatch(new RegExp(`^${key} [^\n]+\\.$`));
  });

  it('refuses a file that is named and not there', () => {
    expect(refusal(() => readConfig({ EPOST_CONFIG: 'nowhere.toml' }, folder))).toMatch(/^EPOST_CONFIG: /);
  });

  it('leaves variables of tests and benchmarks alone', () => {
    expect(readConfig({ EPOST_CHROMIUM: 'x', EPOST_BENCH_RUNS: '3' }, folder).port).toBe(7780);
  });
});

describe('mistakes in epost.toml', () => {
  const table: readonly (readonly [content: string, sentence: RegExp])[] = [
    ['port = "many"', /^port in .*epost\.toml must be a whole number/],
    ['port = [1]', /^port in /],
    ['data = 5', /^data in .* must be the path of a folder/],
    ['prot = 7780', /^prot in .*epost\.toml is not a setting; there are port, /],
    ['[relay]\nport = 1', /^relay in .* is not a setting/],
    ['port = 7780\nPORT = 7781', /^port in .* is given twice/],
    ['port = ', /epost\.toml, line 1: /],
    ['org = "a b"', /^org in .* must be a domain/],
  ];
  it.each(table)('refuses %j', async (content, sentence) => {
    await writeFile(join(folder, 'epost.toml'), content);
    const refused = refusal(() => readConfig({}, folder));
    expect(refused).toMatch(sentence);
    expect(refused).toMatch(/^[^\n]+\.$/);
  });
});

function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('it was taken');
}
