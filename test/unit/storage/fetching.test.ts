/** Fetches are bounded by bytes, and a replica is late by what the line has shown, so that a slow line is not made slower. */
import { afterEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/adapters/memory/clock.ts';
import { equalBytes, type Bytes } from '../../../src/core/codec/bytes.ts';
import { CHUNK_BYTES_MAX } from '../../../src/core/codec/limits.ts';
import {
  ByteLimiter,
  FETCH_BYTES_MAX,
  FETCHES_MAX,
  Pace,
  UNKNOWN_BLOCK_BYTES,
} from '../../../src/core/storage/fetching.ts';
import { logStart } from '../../../src/core/post/log-head.ts';
import { readLog } from '../../../src/core/post/log-reader.ts';
import { buildLog } from '../../support/log-of-entries.ts';
import { turn } from '../../support/turn.ts';
import { StorageRing } from './storage-ring.ts';

describe('a limit in bytes', () => {
  /** Starts as many as there are, and tells which have begun; they end when they are told to. */
  function start(sizes: readonly number[]) {
    const limiter = new ByteLimiter(FETCH_BYTES_MAX, FETCHES_MAX);
    const begun: number[] = [];
    const ends = sizes.map((bytes, i) => {
      let end = (): void => undefined;
      const ended = new Promise<void>((resolve) => (end = resolve));
      void limiter.run(bytes, () => (begun.push(i), ended));
      return end;
    });
    return { begun, ends };
  }

  it('lets all 31 blocks of a log of 1,000 entries go at once', () => {
    expect(start(Array<number>(31).fill(UNKNOWN_BLOCK_BYTES)).begun).toHaveLength(31);
  });

  it('lets eight chunks go, then one for each that has come, in their order', async () => {
    const { begun, ends } = start(Array<number>(12).fill(CHUNK_BYTES_MAX));
    expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    for (const end of ends.slice(2, 4)) end();
    await turn();
    expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('lets nothing pass that came later, and a block over the limit go alone', async () => {
    const { begun, ends } = start([10, FETCH_BYTES_MAX + 1, 10]);
    expect(begun).toEqual([0]);
    ends[0]!();
    await turn();
    expect(begun).toEqual([0, 1]);
    ends[1]!();
    await turn();
    expect(begun).toEqual([0, 1, 2]);
  });

  it('has a greatest number too', () => {
    expect(start(Array<number>(FETCHES_MAX + 5).fill(1)).begun).toHaveLength(FETCHES_MAX);
  });
});

describe('the time that a replica has', () => {
  it('is half a second and little more for a small block', () => {
    const pace = new Pace(new VirtualClock());
    expect(pace.begin(UNKNOWN_BLOCK_BYTES).lateAfterMs()).toBeLessThan(600);
  });

  it('is what all chunks under way take on the line as it was measured, and 5 s at most', () => {
    const clock = new VirtualClock();
    const pace = new Pace(clock);
    for (let i = 0; i < 30; i++) {
      const chunk = pace.begin(CHUNK_BYTES_MAX);
      clock.advance(CHUNK_BYTES_MAX / 500);
      chunk.end(CHUNK_BYTES_MAX);
    }
    const four = Array.from({ length: 4 }, () => pace.begin(CHUNK_BYTES_MAX));
    const takesMs = (4 * CHUNK_BYTES_MAX) / 500;
    expect(four[0]!.lateAfterMs()).toBeGreaterThan(takesMs);
    expect(four[0]!.lateAfterMs()).toBeLessThan(3 * takesMs);
    for (let i = 0; i < 100; i++) pace.begin(CHUNK_BYTES_MAX);
    expect(four[0]!.lateAfterMs()).toBe(5_000);
  });

  it('is short again on a quick line', () => {
    const clock = new VirtualClock();
    const pace = new Pace(clock);
    for (let i = 0; i < 30; i++) {
      const chunk = pace.begin(CHUNK_BYTES_MAX);
      clock.advance(CHUNK_BYTES_MAX / 20_000);
      chunk.end(CHUNK_BYTES_MAX);
    }
    expect(pace.begin(CHUNK_BYTES_MAX).lateAfterMs()).toBeLessThan(600);
  });
});

describe('on a ring', () => {
  const NAMES = ['ann', 'ben', 'cat', 'dan', 'eve', 'fay'];
  let world: StorageRing;
  afterEach(() => world.stop());

  it('chunks over slow links are fetched once', async () => {
    world = await StorageRing.start('slow links', NAMES, { bytesPerMs: 1_000 });
    const { storage } = world.node('ann');
    const chunks = Array.from({ length: 4 }, (_, i) => filled(CHUNK_BYTES_MAX, i));
    const keys = await Promise.all(chunks.map((chunk) => storage.keep(chunk)));
    await world.run(Promise.all(keys.map((key) => storage.insert(key))));
    const reader = await world.add('newcomer');
    const before = world.hub.traffic().bytes;
    const found = await world.run(
      Promise.all(keys.map((key) => reader.storage.fetch(key, { sizeBytes: CHUNK_BYTES_MAX }))),
    );
    expect(found.every((bytes, i) => equalBytes(bytes, chunks[i]!))).toBe(true);
    expect(world.hub.traffic().bytes - before).toBeLessThan(1.1 * 4 * CHUNK_BYTES_MAX);
  });

  it('a log of 1,000 entries is read in 4 one-way delays', async () => {
    let delayMs = 1;
    world = await StorageRing.start('log', NAMES, { latencyMs: () => delayMs });
    const writer = world.node('ann');
    const { device } = await buildLog(writer.storage, writer.vault, 1000, {
      pass: (promise) => world.run(promise),
    });
    delayMs = 200;
    const reading = readLog(world.node('fay').storage, device, logStart(device));
    let read: Awaited<typeof reading> | undefined;
    void reading.then((result) => (read = result));
    const from = world.clock.now();
    while (read === undefined) {
      // Hashes and signatures take turns of the event loop, which are to be no time.
      for (let i = 0; i < 20; i++) await turn();
      world.clock.advance(1);
    }
    expect(read.ok && read.value?.entries.length).toBe(1000);
    const delays = (world.clock.now() - from) / delayMs;
    expect(delays).toBeGreaterThanOrEqual(4);
    expect(delays).toBeLessThan(5);
  });
});

function filled(size: number, seed: number): Bytes {
  return new Uint8Array(size).map((_, i) => (i * 31 + seed * 7 + (i >> 8)) & 255);
}
