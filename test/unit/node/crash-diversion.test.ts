/**
 * Replica diversion (PAST §3.3) is two writes on two disks: the holder's copy, and the pointer of the full node. Either of the two
 * dies before and after each of its writes in turn, and comes back. What was acknowledged is read, no pointer leads to a node that has
 * nothing, and no copy is left that nobody points to and nobody has a receipt of.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { MemoryKeyValueStore } from '../../../src/adapters/memory/key-value-store.ts';
import type { Bytes } from '../../../src/core/codec/bytes.ts';
import { idText, type Key } from '../../../src/core/codec/id.ts';
import { BLOCK_BYTES_MAX } from '../../../src/core/codec/limits.ts';
import { sha256Of } from '../../../src/core/crypto/hash.ts';
import { diversionOrder } from '../../../src/core/storage/diversion-order.ts';
import { namespace } from '../../../src/core/storage/namespace.ts';
import { Pointers, type Pointer } from '../../../src/core/storage/pointers.ts';
import type { Stored } from '../../../src/core/storage/storage.ts';
import { createMember } from '../storage/member.ts';
import { StorageRing, type RingNode } from '../storage/storage-ring.ts';
import { turn } from '../../support/turn.ts';
import { CrashDisk, NO_FAULT, type Fault } from './crash-disk.ts';

const TABS = ['ben', 'cat', 'dan', 'eve', 'fay', 'hal'];
/** Room for one block, and nearly full with it: a copy that nobody needs goes as soon as that is proved. */
const ONE_BLOCK = Math.floor(1.08 * BLOCK_BYTES_MAX);
/** The first round of pointers and of garbage comes within 5 min, the next 10 min later; a silent node is passed over for a while. */
const ROUNDS_MS = 26 * 60_000;

let world: StorageRing;
const stores = new Map<string, CrashDisk>();
afterEach(() => world.stop());

interface Scene {
  readonly bytes: Bytes;
  readonly key: Key;
  /** The node that gus, who is full, asks first. */
  readonly holder: string;
}

/** A ring in which gus has room for nothing, and a block that gus should hold. */
async function start(seed: string): Promise<Scene> {
  world = await StorageRing.start(seed, ['ann']);
  for (const name of TABS) await join(name, ONE_BLOCK);
  await join('gus', BLOCK_BYTES_MAX / 2);
  await pass(3_000, 20);
  const gus = world.node('gus');
  for (let i = 1; ; i++) {
    const bytes = new Uint8Array(BLOCK_BYTES_MAX).fill(i, 0, 1_000);
    const key = await sha256Of(bytes);
    const names = world.replicaNames(key);
    if (!names.includes('gus') || names.includes('ann')) continue;
    const replicas = names.map((name) => world.node(name).contact);
    const [first] = diversionOrder(gus.contact.nodeId, gus.overlay.leafSet(), replicas, key);
    const holder = world.nameOf(first!.nodeId)!;
    if (holder !== 'ann') return { bytes, key, holder };
  }
}

async function join(name: string, quotaBytes: number): Promise<void> {
  const member = await createMember(world.ring, name, { quotaBytes });
  const disk = new MemoryKeyValueStore();
  const store = new CrashDisk(disk, NO_FAULT);
  store.died = () => world.hub.kill(member.contact.nodeId);
  stores.set(name, store);
  await world.join(member, disk, store);
}

/** Ann stores the block while the disk of `victim` ends at a write; the victim comes back on what it had written. */
async function storeWith(
  { bytes, key }: Scene,
  victim: string,
  fault: Fault,
): Promise<{ readonly stored: Stored; readonly hasHit: boolean }> {
  const store = stores.get(victim)!;
  store.set(fault);
  const ann = world.node('ann');
  await world.run(ann.storage.keep(bytes));
  const stored = await world.run(ann.storage.insert(key));
  const { hasHit } = store;
  store.halt();
  const killed = await world.kill(victim);
  await world.join(killed, killed.disk);
  await pass(3_000, 20);
  return { stored, hasHit };
}

async function pass(ms: number, stepMs: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    world.clock.advance(stepMs);
    await turn();
  }
}

function pointerOf(node: RingNode, key: Key): Promise<Pointer | undefined> {
  return Pointers.open(namespace(node.disk, 'storage'), node.counters).then((pointers) => pointers.of(key));
}

/** Nodes with a copy that is neither a replica's, nor acknowledged, nor pointed to. */
async function unaccounted({ key }: Scene, { receipts }: Stored): Promise<string[]> {
  const acknowledged = receipts.map(({ body }) => idText(body.holder));
  const pointer = await pointerOf(world.node('gus'), key);
  const known = new Set([
    'ann',
    ...world.replicaNames(key),
    ...world.live
      .filter(({ contact }) => acknowledged.includes(idText(contact.peerKey)))
      .map(({ name }) => name),
    pointer === undefined ? '' : world.nameOf(pointer.nodeId),
  ]);
  return (await world.holderNames(key)).filter((name) => !known.has(name));
}

/** Every pointer leads to a copy, and is known to; every copy is accounted for. */
async function isSettled(scene: Scene, stored: Stored): Promise<boolean> {
  const pointer = await pointerOf(world.node('gus'), scene.key);
  const leadsThere =
    pointer === undefined ||
    (pointer.unheard === undefined &&
      (await world.holderNames(scene.key)).includes(world.nameOf(pointer.nodeId)!));
  return leadsThere && (await unaccounted(scene, stored)).length === 0;
}

async function settle(scene: Scene, stored: Stored): Promise<void> {
  for (let waited = 0; waited < ROUNDS_MS && !(await isSettled(scene, stored)); waited += 10_000)
    await pass(10_000, 200);
  expect(await unaccounted(scene, stored)).toEqual([]);
  expect(await isSettled(scene, stored)).toBe(true);
}

async function expectReadable({ bytes, key }: Scene): Promise<void> {
  expect((await world.holderNames(key)).length).toBeGreaterThanOrEqual(3);
  const reader = await world.add('ida');
  await pass(3_000, 20);
  expect(await world.run(reader.storage.fetch(key))).toEqual(bytes);
}

/** Runs a scene for each write, until one goes by without the fault. */
async function atEachWrite(each: (at: number) => Promise<boolean>): Promise<void> {
  let at = 1;
  for (; await each(at); at++) await world.stop();
  expect(at, 'writes').toBeGreaterThan(1);
}

describe.each(['before', 'after'] as const)('dying %s each write', (kind) => {
  it('the full node finds again what it has diverted', { timeout: 120_000 }, async () => {
    await atEachWrite(async (at) => {
      const scene = await start(`full ${kind} ${at}`);
      const { stored, hasHit } = await storeWith(scene, 'gus', { at, kind });
      const wasHeld = (await world.holderNames(scene.key)).includes(scene.holder);
      await settle(scene, stored);
      const pointer = await pointerOf(world.node('gus'), scene.key);
      if (wasHeld) expect(pointer && world.nameOf(pointer.nodeId)).toBe(scene.holder);
      await expectReadable(scene);
      return hasHit;
    });
  });

  it(
    'the holder leaves no pointer that leads nowhere, and no copy of which nobody knows',
    { timeout: 120_000 },
    async () => {
      await atEachWrite(async (at) => {
        const scene = await start(`holder ${kind} ${at}`);
        const { stored, hasHit } = await storeWith(scene, scene.holder, { at, kind });
        await settle(scene, stored);
        await expectReadable(scene);
        return hasHit;
      });
    },
  );
});
