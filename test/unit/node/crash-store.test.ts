/**
 * Design, "Promises" 1 and "Storage": each operation of a node's own disk, with the machine dying before and after each of its
 * writes in turn, and with no room for each of them. What was acknowledged is there after a restart, whole and once.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/adapters/memory/clock.ts';
import { MemoryKeyValueStore } from '../../../src/adapters/memory/key-value-store.ts';
import { verifyStore } from '../../../src/core/backup/verify-store.ts';
import { utf8, type Bytes } from '../../../src/core/codec/bytes.ts';
import { Counters } from '../../../src/core/codec/counters.ts';
import type { Result } from '../../../src/core/codec/result.ts';
import { sha256 } from '../../../src/core/crypto/hash.ts';
import { BlockStore } from '../../../src/core/storage/block-store.ts';
import { StoreError, type KeyValueStore } from '../../../src/core/storage/key-value-store.ts';
import { namespace } from '../../../src/core/storage/namespace.ts';
import { bodyHash } from '../../../src/core/storage/verify.ts';
import { createTestRing, type TestRing } from '../../support/ring.ts';
import { createMember, START, type Member } from '../storage/member.ts';
import { contents, CrashDisk, NO_FAULT, type Fault } from './crash-disk.ts';

let ring: TestRing;
let ada: Member;
let bob: Member;

beforeAll(async () => {
  ring = await createTestRing('crash-store');
  ada = await createMember(ring, 'ada');
  bob = await createMember(ring, 'bob');
});

const clock = new VirtualClock();
const block = (text: string): { bytes: Bytes; key: Bytes } => ({
  bytes: utf8(text),
  key: sha256(utf8(text)),
});
const [old, fresh] = [block('an older block'), block('a new block')];

async function open(disk: KeyValueStore): Promise<BlockStore> {
  const counters = new Counters(() => clock.now());
  const store = namespace(disk, 'storage');
  return BlockStore.open({ store, trust: ring.trust, clock, counters, quotaBytes: 2 ** 30 });
}

interface Operation {
  readonly run: (blocks: BlockStore) => Promise<Result<unknown>>;
  /** Whether its whole effect is there. */
  readonly isDone: (blocks: BlockStore) => Promise<boolean>;
}

const lease = (member: Member, of: typeof fresh): ReturnType<Member['lease']> =>
  member.lease(of.key, of.bytes.length);

const operations: Readonly<Record<string, Operation>> = {
  'keep a block': {
    run: (blocks) => blocks.keepBlock(fresh.bytes),
    isDone: (blocks) => blocks.hasBlock(fresh.key),
  },
  'put a block of another member': {
    run: async (blocks) => blocks.putBlock(fresh.key, fresh.bytes, [await lease(bob, fresh)]),
    isDone: async (blocks) =>
      (await blocks.getBlock(fresh.key)) !== undefined && (await blocks.book.of(fresh.key)).length === 1,
  },
  'add a lease to a block that is here': {
    run: async (blocks) => blocks.putBlock(old.key, undefined, [await lease(bob, old)]),
    isDone: async (blocks) => (await blocks.book.of(old.key)).length === 2,
  },
  'note that a block has its replicas': {
    run: async (blocks) => blocks.markInserted(old.key, await lease(bob, old)),
    isDone: async (blocks) => (await blocks.book.of(old.key)).length === 2,
  },
  'put a record': {
    run: async (blocks) => blocks.putRecord(await ada.record('new', 1, 'first')),
    isDone: async (blocks) => has(blocks, 'record', 2),
  },
  'replace a record': {
    run: async (blocks) => blocks.putRecord(await ada.record('old', 2, 'second')),
    isDone: async (blocks) => {
      const record = await blocks.newerRecord(await ada.record('old', 1, 'first'));
      return record?.body.version === 2;
    },
  },
  'put a certificate': {
    run: async (blocks) => blocks.putCertificate(await ring.identityCertificate('ada', ada.keys.identityKey)),
    isDone: async (blocks) => has(blocks, 'certificate', 1),
  },
  'append to an inbox': {
    run: async (blocks) => blocks.inboxes.append(await bob.certified(ada, 'new')),
    isDone: async (blocks) => has(blocks, 'inbox', 2),
  },
  'clear an inbox': {
    run: async (blocks) => {
      const { body } = await bob.entry(ada, 'old');
      return blocks.inboxes.clear(await ada.clear([bodyHash(body)]));
    },
    isDone: async (blocks) => (await has(blocks, 'clear', 1)) && (await has(blocks, 'inbox', 0)),
  },
};

async function has(blocks: BlockStore, kind: string, count: number): Promise<boolean> {
  const { things } = await blocks.page(undefined, 100);
  return things.filter(({ place }) => place.kind === kind).length === count;
}

/** A disk with something of each kind on it. */
async function usedDisk(): Promise<MemoryKeyValueStore> {
  const disk = new MemoryKeyValueStore();
  const blocks = await open(disk);
  await blocks.putBlock(old.key, old.bytes, [await lease(ada, old)]);
  await blocks.putRecord(await ada.record('old', 1, 'first'));
  await blocks.inboxes.append(await bob.certified(ada, 'old'));
  return disk;
}

/** Every hash and signature of the disk fits, and its older things are there. */
async function expectSound(disk: MemoryKeyValueStore): Promise<void> {
  disk.reopen();
  expect((await verifyStore(disk, ring.trust, START)).faults).toEqual([]);
  expect(await (await open(disk)).getBlock(old.key)).toEqual(old.bytes);
}

/** Whether it was acknowledged; a disk that ends is a crash, not a result. */
async function isAcknowledged(operation: Operation, blocks: BlockStore): Promise<boolean> {
  try {
    return (await operation.run(blocks)).ok;
  } catch (error) {
    if (error instanceof StoreError) return false;
    throw error;
  }
}

/** Runs `each` with faults at the first, second, third … write, until it says that the operation went through without. */
async function withFaults(
  kinds: readonly Fault['kind'][],
  each: (fault: Fault, store: CrashDisk) => Promise<{ readonly hasHit: boolean }>,
): Promise<void> {
  for (const kind of kinds) {
    let at = 1;
    while ((await each({ at, kind }, new CrashDisk(await usedDisk(), NO_FAULT))).hasHit) at += 1;
    expect(at, 'writes of the operation').toBeGreaterThan(1);
  }
}

describe.each(Object.entries(operations))('%s', (_name, operation) => {
  it('is whole or not there at all when the machine dies, and can be done again', async () => {
    await withFaults(['before', 'after'], async (fault, store) => {
      const blocks = await open(store);
      store.set(fault);
      const acknowledged = await isAcknowledged(operation, blocks);
      const { hasHit } = store;
      await expectSound(store.disk);
      const again = await open(store.disk);
      if (acknowledged) expect(await operation.isDone(again)).toBe(true);
      if (fault.kind === 'before' && fault.at === 1) expect(acknowledged).toBe(false);
      expect((await operation.run(again)).ok).toBe(true);
      expect(await operation.isDone(again)).toBe(true);
      const once = new CrashDisk(await usedDisk(), NO_FAULT);
      await operation.run(await open(once));
      expect(again.statistics()).toEqual((await open(once)).statistics());
      await expectSound(store.disk);
      return { hasHit };
    });
  });

  it('is refused clearly where the disk is full, leaves nothing behind, and goes through when there is room', async () => {
    await withFaults(['full', 'once'], async (fault, store) => {
      const blocks = await open(store);
      const before = await contents(store.disk);
      const counted = blocks.statistics();
      store.set(fault);
      const result = await operation.run(blocks);
      const { hasHit } = store;
      if (hasHit) expect(result).toMatchObject({ ok: false, code: 'full' });
      if (hasHit) expect(await contents(store.disk)).toEqual(before);
      if (hasHit) expect(blocks.statistics()).toEqual(counted);
      await expectSound(store.disk);
      store.makeRoom();
      expect((await operation.run(blocks)).ok).toBe(true);
      expect(await operation.isDone(blocks)).toBe(true);
      await expectSound(store.disk);
      return { hasHit };
    });
  });
});
