/** The relay's settings: environment over `epost.toml` over defaults; anything odd is refused with one sentence. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse, TomlError } from 'smol-toml';
import { canonicalDomain } from '../../src/core/identity/names.ts';

export interface RelayConfig {
  /** TCP port of the web app, the authority and the websockets. */
  readonly port: number;
  /** Where it listens: an IP address, or `localhost` for both loopback addresses. */
  readonly host: string;
  /** Absolute path of the data folder. */
  readonly dataDir: string;
  /** Domain of the organization, canonical. */
  readonly domain: string;
  /** What people's browsers open: an origin, without a slash at its end. */
  readonly url: string;
  /** Replicas on the nearest live nodes (k). */
  readonly replicas: number;
  /** Replicas on the nearest relays (a). */
  readonly relayReplicas: number;
  /** Size of the authority's modulus when it is made. */
  readonly authorityBits: number;
  /** Most bytes of other people's data kept on this disk. */
  readonly quotaBytes: number;
}

/** A bad setting: the message is one sentence that names its key. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

type Source = { readonly name: string; readonly value: unknown };

interface Setting<T> {
  /** Name in the environment; in `epost.toml` it may be used too. */
  readonly variable: string;
  /** Name in `epost.toml`. */
  readonly key: string;
  readonly read: (source: Source) => T;
}

const settings = {
  port: setting('PORT', 'port', whole(1, 65_535)),
  host: setting('HOST', 'host', host),
  dataDir: setting('EPOST_DATA', 'data', nonEmpty),
  domain: setting('EPOST_ORG', 'org', domain),
  url: setting('EPOST_URL', 'url', origin),
  replicas: setting('EPOST_REPLICAS', 'replicas', whole(1, 16)),
  relayReplicas: setting('EPOST_RELAY_REPLICAS', 'relay_replicas', whole(0, 8)),
  authorityBits: setting('EPOST_AUTHORITY_BITS', 'authority_bits', modulusBits),
  quotaBytes: setting('EPOST_QUOTA', 'quota', size),
};

/** Environment variables of ours that are no settings of the relay; those of tests and benchmarks are named so. */
const OTHER_VARIABLES = ['EPOST_CONFIG', 'EPOST_CHROMIUM'];
const QUOTA_BYTES_DEFAULT = 10 * 1024 ** 3;

/**
 * Reads `EPOST_CONFIG`, or else `epost.toml` in `folder` if there is one. A relative data folder starts at the file that
 * names it, else at `folder`. Throws ConfigError.
 */
export function readConfig(environment: NodeJS.ProcessEnv, folder: string): RelayConfig {
  const path = resolve(folder, environment['EPOST_CONFIG'] ?? 'epost.toml');
  const file = readFile(path, environment['EPOST_CONFIG'] !== undefined);
  refuseUnknownVariables(environment);

  const find = <T>({ variable, key, read }: Setting<T>): T | undefined => {
    const fromEnvironment = environment[variable];
    if (fromEnvironment !== undefined && fromEnvironment !== '')
      return read({ name: variable, value: fromEnvironment });
    const name = file.has(variable) ? variable : key;
    return file.has(name) ? read({ name: `${name} in ${path}`, value: file.get(name) }) : undefined;
  };
  const dataFrom = environment['EPOST_DATA'] ? folder : dirname(path);
  const port = find(settings.port) ?? 7780;
  return {
    port,
    host: find(settings.host) ?? 'localhost',
    dataDir: resolve(dataFrom, find(settings.dataDir) ?? 'data'),
    domain: find(settings.domain) ?? 'example.org',
    url: find(settings.url) ?? `http://localhost:${port}`,
    replicas: find(settings.replicas) ?? 3,
    relayReplicas: find(settings.relayReplicas) ?? 1,
    authorityBits: find(settings.authorityBits) ?? 3072,
    quotaBytes: find(settings.quotaBytes) ?? QUOTA_BYTES_DEFAULT,
  };
}

function setting<T>(variable: string, key: string, read: (source: Source) => T): Setting<T> {
  return { variable, key, read };
}

function readFile(path: string, required: boolean): Map<string, unknown> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && !required) return new Map();
    throw new ConfigError(`EPOST_CONFIG: ${path} cannot be read (${code}).`);
  }
  try {
    const values = new Map<string, unknown>(Object.entries(parse(text)));
    refuseUnknownKeys(values, path);
    return values;
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const problem = error.message.split('\n')[0]!.replace(/\.$/, '');
    throw new ConfigError(`${path}, line ${error.line}: ${problem}.`);
  }
}

function refuseUnknownKeys(values: ReadonlyMap<string, unknown>, path: string): void {
  const known = Object.values(settings);
  for (const name of values.keys())
    if (!known.some(({ key, variable }) => name === key || name === variable))
      throw new ConfigError(
        `${name} in ${path} is not a setting; there are ${known.map(({ key }) => key).join(', ')}.`,
      );
  for (const { key, variable } of known)
    if (values.has(key) && values.has(variable))
      throw new ConfigError(`${key} in ${path} is given twice, as ${variable} too.`);
}

function refuseUnknownVariables(environment: NodeJS.ProcessEnv): void {
  const known = [...Object.values(settings).map(({ variable }) => variable), ...OTHER_VARIABLES];
  for (const name of Object.keys(environment))
    if (/^EPOST_(?!TEST_|BENCH_)/.test(name) && !known.includes(name))
      throw new ConfigError(
        `${name} in the environment is not a setting; there are ${known.slice(0, -2).join(', ')}.`,
      );
}

function whole(min: number, max: number) {
  return ({ name, value }: Source): number => {
    const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
    if (typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max)
      return number;
    throw new ConfigError(`${name} must be a whole number from ${min} to ${max}, not ${shown(value)}.`);
  };
}

function nonEmpty({ name, value }: Source): string {
  if (typeof value === 'string' && value.trim() !== '' && !value.includes('\0')) return value;
  throw new ConfigError(`${name} must be the path of a folder, not ${shown(value)}.`);
}

function host({ name, value }: Source): string {
  if (typeof value === 'string' && (value === 'localhost' || isIpAddress(value))) return value;
  throw new ConfigError(`${name} must be an IP address or localhost, not ${shown(value)}.`);
}

/** The domain of the organization's addresses, in its ASCII form, with at least two labels. */
function domain({ name, value }: Source): string {
  const canonical = typeof value === 'string' ? canonicalDomain(value) : undefined;
  if (canonical?.ok && canonical.value.includes('.')) return canonical.value;
  throw new ConfigError(`${name} must be a domain like example.org, not ${shown(value)}.`);
}

function origin({ name, value }: Source): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  const plain = url !== undefined && url.pathname === '/' && url.search === '' && url.hash === '';
  if (plain && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '')
    return url.origin;
  throw new ConfigError(
    `${name} must be an address like https://mail.example.org, without a path, not ${shown(value)}.`,
  );
}

function modulusBits({ name, value }: Source): number {
  const bits = whole(2048, 3072)({ name, value });
  if (bits === 2048 || bits === 3072) return bits;
  throw new ConfigError(`${name} must be 2048 or 3072, not ${shown(value)}.`);
}

const UNITS: Readonly<Record<string, number>> = { MIB: 1024 ** 2, GIB: 1024 ** 3, TIB: 1024 ** 4 };
const QUOTA_BYTES_MIN = 64 * 1024 ** 2;

/** Bytes, or a number with a unit: `500 MiB`, `20 GiB`, `1 TiB`. */
function size({ name, value }: Source): number {
  const match = /^(\d{1,16})\s*([MGT]iB)?$/i.exec(String(value).trim());
  const bytes = match ? Number(match[1]) * (match[2] ? (UNITS[match[2].toUpperCase()] ?? NaN) : 1) : NaN;
  if (Number.isSafeInteger(bytes) && bytes >= QUOTA_BYTES_MIN) return bytes;
  throw new ConfigError(`${name} must be a size of at least 64 MiB, like 20 GiB, not ${shown(value)}.`);
}

function isIpAddress(text: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(text)
    ? text.split('.').every((part) => Number(part) <= 255)
    : /^[0-9a-f:]+$/i.test(text) && text.includes(':') && URL.canParse(`http://[${text}]/`);
}

function shown(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 60) ?? typeof value;
}
