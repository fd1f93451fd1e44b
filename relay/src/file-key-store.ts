/** The keys of the relay's own node, in one file that only its user can read: a relay starts without anybody typing. */
import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { bytesOf, codec, listOf, text, timeSchema } from '../../src/core/codec/schema.ts';
import { RAW_KEY_BYTES } from '../../src/core/crypto/private-keys.ts';
import type { KeyChange, KeyStore, NewKey, StoredKey } from '../../src/core/identity/key-store.ts';
import { storedKey } from '../../src/adapters/vault/stored-key.ts';
import { writeDurably } from './durable-file.ts';
import { OperatorError } from './operator-error.ts';

const KEYS_MAX = 1024;

const keysCodec = codec(
  'key file',
  v.strictObject({
    v: v.literal(1),
    keys: listOf(
      v.strictObject({
        name: text(200),
        kind: v.picklist(['ed25519', 'x25519', 'seal']),
        raw: bytesOf(RAW_KEY_BYTES),
        notAfter: timeSchema,
      }),
      KEYS_MAX,
    ),
  }),
  256 * 1024,
);

/** The whole file is replaced at each change; changes follow one another. */
export class FileKeyStore implements KeyStore {
  readonly #path: string;
  #last: Promise<unknown> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  async load(): Promise<readonly StoredKey[]> {
    await this.#last;
    return Promise.all((await this.#read()).map(storedKey));
  }

  write({ remove = [], rename = [], add = [] }: KeyChange): Promise<void> {
    // The caller wipes the raw bytes when we are done.
    const written = this.#last.then(async () => {
      const keys = new Map((await this.#read()).map((key) => [key.name, key]));
      for (const name of remove) keys.delete(name);
      for (const [from, to] of rename) {
        const key = keys.get(from);
        if (!key) continue;
        keys.delete(from);
        keys.set(to, { ...key, name: to });
      }
      for (const key of add) keys.set(key.name, key);
      await writeDurably(this.#path, keysCodec.encode({ v: 1, keys: [...keys.values()] }));
    });
    this.#last = written.catch(() => undefined);
    return written;
  }

  async #read(): Promise<readonly NewKey[]> {
    let bytes: Buffer;
    try {
      bytes = await readFile(this.#path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return [];
      throw new OperatorError(`The relay's keys ${this.#path} cannot be read (${code}).`, { cause: error });
    }
    const decoded = keysCodec.decode(bytes);
    if (decoded.ok) return decoded.value.keys;
    throw new OperatorError(`The relay's keys ${this.#path} are damaged: put them back from a back-up.`);
  }
}
