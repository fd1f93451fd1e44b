/** The storage port as one shelf of blocks that counts: what is asked for, how often, and how much at once. */
import { idText, type Key } from '../../../src/core/codec/id.ts';
import type { Bytes } from '../../../src/core/codec/bytes.ts';
import { sha256Of } from '../../../src/core/crypto/hash.ts';
import { StorageError, type Storage, type Stored } from '../../../src/core/storage/storage.ts';

export class BlockShelf implements Pick<Storage, 'keep' | 'insert' | 'fetch'> {
  readonly blocks = new Map<string, Bytes>();
  readonly fetched: string[] = [];
  underWay = 0;
  underWayMax = 0;

  keep(block: Bytes): Promise<Key> {
    return this.#counted(async () => {
      const key = await sha256Of(block);
      this.blocks.set(idText(key), block);
      return key;
    });
  }

  insert(key: Key): Promise<Stored> {
    return this.#counted(() => Promise.resolve({ key, receipts: [], wanted: 0 }));
  }

  fetch(key: Key): Promise<Bytes> {
    return this.#counted(() => {
      this.fetched.push(idText(key));
      const block = this.blocks.get(idText(key));
      if (block === undefined) throw new StorageError('not-found', 'not on the shelf');
      return Promise.resolve(block);
    });
  }

  async #counted<T>(work: () => Promise<T>): Promise<T> {
    this.underWay += 1;
    this.underWayMax = Math.max(this.underWayMax, this.underWay);
    // Time for others to begin.
    await new Promise((resolve) => setImmediate(resolve));
    try {
      return await work();
    } finally {
      this.underWay -= 1;
    }
  }
}
