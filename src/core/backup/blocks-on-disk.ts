/** Every content block that a disk holds, whoever it is of. */
import type { Bytes } from '../codec/bytes.ts';
import type { KeyValueStore } from '../storage/key-value-store.ts';
import { dataKey, indexPrefix, placeOfIndexKey } from '../storage/layout.ts';
import { after, namespace, prefixRange } from '../storage/namespace.ts';

/** Index entries that are read at once. */
const PAGE = 256;

/** Blocks one by one, in the order of their keys; `look` is called for each. What is removed meanwhile is left out. Rejects with StoreError. */
export async function* blocksOnDisk(disk: KeyValueStore, look: () => void): AsyncGenerator<Bytes> {
  const store = namespace(disk, 'storage');
  let range = prefixRange(indexPrefix('block'), PAGE);
  for (;;) {
    const keys = await store.keys(range);
    for (const key of keys) {
      look();
      const block = await store.get(dataKey(placeOfIndexKey(key)));
      if (block !== undefined) yield block;
    }
    if (keys.length < PAGE) return;
    range = { ...range, gte: after(keys.at(-1)!) };
  }
}
