/** A full node tries those who hold its copies, without having the blocks: what is not proved is lost, and is held elsewhere then. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Bytes } from '../../../src/core/codec/bytes.ts';
import { Counters } from '../../../src/core/codec/counters.ts';
import type { Key } from '../../../src/core/codec/id.ts';
import { sha256Of } from '../../../src/core/crypto/hash.ts';
import { DRAWN_MAX } from '../../../src/core/storage/challenges.ts';
import { dataKey, placeOf } from '../../../src/core/storage/layout.ts';
import { namespace } from '../../../src/core/storage/namespace.ts';
import { FIRST_MS_MAX, PROVED_MS } from '../../../src/core/storage/pointer-rounds.ts';
import { Pointers, type Pointer } from '../../../src/core/storage/pointers.ts';
import { PROOF_BYTES } from '../../../src/core/storage/proof.ts';
import { serviceName } from '../../../src/core/storage/service.ts';
import * as wire from '../../../src/core/storage/wire.ts';
import { turn } from '../../support/turn.ts';
import { createMember } from './member.ts';
import { StorageRing, type RingNode } from './storage-ring.ts';

const SIZE = 20_000;
let world: StorageRing;
afterEach(() => world.stop());

interface Scene {
  readonly gus: RingNode;
  readonly key: Key;
  readonly holder: RingNode;
  readonly pointer: Pointer;
}

/** Gus is full and a replica of the block, which somebody holds in its place; the last proof of that is 6 hours old. */
async function start(seed: string, changes: Partial<Pointer> = {}): Promise<Scene> {
  world = await StorageRing.start(seed, ['ann', 'ben', 'cat', 'dan', 'eve', 'fay']);
  const gus = await world.join(await createMember(world.ring, 'gus', { quotaBytes: SIZE / 2 }));
  await world.pass(3_000);
  const { bytes, key } = await blockOf(gus);
  const ann = world.node('ann');
  await world.run(ann.storage.keep(bytes));
  await world.run(ann.storage.insert(key));
  const pointer = await pointerOf(gus, key);
  const provedAt = world.clock.now() - PROVED_MS;
  await (await pointersOf(gus)).set(key, { ...pointer, provedAt, ...changes });
  return { gus, key, holder: world.node(world.nameOf(pointer.nodeId)!), pointer };
}

async function blockOf(gus: RingNode): Promise<{ bytes: Bytes; key: Key }> {
  for (let i = 1; ; i++) {
    const bytes = new Uint8Array(SIZE).fill(i);
    const key = await sha256Of(bytes);
    const names = world.replicaNames(key);
    if (names.includes(gus.name) && !names.includes('ann')) return { bytes, key };
  }
}

/** As they lie on the disk. */
function pointersOf({ disk }: RingNode): Promise<Pointers> {
  return Pointers.open(namespace(disk, 'storage'), new Counters(() => world.clock.now()));
}

async function pointerOf(node: RingNode, key: Key): Promise<Pointer> {
  return (await (await pointersOf(node)).of(key))!;
}

async function untilLooked(isSo: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < FIRST_MS_MAX + 30_000 && !(await isSo()); waited += 1_000)
    for (let i = 0; i < 20; i++) {
      world.clock.advance(50);
      await turn();
    }
  expect(await isSo()).toBe(true);
}

describe('a holder', () => {
  it('proves its copy over a nonce that it has not seen, each once', async () => {
    const { gus, key, holder, pointer } = await start('proves');
    expect(pointer.challenges).toHaveLength(DRAWN_MAX);
    const before = await pointerOf(gus, key);
    await untilLooked(async () => (await pointerOf(gus, key)).provedAt! > before.provedAt!);
    const after = await pointerOf(gus, key);
    expect(after).toMatchObject({ nodeId: holder.contact.nodeId, challenges: pointer.challenges!.slice(1) });
  });

  it('gives the whole block when no challenge is left, and new ones are drawn of it', async () => {
    const { gus, key, holder, pointer } = await start('gives', { challenges: [] });
    await untilLooked(async () => (await pointerOf(gus, key)).challenges!.length > 0);
    const after = await pointerOf(gus, key);
    expect(after.nodeId).toEqual(holder.contact.nodeId);
    expect(after.challenges).toHaveLength(DRAWN_MAX);
    expect(after.challenges).not.toEqual(pointer.challenges);
  });

  it('that says that it has lost its copy is believed, and the block is held anew', async () => {
    const { gus, key, holder } = await start('lost');
    await namespace(holder.disk, 'storage').write([{ type: 'delete', key: dataKey(placeOf('block', key)) }]);
    await untilLooked(() => Promise.resolve(gus.counters.get('storage.diverted-anew') === 1));
    expect(gus.counters.get('storage.diverted-missing')).toBe(1);
    expect(gus.counters.get('storage.liar')).toBe(0);
    expect(await world.holderNames(key)).toContain(world.nameOf((await pointerOf(gus, key)).nodeId));
  });

  it.each([
    ['a challenge', {}],
    ['the question for the block', { challenges: [] }],
  ])('that answers %s wrongly is named, and another node holds the block', async (_what, changes) => {
    const { gus, key, holder } = await start('lies', changes);
    const [proof, block] = [new Uint8Array(PROOF_BYTES), new Uint8Array(SIZE)];
    holder.overlay.handle(serviceName('prove'), () =>
      Promise.resolve(wire.proveReply.encode({ v: 1, proofs: [proof] })),
    );
    holder.overlay.handle(serviceName('get-copy'), () =>
      Promise.resolve(wire.getBlockReply.encode({ v: 1, block, leases: [] })),
    );
    await untilLooked(() => Promise.resolve(gus.counters.get('storage.diverted-anew') === 1));
    expect(gus.counters.get('storage.diverted-wrong')).toBe(1);
    expect(gus.counters.get('storage.liar')).toBe(1);
    const now = world.nameOf((await pointerOf(gus, key)).nodeId)!;
    expect(now).not.toBe(holder.name);
    expect(await world.holderNames(key)).toContain(now);
  });
});
