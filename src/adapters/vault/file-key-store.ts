/** A KeyStore in one file, for Node: sealed by scrypt and a passphrase, mode 0600, replaced as a whole. */
import { scrypt } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { utf8, type Bytes } from '../../core/codec/bytes.ts';
import { bytesMax, bytesOf, codec, listOf, text, whole } from '../../core/codec/schema.ts';
import { RAW_KEY_BYTES } from '../../core/crypto/private-keys.ts';
import { seal, sealKey, unseal } from '../../core/crypto/seal.ts';
import {
  SEALED_BYTES_MAX,
  type KeyChange,
  type KeyStore,
  type NewKey,
  type StoredKey,
} from '../../core/identity/key-store.ts';
import { systemRandom } from '../system/random.ts';
import { storedKey } from './stored-key.ts';

/** RFC 7914. N = 2^17, r = 8, p = 1 takes 128 MiB and about half a second: OWASP's advice for passphrases. */
export interface ScryptCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}
const COST: ScryptCost = { N: 2 ** 17, r: 8, p: 1 };
/** More than this a file may not ask for: 1 GiB. */
const MEMORY_BYTES_MAX = 2 ** 30;
const SALT_BYTES = 16;
const FILE_BYTES_MAX = 1024 * 1024;
const CONTEXT = utf8('epost/key-file/v1');

const keyFileCodec = codec(
  'key file',
  v.strictObject({
    v: v.literal(1),
    kdf: v.strictObject({ name: v.literal('scrypt'), N: whole(2 ** 20), r: whole(32), p: whole(16) }),
    salt: bytesOf(SALT_BYTES),
    sealed: bytesMax(FILE_BYTES_MAX),
  }),
  FILE_BYTES_MAX,
);

const keyListCodec = codec(
  'key list',
  v.strictObject({
    v: v.literal(1),
    keys: listOf(
      v.strictObject({
        name: text(256),
        kind: v.picklist(['ed25519', 'x25519', 'seal']),
        raw: bytesOf(RAW_KEY_BYTES),
        notAfter: whole(),
        sealed: v.optional(bytesMax(SEALED_BYTES_MAX)),
      }),
      1000,
    ),
  }),
  FILE_BYTES_MAX,
);

/** The file cannot be used. Codes: `wrong-passphrase` (or the file was changed), `damaged`, `io`. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError';
  readonly code: 'wrong-passphrase' | 'damaged' | 'io';
  constructor(code: KeyFileError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Opens the keys in `path`, or begins a new file there. Rejects with KeyFileError. */
export async function openFileKeyStore(
  path: string,
  passphrase: string,
  cost: ScryptCost = COST,
): Promise<KeyStore> {
  const found = await readKeyFile(path);
  const kdf = found?.kdf ?? { name: 'scrypt' as const, ...cost };
  const salt = found?.salt ?? systemRandom.bytes(SALT_BYTES);
  const key = await sealKey(await stretch(passphrase, salt, kdf));
  const keys = found ? await unsealKeys(path, key, found.sealed) : [];
  return new FileKeyStore(path, keys, async (list) => {
    const sealed = await seal(key, keyListCodec.encode({ v: 1, keys: [...list] }), CONTEXT, systemRandom);
    return keyFileCodec.encode({ v: 1, kdf, salt, sealed });
  });
}

class FileKeyStore implements KeyStore {
  readonly #path: string;
  readonly #encode: (keys: readonly NewKey[]) => Promise<Bytes>;
  /** As on disk. */
  #keys: readonly NewKey[];
  /** Writes follow one another. */
  #lastWrite: Promise<unknown> = Promise.resolve();

  constructor(path: string, keys: readonly NewKey[], encode: (keys: readonly NewKey[]) => Promise<Bytes>) {
    this.#path = path;
    this.#keys = keys;
    this.#encode = encode;
  }

  async load(): Promise<readonly StoredKey[]> {
    await this.#lastWrite;
    return Promise.all(this.#keys.map(storedKey));
  }

  write(change: KeyChange): Promise<void> {
    // Copied now: the caller wipes raw keys afterwards.
    const add = (change.add ?? []).map((key) => ({ ...key, raw: key.raw.slice() }));
    const write = this.#lastWrite.then(async () => {
      const keys = applied(this.#keys, { ...change, add });
      await replaceFile(this.#path, await this.#encode(keys));
      this.#keys = keys;
    });
    this.#lastWrite = write.catch(() => undefined);
    return write;
  }
}

function applied(
  keys: readonly NewKey[],
  { remove = [], rename = [], add = [] }: KeyChange,
): readonly NewKey[] {
  const byName = new Map(keys.map((key) => [key.name, key]));
  for (const name of remove) byName.delete(name);
  for (const [from, to] of rename) {
    const key = byName.get(from);
    if (!key) continue;
    byName.delete(from);
    byName.set(to, { ...key, name: to });
  }
  for (const key of add) byName.set(key.name, key);
  return [...byName.values()];
}

async function readKeyFile(path: string) {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new KeyFileError('io', `${path} cannot be read`, { cause: error });
  }
  const file = keyFileCodec.decode(bytes);
  if (!file.ok) throw new KeyFileError('damaged', `${path} is not a key file: ${file.reason}`);
  return file.value;
}

async function unsealKeys(path: string, key: CryptoKey, sealed: Bytes): Promise<readonly NewKey[]> {
  const opened = await unseal(key, sealed, CONTEXT);
  if (!opened.ok) throw new KeyFileError('wrong-passphrase', `${path} does not open with this passphrase`);
  const list = keyListCodec.decode(opened.value);
  if (!list.ok) throw new KeyFileError('damaged', `${path} holds no keys: ${list.reason}`);
  return list.value.keys;
}

function stretch(passphrase: string, salt: Bytes, { N, r, p }: ScryptCost): Promise<Bytes> {
  const options = { N, r, p, maxmem: MEMORY_BYTES_MAX };
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFKC'), salt, 32, options, (error, key) =>
      error
        ? reject(new KeyFileError('damaged', 'the key file asks for an impossible scrypt', { cause: error }))
        : resolve(new Uint8Array(key)),
    );
  });
}

/** Old content or new content, never half of one; durable when resolved. */
async function replaceFile(path: string, bytes: Bytes): Promise<void> {
  const temporary = `${path}.new`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.chmod(0o600);
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    const directory = await open(dirname(path), 'r');
    await directory.sync().finally(() => directory.close());
  } catch (error) {
    throw new KeyFileError('io', `${path} cannot be written`, { cause: error });
  }
}
