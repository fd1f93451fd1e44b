/** Replica diversion (PAST §3.3): a full node has another one hold the copy; whoever stores, reads or claims is served through it. */
import { afterEach, expect, it } from 'vitest';
import { utf8, type Bytes } from '../../../src/core/codec/bytes.ts';
import { idText, type Key } from '../../../src/core/codec/id.ts';
import { sha256Of } from '../../../src/core/crypto/hash.ts';
import { diversionOrder } from '../../../src/core/storage/diversion-order.ts';
import { accountNamed } from '../../../src/core/storage/lease.ts';
import { dataKey, leaseKey, placeOf, pointerKey } from '../../../src/core/storage/layout.ts';
import { namespace } from '../../../src/core/storage/namespace.ts';
import { Pointers } from '../../../src/core/storage/pointers.ts';
import { serviceName } from '../../../src/core/storage/service.ts';
import * as wire from '../../../src/core/storage/wire.ts';
import { createMember } from './member.ts';
import { StorageRing, type RingNode } from './storage-ring.ts';

const SIZE = 20_000;
const bytesOf = (seed: number): Bytes =>
  new Uint8Array(SIZE).map((_, i) => (i * 31 + seed * (1 + (i >> 8))) & 255);
let world: StorageRing;
afterEach(() => world.stop());

/** A ring in which gus has room for nothing, and a block that gus should hold. */
async function withFullReplica(seed: string): Promise<{ gus: RingNode; bytes: Bytes; key: Key }> {
  world = await StorageRing.start(seed, ['ann', 'ben', 'cat', 'dan', 'eve', 'fay']);
  const gus = await world.join(await createMember(world.ring, 'gus', { quotaBytes: SIZE / 2 }));
  await world.pass(3_000);
  for (let i = 1; ; i++) {
    const bytes = bytesOf(i);
    const key = await sha256Of(bytes);
    const names = world.replicaNames(key);
    if (names.includes('gus') && !names.includes('ann')) return { gus, bytes, key };
  }
}

async function ask<T>(
  from: RingNode,
  to: RingNode,
  service: string,
  body: Bytes,
  reply: { decode(bytes: Bytes): { ok: true; value: T } | { ok: false; reason: string } },
): Promise<T> {
  const answer = await world.run(from.overlay.request(to.contact.nodeId, serviceName(service), body));
  const decoded = reply.decode(answer);
  if (!decoded.ok) throw new Error(decoded.reason);
  return decoded.value;
}

const pointerOf = async (node: RingNode, key: Key) =>
  (await Pointers.open(namespace(node.disk, 'storage'), node.counters)).of(key);

it('the receipt is that of the node which really holds the copy, and k distinct nodes hold it', async () => {
  const { gus, bytes, key } = await withFullReplica('diverted');
  const ann = world.node('ann');
  await world.run(ann.storage.keep(bytes));
  const { receipts } = await world.run(ann.storage.insert(key));
  const signers = receipts.map(({ body }) =>
    world.live.find(({ contact }) => idText(contact.peerKey) === idText(body.holder)),
  );
  const names = signers.map((node) => node!.name).sort();
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThanOrEqual(3);
  expect(names).not.toContain('gus');
  for (const name of names) expect(await world.holderNames(key)).toContain(name);
  const pointer = await pointerOf(gus, key);
  const holder = world.nameOf(pointer!.nodeId)!;
  expect(names).toContain(holder);
  expect(world.replicaNames(key)).not.toContain(holder);
  expect(gus.counters.get('storage.diverted')).toBe(1);
});

it('readers, claims and questions go through the full node; what its holder has lost it points to no more', async () => {
  const { gus, bytes, key } = await withFullReplica('through');
  const [ann, ben] = [world.node('ann'), world.node('ben')];
  await world.run(ann.storage.keep(bytes));
  await world.run(ann.storage.insert(key));
  const request = wire.keyRequest.encode({ v: 1, key });
  const found = await ask(ann, gus, 'get-block', request, wire.getBlockReply);
  expect(found.block).toEqual(bytes);
  expect(found.leases.length).toBeGreaterThan(0);
  expect((await ask(ann, gus, 'get-copy', request, wire.getBlockReply)).block).toBeNull();
  const has = wire.hasRequest.encode({ v: 1, keys: [key] });
  expect((await ask(ann, gus, 'has', has, wire.hasReply)).held).toEqual([true]);
  const lease = await ben.lease(key, bytes.length, world.clock.now() + 1e9, world.clock.now());
  const leased = wire.leaseRequest.encode({ v: 1, leases: [lease] });
  expect((await ask(ben, gus, 'lease', leased, wire.leaseReply)).answers).toEqual(['kept']);
  const holder = world.node(world.nameOf((await pointerOf(gus, key))!.nodeId)!);
  const account = accountNamed('ben@example.org');
  expect(await namespace(holder.disk, 'storage').get(leaseKey(key, account))).toBeDefined();
  const offer = wire.offerRequest.encode({ v: 1, items: [{ kind: 'block', key, version: 0, held: key }] });
  expect((await ask(ann, gus, 'offer', offer, wire.offerReply)).answers).toEqual(['have']);

  await namespace(holder.disk, 'storage').write([{ type: 'delete', key: dataKey(placeOf('block', key)) }]);
  expect((await ask(ann, gus, 'get-block', request, wire.getBlockReply)).block).toBeNull();
  expect(await pointerOf(gus, key)).toBeUndefined();
  expect((await ask(ann, gus, 'has', has, wire.hasReply)).held).toEqual([false]);
});

it('two who store one block at once have it held once, so that no copy is without a pointer', async () => {
  const { gus, bytes, key } = await withFullReplica('at once');
  const askedBy = async (name: string): Promise<wire.PutBlockReply> => {
    const node = world.node(name);
    const lease = await node.lease(key, bytes.length);
    const body = wire.putBlockRequest.encode({ v: 1, key, leases: [lease], block: bytes });
    return ask(node, gus, 'put-block', body, wire.putBlockReply);
  };
  const replies = await Promise.all([askedBy('ann'), askedBy('ben')]);
  const [one, other] = replies.map(({ receipt }) => idText(receipt!.body.holder));
  expect(one).toBe(other);
  expect(gus.counters.get('storage.diverted')).toBe(1);
  expect(await world.holderNames(key)).toEqual([world.nameOf((await pointerOf(gus, key))!.nodeId)]);
});

it('a pointer that a disk has spoilt is counted and goes', async () => {
  world = await StorageRing.start('spoilt', []);
  const relay = world.node('relay');
  const key = await sha256Of(bytesOf(1));
  const store = namespace(relay.disk, 'storage');
  await store.write([{ type: 'put', key: pointerKey(key), value: utf8('nonsense') }]);
  const pointers = await Pointers.open(store, relay.counters);
  expect(pointers.count).toBe(0);
  expect(await store.get(pointerKey(key))).toBeUndefined();
  expect(relay.counters.get('storage.damaged')).toBe(1);
});

it('a receipt in the name of somebody who is no member, or that the named one did not sign, is not taken', async () => {
  const { bytes, key } = await withFullReplica('forged');
  const ann = world.node('ann');
  const replicas = world.replicaNames(key);
  const liar = world.live.find(({ name }) => replicas.includes(name) && !['gus', 'relay'].includes(name))!;
  const named = world.live.find((node) => !replicas.includes(node.name) && node !== ann)!;
  // A replica says that another node holds what that one never saw: with a receipt that the replica signed itself.
  const body = {
    ...{ v: 1 as const, kind: 'block' as const, key, held: key },
    holder: named.contact.peerKey,
    at: world.clock.now(),
  };
  const receipt = {
    body,
    signature: await liar.vault.sign('receipt', { ...body, holder: liar.contact.peerKey }),
  };
  liar.overlay.handle(serviceName('put-block'), () =>
    Promise.resolve(wire.putBlockReply.encode({ v: 1, receipt, holder: named.certificate })),
  );
  await world.run(ann.storage.keep(bytes));
  const stored = await world.run(ann.storage.insert(key));
  expect(ann.counters.get('storage.bad-signature')).toBeGreaterThan(0);
  for (const { body: said } of stored.receipts) {
    const name = world.live.find(({ contact }) => idText(contact.peerKey) === idText(said.holder))!.name;
    expect(await world.holderNames(key)).toContain(name);
  }
});

it('two full nodes have different orders, and ask nobody who has a duty of its own', async () => {
  world = await StorageRing.start('order', ['ann', 'ben', 'cat', 'dan', 'eve', 'fay']);
  const nodes = world.live.map(({ contact }) => contact);
  const [self, other, replica] = nodes as [(typeof nodes)[0], (typeof nodes)[0], (typeof nodes)[0]];
  const key = await sha256Of(bytesOf(1));
  const order = diversionOrder(self.nodeId, nodes, [replica], key);
  expect(order).not.toContain(self);
  expect(order).not.toContain(replica);
  expect(order).toHaveLength(nodes.length - 2);
  const orders = await Promise.all(
    [1, 2, 3, 4, 5].map(async (seed) => {
      const one = await sha256Of(bytesOf(seed));
      const [a, b] = [self, other].map(({ nodeId }) => diversionOrder(nodeId, nodes, [], one));
      return a!.find((node) => node !== other) === b!.find((node) => node !== self);
    }),
  );
  expect(orders).toContain(false);
});
