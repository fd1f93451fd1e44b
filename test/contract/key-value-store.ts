/** The contract of the disk port, as cases that run under vitest and inside a browser page alike. */
import { assert } from '../../src/core/codec/assert.ts';
import { equalBytes, utf8, type Bytes } from '../../src/core/codec/bytes.ts';
import { namespace, prefixRange } from '../../src/core/storage/namespace.ts';
import { StoreError, type KeyValueStore, type Write } from '../../src/core/storage/key-value-store.ts';

export interface ContractCase {
  readonly name: string;
  /** `open` opens the same, at first empty, store each time. Throws when the contract does not hold. */
  readonly run: (open: () => Promise<KeyValueStore>) => Promise<void>;
}

const ALL = { gte: Uint8Array.of(), lt: Uint8Array.of(255, 255, 255) };
const put = (key: Bytes, value: Bytes): Write => ({ type: 'put', key, value });
const remove = (key: Bytes): Write => ({ type: 'delete', key });

function same(found: Uint8Array | undefined, wanted: Uint8Array, what: string): void {
  assert(
    found !== undefined && equalBytes(found, wanted),
    `${what}: ${String(found)}, wanted ${String(wanted)}`,
  );
}

function sameList(found: readonly Uint8Array[], wanted: readonly Uint8Array[], what: string): void {
  assert(found.length === wanted.length, `${what}: ${found.length} items, wanted ${wanted.length}`);
  wanted.forEach((bytes, i) => same(found[i], bytes, `${what}, item ${i}`));
}

async function rejectsWith(code: StoreError['code'], action: () => Promise<unknown>): Promise<void> {
  const error = await action().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert(error instanceof StoreError && error.code === code, `rejects with ${code}, not ${String(error)}`);
}

export const keyValueStoreCases: readonly ContractCase[] = [
  {
    name: 'gives back what was put, and undefined for what was not',
    run: async (open) => {
      const store = await open();
      await store.write([put(utf8('a'), Uint8Array.of(0, 255, 1))]);
      same(await store.get(utf8('a')), Uint8Array.of(0, 255, 1), 'value');
      assert((await store.get(utf8('b'))) === undefined, 'an absent key');
      await store.write([put(utf8('a'), Uint8Array.of())]);
      same(await store.get(utf8('a')), Uint8Array.of(), 'an empty value replaces');
      assert((await store.get(utf8('a'))) instanceof Uint8Array, 'values are Uint8Arrays');
    },
  },
  {
    name: 'applies the writes of a batch in order, the last one wins',
    run: async (open) => {
      const store = await open();
      const key = utf8('key');
      await store.write([put(key, utf8('1')), remove(key), put(key, utf8('2'))]);
      same(await store.get(key), utf8('2'), 'put, delete, put');
      await store.write([put(key, utf8('3')), remove(key)]);
      assert((await store.get(key)) === undefined, 'put, delete');
      await store.write([remove(key)]);
      await store.write([]);
    },
  },
  {
    name: 'orders keys as unsigned bytes and cuts ranges at both ends',
    run: async (open) => {
      const store = await open();
      const keys = [[], [0], [0, 0], [0, 255], [1], [127], [128], [128, 1], [255], [255, 255]].map((k) =>
        Uint8Array.from(k),
      );
      await store.write([...keys].reverse().map((key) => put(key, Uint8Array.from([...key, 7]))));
      sameList(await store.keys(ALL), keys, 'all keys');
      sameList(
        await store.keys({ gte: Uint8Array.of(0, 0), lt: Uint8Array.of(128) }),
        keys.slice(2, 6),
        'from inclusive to exclusive',
      );
      const first = await store.entries({ ...ALL, limit: 3 });
      sameList(
        first.map(([key]) => key),
        keys.slice(0, 3),
        'limited',
      );
      for (const [key, value] of first) same(value, Uint8Array.from([...key, 7]), 'value of an entry');
      const empty = { gte: Uint8Array.of(5), lt: Uint8Array.of(5) };
      sameList(await store.keys(empty), [], 'an empty range');
      sameList(await store.keys({ gte: Uint8Array.of(9), lt: Uint8Array.of(5) }), [], 'a reversed range');
      sameList(await store.keys({ ...ALL, limit: 0 }), [], 'a limit of 0');
      assert((await store.entries(empty)).length === 0, 'no entries in an empty range');
    },
  },
  {
    name: 'keeps its own copy of what it was given and gives',
    run: async (open) => {
      const store = await open();
      const buffer = Uint8Array.of(9, 1, 2, 3, 9);
      const key = utf8('k');
      await store.write([put(key, buffer.subarray(1, 4))]);
      buffer.fill(0);
      key.fill(0);
      const found = await store.get(utf8('k'));
      same(found, Uint8Array.of(1, 2, 3), 'after the writer changed its buffer');
      found!.fill(8);
      same(await store.get(utf8('k')), Uint8Array.of(1, 2, 3), 'after the reader changed its copy');
      assert(found!.buffer.byteLength === 3, 'a value brings no foreign bytes along');
    },
  },
  {
    name: 'holds a value of 1 MiB and many writes at once',
    run: async (open) => {
      const store = await open();
      const large = new Uint8Array(1024 * 1024).map((_, i) => i % 251);
      const many = Array.from({ length: 200 }, (_, i) => put(utf8(`many/${1000 + i}`), utf8(`${i}`)));
      await Promise.all([
        store.write([put(utf8('large'), large)]),
        ...many.map((write) => store.write([write])),
      ]);
      same(await store.get(utf8('large')), large, 'the large value');
      const entries = await store.entries(prefixRange(utf8('many/')));
      assert(entries.length === 200, `200 entries, found ${entries.length}`);
      entries.forEach(([, value], i) => same(value, utf8(`${i}`), `entry ${i}`));
    },
  },
  {
    name: 'keeps concurrent batches in the order of their calls',
    run: async (open) => {
      const store = await open();
      const key = utf8('counter');
      await Promise.all(Array.from({ length: 50 }, (_, i) => store.write([put(key, utf8(`${i}`))])));
      same(await store.get(key), utf8('49'), 'the last call');
    },
  },
  {
    name: 'has everything that was acknowledged after closing and opening',
    run: async (open) => {
      const first = await open();
      const pending = first.write([put(utf8('b'), utf8('2'))]);
      await first.write([put(utf8('a'), utf8('1'))]);
      await first.close();
      await pending;
      const second = await open();
      same(await second.get(utf8('a')), utf8('1'), 'a');
      same(await second.get(utf8('b')), utf8('2'), 'b');
    },
  },
  {
    name: 'rejects with `closed` after close, and closes twice',
    run: async (open) => {
      const store = await open();
      await store.close();
      await store.close();
      await rejectsWith('closed', () => store.get(utf8('a')));
      await rejectsWith('closed', () => store.write([put(utf8('a'), utf8('1'))]));
      await rejectsWith('closed', () => store.keys(ALL));
      await rejectsWith('closed', () => store.entries(ALL));
      await rejectsWith('closed', () => store.usage());
    },
  },
  {
    name: 'tells how many bytes are used and may be used',
    run: async (open) => {
      const store = await open();
      await store.write([put(utf8('a'), new Uint8Array(10_000))]);
      const { usedBytes, quotaBytes } = await store.usage();
      assert(usedBytes > 0 && quotaBytes > usedBytes, `usage ${usedBytes} of ${quotaBytes}`);
    },
  },
  {
    name: 'shows each namespace its own keys only',
    run: async (open) => {
      const store = await open();
      const blocks = namespace(store, 'blocks');
      const other = namespace(store, 'blocks-2');
      await blocks.write([put(utf8('x'), utf8('1')), put(Uint8Array.of(), utf8('0'))]);
      await other.write([put(utf8('x'), utf8('2'))]);
      same(await blocks.get(utf8('x')), utf8('1'), 'one');
      same(await other.get(utf8('x')), utf8('2'), 'the other');
      sameList(await blocks.keys(ALL), [Uint8Array.of(), utf8('x')], 'keys');
      await blocks.write([remove(utf8('x'))]);
      same(await other.get(utf8('x')), utf8('2'), 'the other, untouched');
      assert((await other.entries(ALL)).length === 1, 'entries of the other');
    },
  },
];
