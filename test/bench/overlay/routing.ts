/**
 * Look-ups, puts and gets of this overlay, and the same of kad-dht.
 *
 * Estimates for 100 nodes. Ours: a node is linked with 48 of the others, so a key is 1.4 hops away; a hop is a look-up of
 * 0.2 KB, an acknowledgement of 0.1 KB and a reply with the root's leaf set of 0.7 KB, two of them on the way: 4 messages,
 * 1.4 KB, 1.4 round trips of 0.4 ms. A put is a look-up and 3 blocks of 1.5 KB with lease and receipt, over 1.5 hops: 8 KB.
 * A get is a look-up and one block: 3 KB; asked for in one journey 2 KB. Kad-dht asks until the 20 closest have answered:
 * 20 to 41 requests on a new stream each, at 3.4 KB, and with 1 KB in each of 20 puts.
 */
import { assert } from '../../../src/core/codec/assert.ts';
import { idText, type Key } from '../../../src/core/codec/id.ts';
import { measureCalls, measureEach, type CallFigures } from './calls.ts';
import { closestPeers, kadGet, kadKey, KadNetwork, kadPut, type KadNode } from './kad.ts';
import { pick, someBytes } from './pick.ts';
import { heapBytes, pause, rest } from './process.ts';
import { BenchRing, type RingNode } from './ring.ts';
import type { Traffic } from './traffic.ts';

const BODY_BYTES = 1024;
/** A service that answers with 1 KB: a get in one journey, without look-up. */
const PLAIN_GET = 'bench.get';
/** A round of the overlay's maintenance. */
const IDLE_MS = 30_000;
/** Calls that are measured: ours are a hundred times faster. */
const RING_CALLS = { lookup: 2000, put: 200, get: 200, fresh: 8 };
const KAD_CALLS = { lookup: 100, put: 20, get: 20, fresh: 5 };

export interface RoutingFigures {
  /** Closest node to a random key, from a random node; everything has been looked up before. */
  readonly lookup: CallFigures;
  readonly put: CallFigures;
  readonly get: CallFigures;
  /** From the start of a new node to the answer to its first look-up. */
  readonly fresh: CallFigures;
  readonly heapBytes: number;
  /** Open connections of a node. */
  readonly connections: number;
  /** What a node sends when nobody asks for anything, upkeep of connections included. */
  readonly idleBytesPerSecond: number;
}

export interface RingFigures extends RoutingFigures {
  readonly plainGet: CallFigures;
  readonly hops: number;
}

export async function measureRing(count: number): Promise<RingFigures> {
  const before = await heapBytes();
  const ring = await BenchRing.prepare(count + RING_CALLS.fresh);
  await ring.grow(count);
  const { traffic, nodes } = ring;
  const value = someBytes(BODY_BYTES);
  for (const { overlay } of nodes) overlay.handle(PLAIN_GET, async () => value);
  await rest(traffic);
  for (const node of nodes) for (let i = 0; i < 10; i++) await lookup(ring, node);
  await rest(traffic);

  let hops = 0;
  const figures = {
    lookup: await measureCalls(traffic, RING_CALLS.lookup, async () => {
      hops += await lookup(ring, pick(nodes));
    }),
    ...(await measureStorage(ring)),
    plainGet: await measureCalls(traffic, RING_CALLS.get, async () => {
      const found = await pick(nodes).overlay.ask(someBytes(32), PLAIN_GET, new Uint8Array(0));
      assert(found.length === BODY_BYTES, 'the block is whole');
    }),
    hops: hops / RING_CALLS.lookup,
    heapBytes: ((await heapBytes()) - before) / count,
    connections: ring.connections,
    idleBytesPerSecond: await idleBytesPerSecond(traffic, count),
    fresh: await measureEach(traffic, RING_CALLS.fresh, async () => {
      const node = await ring.join();
      await lookup(ring, node);
      return async () => {
        await ring.leave(node);
        await ring.settle();
        await rest(traffic);
      };
    }),
  };
  await ring.stop();
  return figures;
}

export async function measureKad(count: number): Promise<RoutingFigures> {
  const before = await heapBytes();
  const network = new KadNetwork();
  await network.grow(count);
  const { traffic, nodes } = network;
  for (const node of nodes) await kadLookup(node);
  await rest(traffic);

  const written: { readonly key: Uint8Array<ArrayBuffer>; readonly writer: KadNode }[] = [];
  const figures = {
    lookup: await measureCalls(traffic, KAD_CALLS.lookup, () => kadLookup(pick(nodes))),
    put: await measureCalls(traffic, KAD_CALLS.put, async () => {
      const one = { key: kadKey(), writer: pick(nodes) };
      written.push(one);
      await kadPut(one.writer, one.key, someBytes(BODY_BYTES));
    }),
    get: await measureCalls(traffic, KAD_CALLS.get, async (i) => {
      const { key, writer } = written[i % written.length]!;
      await kadGet(pick(nodes, writer), key);
    }),
    heapBytes: ((await heapBytes()) - before) / count,
    connections: network.connections,
    idleBytesPerSecond: await idleBytesPerSecond(traffic, count),
    fresh: await measureEach(traffic, KAD_CALLS.fresh, async () => {
      const node = await network.join();
      await kadLookup(node);
      return async () => {
        await network.leave(node);
        await rest(traffic);
      };
    }),
  };
  await network.stop();
  return figures;
}

async function measureStorage({ traffic, nodes }: BenchRing): Promise<Pick<RoutingFigures, 'put' | 'get'>> {
  const written: { readonly key: Key; readonly writer: RingNode }[] = [];
  return {
    put: await measureCalls(traffic, RING_CALLS.put, async () => {
      const writer = pick(nodes);
      const key = await writer.storage.keep(someBytes(BODY_BYTES));
      const { receipts } = await writer.storage.insert(key);
      assert(receipts.length > 0, 'replicas hold the block');
      written.push({ key, writer });
    }),
    get: await measureCalls(traffic, RING_CALLS.get, async (i) => {
      const { key, writer } = written[i % written.length]!;
      const block = await pick(nodes, writer).storage.fetch(key);
      assert(block.length === BODY_BYTES, 'the block is whole');
    }),
  };
}

async function idleBytesPerSecond(traffic: Traffic, nodes: number): Promise<number> {
  const { allBytes, ms } = await traffic.during(() => pause(IDLE_MS));
  return (allBytes * 1000) / ms / nodes;
}

/** The hops that it took; the answer must be the truth. */
async function lookup(ring: BenchRing, { overlay }: RingNode): Promise<number> {
  const key = someBytes(32);
  const { root, hops } = await overlay.lookup(key);
  assert(idText(root.nodeId) === idText(ring.rootOf(key).contact.nodeId), 'the root is the closest node');
  return hops;
}

/** On a busy machine a query of kad-dht may end with nobody: then it is made again, which is part of its time. */
const KAD_TRIES = 5;

async function kadLookup(node: KadNode): Promise<void> {
  for (let tries = 0; tries < KAD_TRIES; tries++) if ((await closestPeers(node, someBytes(32))) > 0) return;
  assert(false, 'kad-dht finds peers');
}
