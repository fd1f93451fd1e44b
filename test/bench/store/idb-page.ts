/** The page of the benchmark of a tab's disk. */
import { openDB } from 'idb';
import { openIdbKeyValueStore } from '../../../src/adapters/idb/key-value-store.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { assert } from '../../../src/core/codec/assert.ts';
import type { Bytes } from '../../../src/core/codec/bytes.ts';
import { Counters } from '../../../src/core/codec/counters.ts';
import { sha256Of } from '../../../src/core/crypto/hash.ts';
import { mapBounded } from '../../../src/core/post/bounded.ts';
import { BlockStore } from '../../../src/core/storage/block-store.ts';
import { megabytesPerSecond } from './row.ts';

/** In MB/s. */
export interface IdbSpeeds {
  readonly put: number;
  readonly got: number;
  readonly barePut: number;
  readonly bareGot: number;
  readonly hashed: number;
}

interface Size {
  readonly bytes: number;
  readonly count: number;
  readonly underWay: number;
}

const idbBenchPage = {
  async round(name: string, size: Size): Promise<IdbSpeeds> {
    const blocks = Array.from({ length: size.count }, () => randomBlock(size.bytes));
    const speed = async (work: () => Promise<unknown>): Promise<number> => {
      const started = performance.now();
      await work();
      return megabytesPerSecond(size.bytes * size.count, performance.now() - started);
    };
    const keys: Bytes[] = [];
    const hashed = await speed(() =>
      mapBounded(blocks, size.underWay, async (block, i) => (keys[i] = await sha256Of(block))),
    );
    const bare = await bareRound(`bare ${name}`, size, blocks, keys, speed);
    const own = await ownRound(`own ${name}`, size, blocks, keys, speed);
    return { hashed, ...bare, ...own };
  },
};

type Speed = (work: () => Promise<unknown>) => Promise<number>;

async function bareRound(
  name: string,
  { underWay }: Size,
  blocks: readonly Bytes[],
  keys: readonly Bytes[],
  speed: Speed,
): Promise<Pick<IdbSpeeds, 'barePut' | 'bareGot'>> {
  const database = await openDB(name, 1, { upgrade: (made) => void made.createObjectStore('entries') });
  const barePut = await speed(async () => {
    for (let i = 0; i < blocks.length; i += underWay) {
      const transaction = database.transaction('entries', 'readwrite', { durability: 'strict' });
      const batch = blocks.slice(i, i + underWay);
      await Promise.all([
        ...batch.map((block, j) => transaction.store.put(block, keys[i + j]!)),
        transaction.done,
      ]);
    }
  });
  const bareGot = await speed(() =>
    mapBounded(keys, underWay, async (key) => {
      assert((await database.get('entries', key)) !== undefined, 'it is there');
    }),
  );
  database.close();
  indexedDB.deleteDatabase(name);
  return { barePut, bareGot };
}

async function ownRound(
  name: string,
  { underWay }: Size,
  blocks: readonly Bytes[],
  keys: readonly Bytes[],
  speed: Speed,
): Promise<Pick<IdbSpeeds, 'put' | 'got'>> {
  const store = await openIdbKeyValueStore(name);
  const clock = systemClock;
  const counters = new Counters(() => clock.now());
  // Nothing that a certificate would have to prove is put here.
  const trust = { ring: new Uint8Array(32), authorityKey: new Uint8Array(0) };
  const opened = await BlockStore.open({
    store,
    trust,
    clock,
    counters,
    quotaBytes: Number.MAX_SAFE_INTEGER,
  });
  const put = await speed(() =>
    mapBounded(blocks, underWay, async (block) => {
      assert((await opened.keepBlock(block)).ok, 'it is kept');
    }),
  );
  const got = await speed(() =>
    mapBounded(keys, underWay, async (key) => {
      assert((await opened.getBlock(key)) !== undefined, 'it is there');
    }),
  );
  await store.close();
  indexedDB.deleteDatabase(name);
  return { put, got };
}

function randomBlock(length: number): Bytes {
  const block = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(block.subarray(at, at + 65_536));
  return block;
}

export type IdbBenchPage = typeof idbBenchPage;
Object.assign(globalThis, { idbBenchPage });
