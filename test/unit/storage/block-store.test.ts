/** One node's own copies, on every disk that vitest can reach. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openLevelKeyValueStore } from '../../../src/adapters/level/key-value-store.ts';
import { VirtualClock } from '../../../src/adapters/memory/clock.ts';
import { MemoryKeyValueStore } from '../../../src/adapters/memory/key-value-store.ts';
import { concat, utf8, type Bytes } from '../../../src/core/codec/bytes.ts';
import { Counters } from '../../../src/core/codec/counters.ts';
import { certificateKey, recordKey, sha256 } from '../../../src/core/crypto/hash.ts';
import { INBOX_SENDER_DAY_MAX } from '../../../src/core/storage/inbox-store.ts';
import { BlockStore } from '../../../src/core/storage/block-store.ts';
import type { KeyRange, KeyValueStore } from '../../../src/core/storage/key-value-store.ts';
import { dataKey, placeOf } from '../../../src/core/storage/layout.ts';
import { LEASE_MS } from '../../../src/core/storage/lease.ts';
import { bodyHash } from '../../../src/core/storage/verify.ts';
import { createTestRing, type TestRing } from '../../support/ring.ts';
import { createMember, START, type Member } from './member.ts';

let ring: TestRing;
let alice: Member;
let bob: Member;

beforeAll(async () => {
  ring = await createTestRing('block-store');
  alice = await createMember(ring, 'alice');
  bob = await createMember(ring, 'bob');
});

const GIB = 1024 ** 3;

interface Opened {
  readonly blocks: BlockStore;
  readonly store: KeyValueStore;
  readonly counters: Counters;
  readonly clock: VirtualClock;
}

async function openOn(store: KeyValueStore, quotaBytes = GIB): Promise<Opened> {
  const clock = new VirtualClock();
  const counters = new Counters(() => clock.now());
  const blocks = await BlockStore.open({ store, trust: ring.trust, clock, counters, quotaBytes });
  return { blocks, store, counters, clock };
}

const block = (text: string): { bytes: Bytes; key: Bytes } => {
  const bytes = utf8(text);
  return { bytes, key: sha256(bytes) };
};

async function pinned(blocks: BlockStore): Promise<boolean[]> {
  return (await blocks.page(undefined, 10)).things.map(({ index }) => index.pinned);
}

interface Calls {
  readonly get: Bytes[];
  entries: KeyRange[];
  usage: number;
  /** Number of operations of each write. */
  readonly write: number[];
}

/** The disk, and what is asked of it. */
function watched(disk: KeyValueStore): { readonly store: KeyValueStore; readonly calls: Calls } {
  const calls: Calls = { get: [], entries: [], usage: 0, write: [] };
  const store: KeyValueStore = {
    get: (key) => {
      calls.get.push(key);
      return disk.get(key);
    },
    keys: (range) => disk.keys(range),
    entries: (range) => {
      calls.entries.push(range);
      return disk.entries(range);
    },
    usage: () => {
      calls.usage++;
      return disk.usage();
    },
    close: () => disk.close(),
    write: (writes) => {
      calls.write.push(writes.length);
      return disk.write(writes);
    },
  };
  return { store, calls };
}

const folders: string[] = [];
const stores: KeyValueStore[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

const disks: Readonly<Record<string, () => Promise<KeyValueStore>>> = {
  memory: () => Promise.resolve(new MemoryKeyValueStore()),
  level: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'epost-blocks-'));
    folders.push(folder);
    const store = await openLevelKeyValueStore(folder);
    stores.push(store);
    return store;
  },
};

describe.each(Object.entries(disks))('BlockStore on %s', (_name, openDisk) => {
  it('keeps blocks and gives them back by their hash', async () => {
    const { blocks } = await openOn(await openDisk());
    const kept = await blocks.keepBlock(utf8('hello'));
    expect(kept).toEqual({ ok: true, value: sha256(utf8('hello')) });
    expect(await blocks.getBlock(sha256(utf8('hello')))).toEqual(utf8('hello'));
    expect(await blocks.getBlock(sha256(utf8('other')))).toBeUndefined();
  });

  it('does not write again what it keeps already, unless its copy is damaged', async () => {
    const disk = await openDisk();
    const { store, calls } = watched(disk);
    const written = calls.write;
    const { blocks } = await openOn(store);
    const { bytes, key } = block('kept twice');
    await blocks.keepBlock(bytes);
    expect(await blocks.keepBlock(bytes)).toEqual({ ok: true, value: key });
    expect(written).toHaveLength(1);
    await disk.write([{ type: 'put', key: dataKey(placeOf('block', key)), value: bytes.slice(1) }]);
    expect(await blocks.keepBlock(bytes)).toEqual({ ok: true, value: key });
    expect(written).toHaveLength(2);
    expect(await blocks.getBlock(key)).toEqual(bytes);
  });

  it('keeps a new block with one write and no read, gives it back with one read, and knows what is not here', async () => {
    const disk = await openDisk();
    const { store, calls } = watched(disk);
    const { blocks } = await openOn(store);
    calls.entries = [];
    const keys: Bytes[] = [];
    for (let i = 0; i < 10; i++) {
      const kept = await blocks.keepBlock(utf8(`new ${i}`));
      if (kept.ok) keys.push(kept.value);
    }
    expect(calls).toEqual({ get: [], entries: [], usage: 0, write: Array.from({ length: 10 }, () => 2) });
    for (const key of keys) expect(await blocks.getBlock(key)).toBeDefined();
    expect(calls.get).toEqual(keys.map((key) => dataKey(placeOf('block', key))));
    expect(await blocks.getBlock(block('not here').key)).toBeUndefined();
    expect(await blocks.hasBlock(block('not here').key)).toBe(false);
    expect(calls.get).toHaveLength(keys.length);
  });

  it('asks the platform for its space once for many blocks that are put at a time', async () => {
    const { store, calls } = watched(await openDisk());
    const { blocks } = await openOn(store);
    const all = Array.from({ length: 20 }, (_, i) => block(`put ${i}`));
    const put = await Promise.all(
      all.map(async ({ key, bytes }) => blocks.putBlock(key, bytes, [await alice.lease(key, bytes.length)])),
    );
    expect(put.every(({ ok }) => ok)).toBe(true);
    expect(calls.usage).toBe(1);
  });

  it('gives back after opening again what it kept, what the ring has, and nothing damaged', async () => {
    const disk = await openDisk();
    const first = (await openOn(disk)).blocks;
    const [own, shared, damaged] = [block('own'), block('shared'), block('damaged')];
    await first.keepBlock(own.bytes);
    await first.putBlock(shared.key, shared.bytes, [await alice.lease(shared.key, shared.bytes.length)]);
    await first.keepBlock(damaged.bytes);
    await disk.write([{ type: 'put', key: dataKey(placeOf('block', damaged.key)), value: utf8('else') }]);
    expect(await first.getBlock(damaged.key)).toBeUndefined();
    const { blocks } = await openOn(disk);
    expect(await blocks.getBlock(own.key)).toEqual(own.bytes);
    expect(await blocks.getBlock(shared.key)).toEqual(shared.bytes);
    expect(await blocks.getBlock(damaged.key)).toBeUndefined();
    expect([await blocks.hasBlock(own.key), await blocks.hasBlock(damaged.key)]).toEqual([true, false]);
    expect(await blocks.keepBlock(damaged.bytes)).toEqual({ ok: true, value: damaged.key });
    expect(await blocks.getBlock(damaged.key)).toEqual(damaged.bytes);
    expect(await blocks.dropSurplus(shared.key)).toBe(true);
    expect(await blocks.getBlock(shared.key)).toBeUndefined();
  });

  it('gives up a kept block only when the ring has it', async () => {
    const { blocks } = await openOn(await openDisk());
    const { bytes, key } = block('kept for a while');
    expect(await blocks.unpin(key)).toBe(false);
    await blocks.keepBlock(bytes);
    expect(await blocks.unpin(key)).toBe(false);
    await blocks.markInserted(key, await alice.lease(key, bytes.length));
    expect(await blocks.unpin(key)).toBe(true);
    expect(await blocks.getBlock(key)).toEqual(bytes);
    expect(await pinned(blocks)).toEqual([false]);
    await blocks.keepBlock(bytes);
    expect(await pinned(blocks)).toEqual([true]);
  });

  it('finds a flipped bit on disk, counts it, treats the block as missing, and takes a good copy again', async () => {
    const { blocks, store, counters } = await openOn(await openDisk());
    const { bytes, key } = block('a block that will rot');
    const leases = [await alice.lease(key, bytes.length)];
    expect((await blocks.putBlock(key, bytes, leases)).ok).toBe(true);
    const rotten = concat(bytes);
    rotten[3]! ^= 4;
    await store.write([{ type: 'put', key: dataKey(placeOf('block', key)), value: rotten }]);
    expect(await blocks.getBlock(key)).toBeUndefined();
    expect(counters.get('storage.damaged')).toBe(1);
    expect(await blocks.hasBlock(key)).toBe(false);
    expect(blocks.statistics()).toMatchObject({ blocks: 0, bytes: 0 });
    expect((await blocks.putBlock(key, undefined, leases)).ok).toBe(false);
    expect((await blocks.putBlock(key, bytes, leases)).ok).toBe(true);
    expect(await blocks.getBlock(key)).toEqual(bytes);
    expect(blocks.statistics()).toMatchObject({ blocks: 1, bytes: bytes.length });
  });

  it('counts what it holds, and counts the same after opening again', async () => {
    const { blocks, store } = await openOn(await openDisk());
    for (let i = 0; i < 700; i++) await blocks.keepBlock(utf8(`block ${i}`));
    await blocks.keepBlock(utf8('block 1'));
    await blocks.putRecord(await alice.record('head', 1, 'one'));
    await blocks.putRecord(await alice.record('head', 2, 'longer than one'));
    await blocks.putCertificate(await ring.identityCertificate('alice', alice.keys.identityKey));
    await blocks.inboxes.append(await bob.certified(alice, 'psst'));
    const statistics = blocks.statistics();
    expect(statistics).toMatchObject({ blocks: 700, records: 1, certificates: 1, inboxEntries: 1 });
    expect(statistics.bytes).toBeGreaterThan(statistics.blockBytes);
    const again = await openOn(store);
    expect(again.blocks.statistics()).toEqual(statistics);
  });

  it('never takes an older version of a record, and the same one of two that clash, in any order', async () => {
    const first = await alice.record('head', 3, 'x');
    const second = await alice.record('head', 3, 'y');
    const key = recordKey(alice.keys.deviceKey, 'head');
    const results: string[] = [];
    for (const order of [
      [first, second],
      [second, first],
    ]) {
      const { blocks, counters } = await openOn(await openDisk());
      for (const record of order) await blocks.putRecord(record);
      expect(await blocks.putRecord(await alice.record('head', 2, 'old'))).toMatchObject({
        ok: false,
        code: 'conflict',
      });
      expect(counters.get('storage.conflict')).toBeGreaterThan(0);
      results.push(String((await blocks.getRecord(key))?.body.value));
    }
    expect(results[0]).toBe(results[1]);
  });

  it('forgets cleared inbox entries for good: a replay is refused', async () => {
    const { blocks, counters } = await openOn(await openDisk());
    const entry = await bob.certified(alice, 'hello alice');
    const appended = await blocks.inboxes.append(entry);
    expect(appended).toMatchObject({ ok: true, value: { held: bodyHash(entry.entry.body) } });
    if (!appended.ok) return;
    const { key, held } = appended.value;
    expect((await blocks.inboxes.read(key)).entries).toHaveLength(1);
    expect((await blocks.inboxes.clear(await alice.clear([held]))).ok).toBe(true);
    expect((await blocks.inboxes.read(key)).entries).toEqual([]);
    expect(await blocks.inboxes.append(entry)).toMatchObject({ ok: false, code: 'cleared' });
    expect(counters.get('inbox.cleared')).toBe(1);
    expect(blocks.statistics().inboxEntries).toBe(0);
  });
});

describe('BlockStore refuses', () => {
  it('blocks that do not fit their key, have no good lease, or are too large', async () => {
    const { blocks, counters, store } = await openOn(new MemoryKeyValueStore());
    const { bytes, key } = block('content');
    const lease = await alice.lease(key, bytes.length);
    const other = sha256(utf8('another'));
    const refusals: [string, Promise<unknown>][] = [
      ['wrong-hash', blocks.putBlock(other, bytes, [lease])],
      ['no-lease', blocks.putBlock(key, bytes, [])],
      ['wrong-size', blocks.putBlock(key, bytes, [await alice.lease(key, 5)])],
      ['wrong-key', blocks.putBlock(key, bytes, [await alice.lease(other, bytes.length)])],
      ['too-long', blocks.putBlock(key, bytes, [await alice.lease(key, bytes.length, START + 2 * LEASE_MS)])],
      [
        'wrong-holder',
        blocks.putBlock(key, bytes, [{ ...lease, body: { ...lease.body, holder: bob.keys.peerKey } }]),
      ],
      ['too-large', blocks.keepBlock(new Uint8Array(1024 * 1024 + 1))],
      ['missing', blocks.putBlock(key, undefined, [lease])],
    ];
    for (const [code, result] of refusals) expect(await result).toMatchObject({ ok: false, code });
    expect(counters.get('storage.wrong-hash')).toBe(1);
    expect(await store.keys({ gte: Uint8Array.of(), lt: Uint8Array.of(255) })).toEqual([]);
  });

  it('records and certificates with wrong signatures or issuers', async () => {
    const { blocks, counters } = await openOn(new MemoryKeyValueStore());
    const record = await alice.record('head', 1, 'mine');
    const forged = { ...record, body: { ...record.body, value: utf8('yours') } };
    expect(await blocks.putRecord(forged)).toMatchObject({ ok: false, code: 'bad-signature' });
    const certificate = await ring.identityCertificate('alice', alice.keys.identityKey);
    const stolen = { ...certificate, body: { ...certificate.body, signKey: bob.keys.identityKey } };
    expect(await blocks.putCertificate(stolen)).toMatchObject({ ok: false, code: 'bad-signature' });
    const foreign = await ring.identityCertificate('alice', alice.keys.identityKey, {
      ring: sha256(utf8('another ring')),
    });
    expect(await blocks.putCertificate(foreign)).toMatchObject({ ok: false, code: 'wrong-ring' });
    const expired = await ring.identityCertificate('alice', alice.keys.identityKey, { notAfter: 1 });
    expect(await blocks.putCertificate(expired)).toMatchObject({ ok: false, code: 'expired' });
    expect(counters.get('storage.bad-signature')).toBe(2);
    expect(await blocks.getRecord(recordKey(alice.keys.deviceKey, 'head'))).toBeUndefined();
    expect(await blocks.getCertificate(certificateKey('alice@example.org'))).toBeUndefined();
  });

  it('inbox entries of nobody, of strangers, from the past and from the future', async () => {
    const { blocks, counters } = await openOn(new MemoryKeyValueStore());
    const entry = await bob.certified(alice, 'hi');
    const forged = { ...entry, entry: { ...entry.entry, signature: new Uint8Array(64) } };
    expect(await blocks.inboxes.append(forged)).toMatchObject({ code: 'bad-signature' });
    const borrowed = { ...entry, certificate: alice.certificate };
    expect(await blocks.inboxes.append(borrowed)).toMatchObject({ code: 'wrong-sender' });
    const selfMade = {
      ...entry,
      certificate: { ...bob.certificate, signature: new Uint8Array(256) },
    };
    expect(await blocks.inboxes.append(selfMade)).toMatchObject({ code: 'bad-signature' });
    const day = 24 * 60 * 60 * 1000;
    const past = await bob.certified(alice, 'hi', START - 70 * day);
    expect(await blocks.inboxes.append(past)).toMatchObject({ code: 'expired' });
    const future = await bob.certified(alice, 'hi', START + 3 * day);
    expect(await blocks.inboxes.append(future)).toMatchObject({ code: 'not-yet-valid' });
    expect(counters.counts().filter(([name]) => name.startsWith('inbox.'))).toHaveLength(4);
  });

  it('a clear that the owner did not sign', async () => {
    const { blocks } = await openOn(new MemoryKeyValueStore());
    const entry = await bob.certified(alice, 'hi');
    const appended = await blocks.inboxes.append(entry);
    if (!appended.ok) throw new Error(appended.reason);
    const clear = await bob.clear([appended.value.held]);
    const forged = { ...clear, body: { ...clear.body, owner: alice.keys.identityKey } };
    expect(await blocks.inboxes.clear(forged)).toMatchObject({ code: 'bad-signature' });
    // Bob's own clear is about his own inbox, whatever it names.
    expect((await blocks.inboxes.clear(clear)).ok).toBe(true);
    expect((await blocks.inboxes.read(appended.value.key)).entries).toHaveLength(1);
  });

  it('what does not fit: nothing half written, and what was there stays', async () => {
    const store = new MemoryKeyValueStore();
    const { blocks, counters } = await openOn(store);
    await blocks.keepBlock(utf8('first'));
    const { usedBytes } = await store.usage();
    store.setQuota(usedBytes + 100);
    expect(await blocks.keepBlock(new Uint8Array(5000))).toMatchObject({ ok: false, code: 'full' });
    const { bytes, key } = block('x'.repeat(5000));
    const leases = [await alice.lease(key, bytes.length)];
    expect(await blocks.putBlock(key, bytes, leases)).toMatchObject({ ok: false, code: 'full' });
    expect(await blocks.putRecord(await alice.record('a', 1, 'r'.repeat(3000)))).toMatchObject({
      code: 'full',
    });
    expect(await blocks.inboxes.append(await bob.certified(alice, 'hi'))).toMatchObject({ code: 'full' });
    expect(counters.get('storage.full')).toBe(2);
    expect((await store.usage()).usedBytes).toBe(usedBytes);
    expect(blocks.statistics()).toMatchObject({ blocks: 1, records: 0 });
    expect(await blocks.getBlock(sha256(utf8('first')))).toEqual(utf8('first'));
  });

  it("others' blocks over its certified quota, but not its own user's", async () => {
    const { blocks } = await openOn(new MemoryKeyValueStore(), 1000);
    const { bytes, key } = block('y'.repeat(2000));
    const leases = [await alice.lease(key, bytes.length)];
    expect(await blocks.putBlock(key, bytes, leases)).toMatchObject({ code: 'full' });
    expect((await blocks.keepBlock(bytes)).ok).toBe(true);
  });

  it('clears of what is not there over its quota, but never those that make room', async () => {
    const { blocks } = await openOn(new MemoryKeyValueStore(), 3000);
    const appended = await blocks.inboxes.append(await bob.certified(alice, 'hi'));
    if (!appended.ok) throw new Error(appended.reason);
    const nothing = Array.from({ length: 100 }, (_, i) => sha256(utf8(`nothing ${i}`)));
    expect(await blocks.inboxes.clear(await alice.clear(nothing))).toMatchObject({ code: 'full' });
    await blocks.keepBlock(new Uint8Array(5000));
    expect((await blocks.inboxes.clear(await alice.clear([appended.value.held]))).ok).toBe(true);
    expect(blocks.statistics().inboxEntries).toBe(0);
  });
});

describe('inboxes', () => {
  it('are bounded for each sender: on one day, whatever was cleared, and in all', async () => {
    const { blocks, clock } = await openOn(new MemoryKeyValueStore());
    const append = async (text: string, from = bob) =>
      blocks.inboxes.append(await from.certified(alice, text, clock.now()));
    const first = await append('0');
    for (let i = 1; i < INBOX_SENDER_DAY_MAX; i++) expect((await append(`${i}`)).ok).toBe(true);
    if (!first.ok) throw new Error(first.reason);
    await blocks.inboxes.clear(await alice.clear([first.value.held]));
    expect(await append('too many')).toMatchObject({
      code: 'too-many',
      reason: expect.stringContaining('today') as string,
    });
    expect((await append('7')).ok).toBe(true);
    const carol = await createMember(ring, 'carol');
    expect((await append('me too', carol)).ok).toBe(true);
    clock.advance(24 * 60 * 60 * 1000);
    for (let i = 0; i < INBOX_SENDER_DAY_MAX; i++) expect((await append(`day 2: ${i}`)).ok).toBe(true);
    clock.advance(24 * 60 * 60 * 1000);
    expect((await append('the thousandth')).ok).toBe(true);
    expect(await append('over all')).toMatchObject({
      code: 'too-many',
      reason: expect.stringContaining('wait') as string,
    });
  });

  it('come whole when they fit a page; else their names, and entries as many as fit one', async () => {
    const { blocks } = await openOn(new MemoryKeyValueStore());
    let key = sha256(utf8('none'));
    for (let i = 0; i < 12; i++) {
      const appended = await blocks.inboxes.append(await bob.certified(alice, `${i} ${'z'.repeat(20_000)}`));
      if (!appended.ok) throw new Error(appended.reason);
      key = appended.value.key;
      const { entries, listed } = await blocks.inboxes.read(key);
      expect({ entries: entries.length, listed: listed.length }).toEqual(
        i < 2 ? { entries: i + 1, listed: 0 } : { entries: 0, listed: i + 1 },
      );
    }
    const { listed, next } = await blocks.inboxes.read(key);
    expect(next).toBeUndefined();
    const found = new Set<string>();
    for (let left = listed.map(({ held }) => held); left.length > 0;) {
      const page = await blocks.inboxes.entries(key, left);
      expect(page).toHaveLength(2);
      for (const entry of page) found.add(String(entry.body.sealed));
      left = left.slice(2);
    }
    expect(found.size).toBe(12);
    expect(await blocks.inboxes.entries(key, [sha256(utf8('unknown'))])).toEqual([]);
  });

  it('are swept when their retention is over everywhere, tombstones too', async () => {
    const { blocks, clock, store } = await openOn(new MemoryKeyValueStore());
    await blocks.inboxes.append(await bob.certified(alice, 'one'));
    const two = await blocks.inboxes.append(await bob.certified(alice, 'two'));
    if (!two.ok) throw new Error(two.reason);
    await blocks.inboxes.clear(await alice.clear([two.value.held]));
    clock.advance(61 * 24 * 60 * 60 * 1000);
    await blocks.inboxes.sweep();
    expect(blocks.statistics().inboxEntries).toBe(1);
    clock.advance(2 * 24 * 60 * 60 * 1000);
    await blocks.inboxes.sweep();
    expect(blocks.statistics().bytes).toBe(0);
    expect(await store.keys({ gte: Uint8Array.of(), lt: Uint8Array.of(255) })).toEqual([]);
  });
});
