/** Watches a disk for being full: a write failed for lack of space and none has succeeded since. */
import { StoreError, type KeyValueStore } from '../storage/key-value-store.ts';

export interface WatchedDisk {
  /** The same disk. */
  readonly store: KeyValueStore;
  readonly full: () => boolean;
}

/** `changed` is called when the disk becomes full and when it has room again. */
export function watchDisk(store: KeyValueStore, changed: (full: boolean) => void): WatchedDisk {
  let full = false;
  const now = (is: boolean): void => {
    if (is === full) return;
    full = is;
    changed(is);
  };
  return {
    full: () => full,
    store: {
      get: (key) => store.get(key),
      keys: (range) => store.keys(range),
      entries: (range) => store.entries(range),
      usage: () => store.usage(),
      close: () => store.close(),
      async write(writes) {
        try {
          await store.write(writes);
        } catch (error) {
          if (error instanceof StoreError && error.code === 'full') now(true);
          throw error;
        }
        // Deletions succeed on a full disk too: they prove nothing.
        if (writes.some(({ type }) => type === 'put')) now(false);
      },
    },
  };
}
