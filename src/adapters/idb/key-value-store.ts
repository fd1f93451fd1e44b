/** The disk port over IndexedDB, for a tab: one strictly durable transaction per group of batches. */
import { openDB, type IDBPDatabase } from 'idb';
import { concat, type Bytes } from '../../core/codec/bytes.ts';
import { GroupCommit } from '../../core/storage/group-commit.ts';
import {
  StoreError,
  type KeyRange,
  type KeyValueStore,
  type Write,
} from '../../core/storage/key-value-store.ts';

const OBJECT_STORE = 'entries';
const VERSION = 1;

/**
 * Opens (or creates) the database `name` of this origin. The connection is opened again when the browser has closed
 * it. Rejects with StoreError.
 */
export async function openIdbKeyValueStore(name: string): Promise<KeyValueStore> {
  const store = new IdbKeyValueStore(name);
  await store.open();
  return store;
}

class IdbKeyValueStore implements KeyValueStore {
  readonly #name: string;
  readonly #group = new GroupCommit((writes) => this.#commit(writes), turnOfEvents);
  #connection: Promise<IDBPDatabase> | undefined;
  #closed = false;

  constructor(name: string) {
    this.#name = name;
  }

  async open(): Promise<void> {
    await this.#attempt(async () => undefined);
  }

  get(key: Bytes): Promise<Bytes | undefined> {
    return this.#attempt((database) => database.get(OBJECT_STORE, key) as Promise<Bytes | undefined>);
  }

  write(writes: readonly Write[]): Promise<void> {
    if (this.#closed) return Promise.reject(closedError());
    return this.#group.write(writes);
  }

  async keys(range: KeyRange): Promise<Bytes[]> {
    const bounds = idbRange(range);
    if (bounds === undefined) return [];
    const keys = await this.#attempt((database) => database.getAllKeys(OBJECT_STORE, bounds, range.limit));
    return keys.map(keyBytes);
  }

  async entries(range: KeyRange): Promise<(readonly [Bytes, Bytes])[]> {
    const bounds = idbRange(range);
    if (bounds === undefined) return [];
    const [keys, values] = await this.#attempt((database) => {
      const { store } = database.transaction(OBJECT_STORE);
      return Promise.all([
        store.getAllKeys(bounds, range.limit),
        store.getAll(bounds, range.limit) as Promise<Bytes[]>,
      ]);
    });
    return keys.map((key, i) => [keyBytes(key), values[i]!] as const);
  }

  /** As the browser estimates it, for the whole origin. */
  async usage(): Promise<{ usedBytes: number; quotaBytes: number }> {
    if (this.#closed) throw closedError();
    const { usage, quota } = await navigator.storage.estimate();
    return { usedBytes: usage ?? 0, quotaBytes: quota ?? Number.MAX_SAFE_INTEGER };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#group.idle();
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection !== undefined) (await connection).close();
  }

  #commit(writes: readonly Write[]): Promise<void> {
    return this.#attempt(async (database) => {
      const transaction = database.transaction(OBJECT_STORE, 'readwrite', { durability: 'strict' });
      const requests = writes.map((write) =>
        write.type === 'put'
          ? transaction.store.put(ownBuffer(write.value), write.key)
          : transaction.store.delete(write.key),
      );
      // A failed request aborts the transaction; its error says more than the transaction's.
      await Promise.all([...requests, transaction.done]);
    }, true);
  }

  /** Runs `action`; when the connection turns out to be closed already, once more on a fresh one. */
  async #attempt<T>(action: (database: IDBPDatabase) => Promise<T>, draining = false): Promise<T> {
    if (this.#closed && !draining) throw closedError();
    try {
      return await action(await this.#database());
    } catch (error) {
      if (!isClosing(error) || this.#closed) throw storeError(error);
      this.#connection = undefined;
    }
    try {
      return await action(await this.#database());
    } catch (error) {
      throw storeError(error);
    }
  }

  #database(): Promise<IDBPDatabase> {
    if (this.#connection !== undefined) return this.#connection;
    const connection = openDB(this.#name, VERSION, {
      upgrade: (database) => {
        database.createObjectStore(OBJECT_STORE);
      },
      // Another tab upgrades or deletes the database: let it, and open again at the next use.
      blocking: () => forget(),
      terminated: () => forget(),
    });
    const forget = (): void => {
      if (this.#connection === connection) this.#connection = undefined;
      void connection.then((database) => database.close());
    };
    connection.catch(() => {
      if (this.#connection === connection) this.#connection = undefined;
    });
    this.#connection = connection;
    return connection;
  }
}

/** What was resolved so far has been acted upon. Unlike a timer it costs no millisecond, and a hidden tab does not wait a second for it. */
function turnOfEvents(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

/** IndexedDB throws for ranges that hold nothing. */
function idbRange({ gte, lt, limit }: KeyRange): IDBKeyRange | undefined {
  if (indexedDB.cmp(gte, lt) >= 0 || limit === 0) return undefined;
  return IDBKeyRange.bound(gte, lt, false, true);
}

function keyBytes(key: IDBValidKey): Bytes {
  return new Uint8Array(key as ArrayBuffer);
}

/** The structured clone of a view stores its whole buffer. */
function ownBuffer(value: Bytes): Bytes {
  return value.byteLength === value.buffer.byteLength ? value : concat(value);
}

function isClosing(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'InvalidStateError';
}

function closedError(): StoreError {
  return new StoreError('closed', 'The database is closed.');
}

function storeError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const name = error instanceof Error ? error.name : '';
  if (name === 'QuotaExceededError')
    return new StoreError('full', 'This browser gives the mailbox no more disk space.', { cause: error });
  if (name === 'VersionError')
    return new StoreError('closed', 'Another tab uses a newer version of this app: reload this one.', {
      cause: error,
    });
  const message = error instanceof Error ? error.message : String(error);
  return new StoreError('io', `The browser's database failed: ${message}`, { cause: error });
}
