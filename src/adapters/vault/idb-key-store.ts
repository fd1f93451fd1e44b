/** A KeyStore in IndexedDB, for the service worker: CryptoKeys by structured clone, their raw bytes forgotten. */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { KeyChange, KeyStore, StoredKey } from '../../core/identity/key-store.ts';
import { storedKey } from './stored-key.ts';

const DATABASE = 'epost-vault';

interface VaultSchema extends DBSchema {
  keys: { key: string; value: StoredKey };
}

export class IdbKeyStore implements KeyStore {
  #opening: Promise<IDBPDatabase<VaultSchema>> | undefined;

  async load(): Promise<readonly StoredKey[]> {
    return (await this.#database()).getAll('keys');
  }

  async write({ remove = [], rename = [], add = [] }: KeyChange): Promise<void> {
    const added = await Promise.all(add.map(storedKey));
    const transaction = (await this.#database()).transaction('keys', 'readwrite', { durability: 'strict' });
    const { store } = transaction;
    const change = async (): Promise<void> => {
      await Promise.all(remove.map((name) => store.delete(name)));
      for (const [from, to] of rename) {
        const key = await store.get(from);
        if (key) await Promise.all([store.delete(from), store.put({ ...key, name: to })]);
      }
      await Promise.all(added.map((key) => store.put(key)));
    };
    await Promise.all([change(), transaction.done]);
  }

  /** Opened once, and again when the browser closed it. */
  #database(): Promise<IDBPDatabase<VaultSchema>> {
    if (this.#opening) return this.#opening;
    const forget = (): void => {
      if (this.#opening === opening) this.#opening = undefined;
    };
    const opening = openDB<VaultSchema>(DATABASE, 1, {
      upgrade: (database) => void database.createObjectStore('keys', { keyPath: 'name' }),
      blocking: () => {
        forget();
        void opening.then((database) => database.close());
      },
      terminated: forget,
    });
    opening.catch(forget);
    this.#opening = opening;
    return opening;
  }
}
