/** A message over many replicas: liars are counted and passed over; one document of many senders is stored once (POST §3.2). */
import { expect, test } from 'vitest';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { equalBytes } from '../../../src/core/codec/bytes.ts';
import { idText } from '../../../src/core/codec/id.ts';
import { CHUNK_BYTES_MAX } from '../../../src/core/codec/limits.ts';
import { MessageStore, type BlockInfo, type Kept } from '../../../src/core/post/message-store.ts';
import { bytesSource } from '../../../src/core/post/source.ts';
import { serviceName } from '../../../src/core/storage/service.ts';
import * as wire from '../../../src/core/storage/wire.ts';
import { StorageRing, type RingNode } from '../storage/storage-ring.ts';

const CHUNKS = 8;
const SENDERS = ['ann', 'ben', 'cat', 'dan', 'eve', 'fay', 'gil', 'hal', 'ida', 'jim'];
const document = new SeededRandom('document').bytes(CHUNKS * CHUNK_BYTES_MAX);

function messagesOf(world: StorageRing, node: RingNode): MessageStore {
  return new MessageStore({
    storage: node.storage,
    ring: world.ring.trust.ring,
    ringSecret: new Uint8Array(32).fill(7),
    random: new SeededRandom(`messages of ${node.name}`),
  });
}

async function send(world: StorageRing, name: string, bytes = document): Promise<Kept> {
  const messages = messagesOf(world, world.node(name));
  const kept = await messages.keep(bytesSource(bytes), 'convergent-ring');
  await world.run(messages.insert(kept.blocks));
  return kept;
}

test(
  'replicas that serve other bytes are counted, others are asked, the order stays',
  { timeout: 120_000 },
  async () => {
    const world = await StorageRing.start('serving liars', SENDERS.slice(0, 7));
    const { reference } = await send(world, 'ann');
    const reader = await world.add('reader');
    await world.pass(3_000);
    let lies = 0;
    for (const { name, overlay } of world.live)
      if (['cat', 'dan', 'eve', 'relay'].includes(name))
        overlay.handle(serviceName('read-block'), () => {
          lies += 1;
          return Promise.resolve(
            wire.readBlockReply.encode({ v: 1, block: new Uint8Array(CHUNK_BYTES_MAX) }),
          );
        });
    const got = await world.run(messagesOf(world, reader).readAll(reference));
    expect(equalBytes(got, document)).toBe(true);
    expect(lies).toBeGreaterThan(0);
    expect(reader.counters.get('storage.wrong-hash')).toBe(lies);
    await world.stop();
  },
);

test(
  'a document that ten people send to a hundred is stored once, plus references',
  { timeout: 120_000 },
  async () => {
    const world = await StorageRing.start('one document', SENDERS);
    const first = await send(world, 'ann');
    const others: Kept[] = [];
    const before = world.hub.traffic().bytes;
    for (const name of SENDERS.slice(1)) others.push(await send(world, name));
    // Nine more senders: the ring has it, so nothing of it is sent.
    expect(world.hub.traffic().bytes - before).toBeLessThan(document.length / 4);
    const keysOf = (blocks: readonly BlockInfo[]): string[] => blocks.map(({ key }) => idText(key));
    expect(first.blocks).toHaveLength(CHUNKS + 1);
    for (const { reference, blocks } of others) {
      expect(reference).toEqual(first.reference);
      expect(keysOf(blocks)).toEqual(keysOf(first.blocks));
    }
    // Each sender's letter to ten of the hundred is a block of its own, and as long as a letter.
    const letters: Kept[] = [];
    for (const name of SENDERS) {
      const messages = messagesOf(world, world.node(name));
      const letter = await messages.keep(bytesSource(new TextEncoder().encode(`From ${name}`)), 'random');
      await world.run(messages.insert(letter.blocks));
      letters.push(letter);
    }
    expect(new Set(letters.flatMap(({ blocks }) => keysOf(blocks))).size).toBe(SENDERS.length);
    expect(letters.every(({ blocks }) => blocks.length === 1 && blocks[0]!.sizeBytes < 2048)).toBe(true);

    // Who reads it makes no further copy.
    const reader = await world.add('reader');
    await world.pass(3_000);
    expect(equalBytes(await world.run(messagesOf(world, reader).readAll(first.reference)), document)).toBe(
      true,
    );
    const distinct = new Set<string>();
    for (const { key } of first.blocks) {
      const replicas = new Set(world.replicaNames(key));
      const holders = await world.holderNames(key);
      expect([...replicas].every((name) => holders.includes(name) || name === 'reader')).toBe(true);
      // Copies beyond the replica set are the senders' own originals.
      expect(holders.filter((name) => !replicas.has(name) && !SENDERS.includes(name))).toEqual([]);
      expect(replicas.size).toBeLessThanOrEqual(4);
      distinct.add(idText(key));
    }
    expect(distinct.size).toBe(CHUNKS + 1);
    await world.stop();
  },
);
