/** The message store (POST §3.2): what was put comes back, equal bytes are one copy, damage is noticed. */
import { expect, test } from 'vitest';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { concat, equalBytes, type Bytes } from '../../../src/core/codec/bytes.ts';
import { idText } from '../../../src/core/codec/id.ts';
import { CHUNK_BYTES_MAX } from '../../../src/core/codec/limits.ts';
import { sha256 } from '../../../src/core/crypto/hash.ts';
import { MessageStore } from '../../../src/core/post/message-store.ts';
import { bytesSource } from '../../../src/core/post/source.ts';
import type { MemberRing } from '../node/member-ring.ts';
import { twoNodes } from './two-nodes.ts';

function storeOf(net: MemberRing, secret: number, seed: string): MessageStore {
  return new MessageStore({
    storage: net.relay.storage,
    ring: net.ring.trust.ring,
    ringSecret: new Uint8Array(32).fill(secret),
    random: new SeededRandom(seed),
  });
}

function bytes(length: number): Bytes {
  return new SeededRandom(length).bytes(length);
}

test.each([0, 1, CHUNK_BYTES_MAX, CHUNK_BYTES_MAX + 1, 5 * CHUNK_BYTES_MAX + 17])(
  '%i bytes come back, from the ring too',
  async (length) => {
    const net = await twoNodes('store');
    const store = storeOf(net, 1, 'a');
    const { reference, blocks } = await store.keep(bytesSource(bytes(length)), 'random');
    expect(blocks).toHaveLength(length > CHUNK_BYTES_MAX ? Math.ceil(length / CHUNK_BYTES_MAX) + 1 : 1);
    let done = 0;
    const stored = await net.passing(store.insert(blocks, (place) => (done += blocks[place]!.sizeBytes)));
    expect(done).toBe(blocks.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
    expect(stored.every(({ receipts }) => receipts.length === 2)).toBe(true);
    expect(equalBytes(await net.passing(store.readAll(reference)), bytes(length))).toBe(true);
    expect((await store.blocks(reference)).map(({ key }) => idText(key))).toEqual(
      blocks.map(({ key }) => idText(key)),
    );
    const pieces: Bytes[] = [];
    for await (const piece of store.read(reference)) pieces.push(piece);
    expect(equalBytes(concat(...pieces), bytes(length))).toBe(true);
  },
);

test('one copy across senders of a ring, none across rings, and none in random mode', async () => {
  const net = await twoNodes('store-modes');
  const source = bytesSource(bytes(2 * CHUNK_BYTES_MAX));
  const keysOf = async (store: MessageStore, mode: 'random' | 'convergent-ring'): Promise<string[]> =>
    (await store.keep(source, mode)).blocks.map(({ key }) => idText(key));
  const [a, b, other] = [storeOf(net, 1, 'a'), storeOf(net, 1, 'b'), storeOf(net, 2, 'c')];
  expect(await keysOf(b, 'convergent-ring')).toEqual(await keysOf(a, 'convergent-ring'));
  expect(await keysOf(other, 'convergent-ring')).not.toEqual(await keysOf(a, 'convergent-ring'));
  expect(await keysOf(b, 'random')).not.toEqual(await keysOf(a, 'random'));
});

test('a wrong secret, hash or size is damage, not an answer', async () => {
  const net = await twoNodes('store-damage');
  const store = storeOf(net, 1, 'a');
  const { reference } = await store.keep(bytesSource(bytes(1000)), 'random');
  const large = await store.keep(bytesSource(bytes(CHUNK_BYTES_MAX + 5)), 'random');
  const wrong = sha256(bytes(1));
  for (const changed of [
    { ...reference, secret: wrong },
    { ...reference, plaintextHash: wrong },
    { ...reference, sizeBytes: 999 },
    { ...reference, manifest: true },
    { ...large.reference, sizeBytes: 7 },
  ])
    await expect(net.passing(store.readAll(changed))).rejects.toMatchObject({ code: 'damaged' });
});
