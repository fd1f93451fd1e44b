/** The page of the tests of the IndexedDB disk: runs the contract's cases, fills and breaks databases. */
import { openIdbKeyValueStore } from '../../../src/adapters/idb/key-value-store.ts';
import { utf8 } from '../../../src/core/codec/bytes.ts';
import { StoreError, type KeyValueStore } from '../../../src/core/storage/key-value-store.ts';
import { keyValueStoreCases } from '../../contract/key-value-store.ts';

const NAME = 'test';
let closed: Promise<void> | undefined;
let store: KeyValueStore | undefined;

async function opened(): Promise<KeyValueStore> {
  store ??= await openIdbKeyValueStore(NAME);
  return store;
}

const idbPage = {
  /** Runs a case of the contract on a database of its own. */
  async runCase(name: string): Promise<void> {
    const open = () => openIdbKeyValueStore(`case ${name}`);
    await keyValueStoreCases.find((one) => one.name === name)!.run(open);
  },

  /** Puts `count` values of `bytes` random bytes in one batch; `ok` or the code of the error. */
  async put(name: string, count: number, bytes: number): Promise<string> {
    const disk = await opened();
    const writes = Array.from({ length: count }, (_, i) => {
      const value = new Uint8Array(bytes);
      for (let at = 0; at < bytes; at += 65_536) crypto.getRandomValues(value.subarray(at, at + 65_536));
      return { type: 'put' as const, key: utf8(`${name}/${i}`), value };
    });
    try {
      await disk.write(writes);
      return 'ok';
    } catch (error) {
      return error instanceof StoreError ? error.code : String(error);
    }
  },

  /** Names of the values that are there. */
  async names(): Promise<string[]> {
    const keys = await (await opened()).keys({ gte: utf8(''), lt: Uint8Array.of(255) });
    return keys.map((key) => new TextDecoder().decode(key));
  },

  /** As another tab would: deletes the database while it is open here. Resolves when it is gone. */
  deleteDatabase(): Promise<void> {
    return new Promise((resolve, reject) => {
      const request = indexedDB.deleteDatabase(NAME);
      request.onsuccess = () => resolve();
      request.onerror = () => reject(request.error ?? new Error('not deleted'));
    });
  },

  /** Opens a connection beside the store's; `closedByBrowser` resolves when the browser has closed it, and so the store's before it. */
  watch(): Promise<void> {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(NAME);
      request.onerror = () => reject(request.error ?? new Error('not opened'));
      request.onsuccess = () => {
        closed = new Promise((done) => request.result.addEventListener('close', () => done()));
        resolve();
      };
    });
  },

  async closedByBrowser(): Promise<void> {
    await closed;
  },

  /** As a newer version of the app would: takes the database to its next version. */
  upgradeDatabase(): Promise<void> {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(NAME, 2);
      request.onsuccess = () => resolve();
      request.onerror = () => reject(request.error ?? new Error('not upgraded'));
    });
  },
};

export type IdbPage = typeof idbPage;
Object.assign(globalThis, { idbPage });
