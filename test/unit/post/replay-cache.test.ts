/** What was handled stays known, over restarts too; a sender can push out its own ids alone. */
import { expect, test } from 'vitest';
import { MemoryKeyValueStore } from '../../../src/adapters/memory/key-value-store.ts';
import { utf8 } from '../../../src/core/codec/bytes.ts';
import { RETENTION_MS } from '../../../src/core/codec/limits.ts';
import { ReplayCache, type NotificationName } from '../../../src/core/post/replay-cache.ts';
import { prefixRange } from '../../../src/core/storage/namespace.ts';

const NOW = 1_800_000_000_000;
const DAY_MS = 24 * 60 * 60 * 1000;
const ada = new Uint8Array(32).fill(1);
const eve = new Uint8Array(32).fill(2);

function named(from: Uint8Array, number: number, at = NOW + number): NotificationName {
  const id = new Uint8Array(16);
  new DataView(id.buffer).setUint32(0, number);
  return { from: from as NotificationName['from'], id, at };
}

/** Remembers as the notifier does, and checks that a cache opened anew from the disk agrees. */
class Kept {
  readonly store = new MemoryKeyValueStore();
  readonly idsMax: number;
  cache!: ReplayCache;

  constructor(idsMax: number) {
    this.idsMax = idsMax;
  }

  async open(): Promise<this> {
    this.cache = await ReplayCache.open(this.store, this.idsMax);
    return this;
  }

  async take(name: NotificationName, now = NOW): Promise<void> {
    await this.store.write(this.cache.writes(name, now));
    this.cache.remember(name, now);
  }
}

test('ids are those of their sender: somebody else may use the same', async () => {
  const kept = await new Kept(10).open();
  await kept.take(named(eve, 7));
  expect(kept.cache.has(named(eve, 7))).toBe(true);
  expect(kept.cache.has(named(ada, 7))).toBe(false);
  await kept.open();
  expect(kept.cache.has(named(eve, 7))).toBe(true);
  expect(kept.cache.has(named(ada, 7))).toBe(false);
});

test('a flood pushes out only what the flooder sent, before and after a restart', async () => {
  const kept = await new Kept(5).open();
  for (let i = 0; i < 2; i++) await kept.take(named(ada, i));
  for (let i = 0; i < 20; i++) await kept.take(named(eve, i, NOW + DAY_MS + i));
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 2; i++) expect(kept.cache.has(named(ada, i))).toBe(true);
    expect(kept.cache.floor(ada)).toBe(0);
    expect(kept.cache.floor(eve)).toBe(NOW + DAY_MS + 16);
    for (let i = 0; i < 20; i++) expect(kept.cache.has(named(eve, i))).toBe(i >= 17);
    expect((await kept.store.keys(prefixRange(utf8('replay')))).length).toBe(6);
    await kept.open();
  }
});

test('what is too old to be taken is forgotten, with its floor', async () => {
  const kept = await new Kept(2).open();
  for (let i = 0; i < 4; i++) await kept.take(named(eve, i));
  const later = NOW + RETENTION_MS + 3 * DAY_MS;
  await kept.take(named(ada, 9, later), later);
  expect(kept.cache.floor(eve)).toBe(0);
  expect((await kept.store.keys(prefixRange(utf8('replay')))).length).toBe(1);
  expect((await kept.open()).cache.has(named(ada, 9))).toBe(true);
});
