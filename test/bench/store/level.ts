/**
 * The relay's disk: blocks put and got through the product's BlockStore on LevelDB, against LevelDB alone with the same options (and with
 * its defaults), the same number under way and every batch synced; and against SHA-256 alone, since each get is verified. Where LevelDB
 * or Node has two ways, the faster one counts. Rounds take turns, each on an empty folder.
 *
 * Estimate: a put is LevelDB's write of the same bytes plus an index entry of 180 bytes, one hash (2 GB/s), 5 µs of promises and, where a
 * member puts it, its checks of a lease (three signatures, 200 µs): nothing beside the write of 256 KiB, and half as much again beside
 * the 20 µs that 4 KiB take in a batch of 256. A get reads the data alone and hashes: 4 KiB 10 and 3 µs, 256 KiB 90 and 130 µs, on one
 * thread where LevelDB's reads have four.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { openLevelKeyValueStore } from '../../../src/adapters/level/key-value-store.ts';
import { VirtualClock } from '../../../src/adapters/memory/clock.ts';
import { assert } from '../../../src/core/codec/assert.ts';
import { equalBytes, type Bytes } from '../../../src/core/codec/bytes.ts';
import { Counters } from '../../../src/core/codec/counters.ts';
import type { Key } from '../../../src/core/codec/id.ts';
import { sha256Of } from '../../../src/core/crypto/hash.ts';
import { mapBounded } from '../../../src/core/post/bounded.ts';
import { BlockStore } from '../../../src/core/storage/block-store.ts';
import type { Lease } from '../../../src/core/storage/wire.ts';
import { createTestRing } from '../../support/ring.ts';
import { createMember } from '../../unit/storage/member.ts';
import { someBytes } from '../overlay/pick.ts';
import { median } from '../overlay/statistics.ts';
import { megabytesPerSecond, type Row } from './row.ts';

interface Size {
  readonly name: string;
  readonly bytes: number;
  readonly count: number;
  readonly underWay: number;
}

const SIZES: readonly Size[] = [
  { name: '4 KiB', bytes: 4 * 1024, count: 4096, underWay: 256 },
  { name: '256 KiB', bytes: 256 * 1024, count: 256, underWay: 32 },
];
const ROUNDS = 5;

interface Block {
  readonly key: Key;
  readonly bytes: Bytes;
  readonly lease: Lease;
}

const figures = [
  'kept',
  'put',
  'got',
  'barePut',
  'bareChainedPut',
  'bareGot',
  'bareVerified',
  'defaultPut',
  'defaultGot',
  'hashed',
  'webHashed',
] as const;
/** In MB/s, one a round. */
type Speeds = Record<(typeof figures)[number], number[]>;

/** What the adapter gives LevelDB. */
const SAME_OPTIONS = { compression: false, writeBufferSize: 16 * 1024 * 1024 } as const;

export async function measureLevel(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const size of SIZES) {
    const blocks = await makeBlocks(size);
    const speeds = noSpeeds();
    // The first round warms up.
    for (let round = 0; round <= ROUNDS; round++) {
      const into = round === 0 ? noSpeeds() : speeds;
      await inFolder((folder) => bareRound(folder, size, blocks, into));
      await inFolder((folder) => defaultRound(folder, size, blocks, into));
      await inFolder((folder) => ownRound(folder, size, blocks, into));
      const ms = await timed(() => mapBounded(blocks, size.underWay, ({ bytes }) => sha256Of(bytes)));
      into.hashed.push(speedOf(size, ms));
      const webMs = await timed(() =>
        mapBounded(blocks, size.underWay, ({ bytes }) => crypto.subtle.digest('SHA-256', bytes)),
      );
      into.webHashed.push(speedOf(size, webMs));
    }
    rows.push(...rowsOf(size, speeds));
  }
  return rows;
}

function noSpeeds(): Speeds {
  return Object.fromEntries(figures.map((name) => [name, [] as number[]])) as Speeds;
}

function rowsOf({ name }: Size, speeds: Speeds): Row[] {
  const of = (figure: keyof Speeds): number => median(speeds[figure]);
  const [kept, put, got, bareGot] = [of('kept'), of('put'), of('got'), of('bareGot')];
  const barePut = Math.max(of('barePut'), of('bareChainedPut'));
  const hashed = Math.max(of('hashed'), of('webHashed'));
  const defaults = 'LevelDB with its defaults';
  return [
    { figure: `relay puts of ${name}, MB/s`, ours: kept, peer: barePut, peerName: 'LevelDB', ratioMin: 0.9 },
    { figure: 'the same', ours: kept, peer: of('defaultPut'), peerName: defaults },
    { figure: `the same under a member's lease`, ours: put, peer: barePut, peerName: 'LevelDB' },
    {
      figure: `relay verified gets of ${name}, MB/s`,
      ours: got,
      peer: Math.min(bareGot, hashed),
      peerName: bareGot < hashed ? 'LevelDB, slower than SHA-256' : 'SHA-256, slower than LevelDB',
      ratioMin: 0.7,
    },
    {
      figure: 'the same',
      ours: got,
      peer: of('bareVerified'),
      peerName: 'LevelDB, then SHA-256, on the same cores',
    },
    { figure: 'the same', ours: got, peer: of('defaultGot'), peerName: defaults },
    { figure: `LevelDB gets of ${name}, MB/s`, ours: bareGot },
    { figure: `SHA-256 of ${name}, MB/s`, ours: hashed },
  ];
}

async function makeBlocks({ bytes, count }: Size): Promise<Block[]> {
  const alice = await createMember(await createTestRing('bench'), 'alice');
  return mapBounded(Array.from({ length: count }), 16, async () => {
    const block = someBytes(bytes);
    const key = await sha256Of(block);
    return { key, bytes: block, lease: await alice.lease(key, block.length) };
  });
}

async function bareRound(
  folder: string,
  size: Size,
  blocks: readonly Block[],
  speeds: Speeds,
): Promise<void> {
  const level = await openLevel(join(folder, 'array'), SAME_OPTIONS);
  speeds.barePut.push(speedOf(size, await timed(() => putAll(level, size, blocks))));
  speeds.bareGot.push(speedOf(size, await timed(() => getAll(level, size, blocks))));
  const verifiedMs = await timed(() =>
    mapBounded(blocks, size.underWay, async ({ key }) => {
      const value = await level.get(key);
      assert(value !== undefined && equalBytes(await sha256Of(value as Bytes), key), 'it is whole');
    }),
  );
  speeds.bareVerified.push(speedOf(size, verifiedMs));
  await level.close();
  await rm(join(folder, 'array'), { recursive: true });
  const chained = await openLevel(join(folder, 'chained'), SAME_OPTIONS);
  const chainedMs = await timed(async () => {
    for (let i = 0; i < blocks.length; i += size.underWay) {
      const batch = chained.batch();
      for (const { key, bytes } of blocks.slice(i, i + size.underWay)) batch.put(key, bytes);
      await batch.write({ sync: true });
    }
  });
  speeds.bareChainedPut.push(speedOf(size, chainedMs));
  await chained.close();
}

async function defaultRound(
  folder: string,
  size: Size,
  blocks: readonly Block[],
  speeds: Speeds,
): Promise<void> {
  const level = await openLevel(folder, {});
  speeds.defaultPut.push(speedOf(size, await timed(() => putAll(level, size, blocks))));
  speeds.defaultGot.push(speedOf(size, await timed(() => getAll(level, size, blocks))));
  await level.close();
}

type Level = ClassicLevel<Uint8Array, Uint8Array>;

async function openLevel(folder: string, options: Partial<typeof SAME_OPTIONS>): Promise<Level> {
  const level: Level = new ClassicLevel(folder, { keyEncoding: 'view', valueEncoding: 'view', ...options });
  await level.open();
  return level;
}

async function putAll(level: Level, { underWay }: Size, blocks: readonly Block[]): Promise<void> {
  for (let i = 0; i < blocks.length; i += underWay) {
    const batch = blocks.slice(i, i + underWay);
    await level.batch(
      batch.map(({ key, bytes }) => ({ type: 'put', key, value: bytes })),
      { sync: true },
    );
  }
}

async function getAll(level: Level, { underWay }: Size, blocks: readonly Block[]): Promise<void> {
  await mapBounded(blocks, underWay, async ({ key, bytes }) => {
    const value = await level.get(key);
    assert(value?.length === bytes.length, 'it is there');
  });
}

/** The same, by the product: once as its own user's blocks, once as those of a member, with a lease each. */
async function ownRound(folder: string, size: Size, blocks: readonly Block[], speeds: Speeds): Promise<void> {
  const own = await openStore(join(folder, 'own'));
  const keptMs = await timed(() =>
    mapBounded(blocks, size.underWay, async ({ bytes }) => {
      const kept = await own.blocks.keepBlock(bytes);
      assert(kept.ok, 'it is kept');
    }),
  );
  speeds.kept.push(speedOf(size, keptMs));
  const gotMs = await timed(() =>
    mapBounded(blocks, size.underWay, async ({ key, bytes }) => {
      const value = await own.blocks.getBlock(key);
      assert(value?.length === bytes.length, 'it is there');
    }),
  );
  speeds.got.push(speedOf(size, gotMs));
  await own.close();
  await rm(join(folder, 'own'), { recursive: true });
  const others = await openStore(join(folder, 'others'));
  const putMs = await timed(() =>
    mapBounded(blocks, size.underWay, async ({ key, bytes, lease }) => {
      const put = await others.blocks.putBlock(key, bytes, [lease]);
      assert(put.ok, 'it is put');
    }),
  );
  speeds.put.push(speedOf(size, putMs));
  await others.close();
}

async function openStore(folder: string) {
  const store = await openLevelKeyValueStore(folder);
  const { trust } = await createTestRing('bench');
  const clock = new VirtualClock();
  const counters = new Counters(() => clock.now());
  const quotaBytes = Number.MAX_SAFE_INTEGER;
  const blocks = await BlockStore.open({ store, trust, clock, counters, quotaBytes });
  return { blocks, close: () => store.close() };
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'epost-store-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function speedOf({ bytes, count }: Size, ms: number): number {
  return megabytesPerSecond(bytes * count, ms);
}
