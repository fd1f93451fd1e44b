/** A view of a key-value store under a name, so that several users of one disk never see each other's keys. */
import { assert } from '../codec/assert.ts';
import { concat, utf8, type Bytes } from '../codec/bytes.ts';
import type { KeyRange, KeyValueStore, Write } from './key-value-store.ts';

/**
 * The keys of `store` that start with `name` and a slash, seen without that prefix. `name` has only lower-case letters,
 * digits and hyphens, so no two names give overlapping prefixes. Closing a view leaves the store open: its owner closes it.
 */
export function namespace(store: KeyValueStore, name: string): KeyValueStore {
  assert(/^[a-z0-9-]+$/.test(name), `a namespace is named in lower-case letters, digits, hyphens: ${name}`);
  const prefix = utf8(`${name}/`);
  const full = (key: Bytes): Bytes => concat(prefix, key);
  const bare = (key: Bytes): Bytes => key.slice(prefix.length);
  const fullRange = (range: KeyRange): KeyRange => ({
    ...range,
    gte: full(range.gte),
    lt: full(range.lt),
  });
  const fullWrite = (write: Write): Write => ({ ...write, key: full(write.key) });
  return {
    get: (key) => store.get(full(key)),
    write: (writes) => store.write(writes.map(fullWrite)),
    keys: async (range) => (await store.keys(fullRange(range))).map(bare),
    entries: async (range) =>
      (await store.entries(fullRange(range))).map(([key, value]) => [bare(key), value] as const),
    usage: () => store.usage(),
    close: () => Promise.resolve(),
  };
}

/** All keys that start with `prefix`. */
export function prefixRange(prefix: Uint8Array, limit?: number): KeyRange {
  const range = { gte: concat(prefix), lt: successor(prefix) };
  return limit === undefined ? range : { ...range, limit };
}

/** The key next after `key`: where a walk in pages goes on. */
export function after(key: Bytes): Bytes {
  return concat(key, Uint8Array.of(0));
}

/** The smallest byte string after all that start with `prefix`, whose bytes are not all 255. */
function successor(prefix: Uint8Array): Bytes {
  let end = prefix.length;
  while (end > 0 && prefix[end - 1] === 255) end--;
  assert(end > 0, 'a prefix needs a byte below 255');
  const out = concat(prefix.subarray(0, end));
  out[end - 1]!++;
  return out;
}
