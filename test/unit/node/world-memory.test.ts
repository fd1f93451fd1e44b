/** What a node remembers of its ring survives a restart; what was changed on the disk, or has expired, does not. */
import { beforeEach, expect, test } from 'vitest';
import { VirtualClock } from '../../../src/adapters/memory/clock.ts';
import { MemoryKeyValueStore } from '../../../src/adapters/memory/key-value-store.ts';
import { utf8 } from '../../../src/core/codec/bytes.ts';
import { Counters } from '../../../src/core/codec/counters.ts';
import { REMEMBERED_PEERS_MAX } from '../../../src/core/node/remembered-peers.ts';
import { worldCodec, WorldMemory } from '../../../src/core/node/world-memory.ts';
import type { Contact } from '../../../src/core/overlay/contact.ts';
import { namespace } from '../../../src/core/storage/namespace.ts';
import { createTestRing, type TestRing } from '../../support/ring.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const KEY = utf8('world');

let ring: TestRing;
let clock: VirtualClock;
let disk: MemoryKeyValueStore;
let counters: Counters;
let relays: Contact[];
let failures: unknown[];
beforeEach(async () => {
  ring = await createTestRing('memory');
  clock = new VirtualClock();
  disk = new MemoryKeyValueStore();
  counters = new Counters(() => clock.now());
  relays = [await contact('relay', { role: 'relay' })];
  failures = [];
});

async function contact(
  name: string,
  changes: { role?: 'tab' | 'relay'; notAfter?: number } = {},
): Promise<Contact> {
  return (await ring.contact(name, changes.role ?? 'tab', changes)).contact;
}

async function open(): Promise<WorldMemory> {
  const { body: descriptor } = await ring.describe(relays);
  const failed = (error: unknown): void => void failures.push(error);
  return WorldMemory.open({ store: disk, trust: ring.trust, descriptor, clock, counters, failed });
}

async function names(): Promise<readonly string[]> {
  return (await open()).bootstrap().map(({ certificate }) => certificate.body.name.split('@')[0]!);
}

test('relays, peers and sizes are there again after a restart', async () => {
  const memory = await open();
  memory.meetRelay(relays[0]!);
  for (const name of ['ann', 'ben', 'cat', 'dan', 'eve']) memory.peers.meet(await contact(name), clock.now());
  memory.sizes.count(40, clock.now());
  memory.changed();
  await clock.advanceAsync(60_000);
  await memory.flush();
  const again = await open();
  expect(again.peers.all()).toEqual(memory.peers.all());
  expect(again.sizes.at(clock.now())).toBe(40);
  const [first, ...peers] = again.bootstrap();
  expect(first).toMatchObject({ role: 'relay', addresses: relays[0]!.addresses });
  expect(peers).toHaveLength(4);
  expect(peers.every(({ role, addresses }) => role === 'tab' && addresses.length === 0)).toBe(true);
  expect(counters.counts()).toEqual([]);
});

test('what is flushed is written at once; without changes nothing is', async () => {
  const memory = await open();
  await memory.flush();
  expect(await namespace(disk, 'node').get(KEY)).toBeUndefined();
  memory.peers.meet(await contact('ann'), clock.now());
  memory.changed();
  await memory.flush();
  expect(await names()).toEqual(['ann']);
});

test('expired certificates are dropped, without a word', async () => {
  const memory = await open();
  memory.peers.meet(await contact('ann', { notAfter: clock.now() + DAY_MS }), clock.now());
  memory.peers.meet(await contact('ben'), clock.now());
  memory.changed();
  await memory.flush();
  clock.advance(10 * DAY_MS);
  expect(await names()).toEqual(['ben']);
  expect(counters.counts()).toEqual([]);
});

test('a relay that the ring descriptor does not name, or names no more, is not remembered', async () => {
  const memory = await open();
  memory.meetRelay(await contact('other', { role: 'relay' }));
  memory.meetRelay(relays[0]!);
  await memory.flush();
  expect(await names()).toEqual(['relay']);
  relays = [];
  expect(await names()).toEqual([]);
});

test('what was changed on the disk is refused and counted, one by one', async () => {
  const [ann, ben] = [await contact('ann'), await contact('ben')];
  const met = { firstSeenAt: clock.now(), lastSeenAt: clock.now(), sessions: 1 };
  const forged = {
    body: { ...ann.certificate.body, name: 'eve@example.org' },
    signature: ann.certificate.signature,
  };
  const peers = [
    { certificate: forged, ...met },
    { certificate: ben.certificate, ...met },
  ];
  const value = worldCodec.encode({ v: 1, peers, relays: [forged], sizes: [] });
  await namespace(disk, 'node').write([{ type: 'put', key: KEY, value }]);
  expect(await names()).toEqual(['ben']);
  expect(counters.get('world.bad-signature')).toBe(1);
  await namespace(disk, 'node').write([{ type: 'put', key: KEY, value: value.slice(1) }]);
  expect(await names()).toEqual([]);
  expect(counters.get('world.malformed') + counters.get('world.bad-schema')).toBe(1);
});

test('a disk that takes nothing is heard of, and costs no more than the memory', async () => {
  const memory = await open();
  disk.setQuota(0);
  for (let i = 0; i < 2 * REMEMBERED_PEERS_MAX; i++)
    memory.peers.meet(await contact(`peer-${i}`), clock.now());
  memory.changed();
  await memory.flush();
  expect(failures).toHaveLength(1);
  expect(memory.bootstrap()).toHaveLength(4);
});

test('the largest memory fits its format', async () => {
  const memory = await open();
  relays = await Promise.all(Array.from({ length: 16 }, (_, i) => contact(`relay-${i}`, { role: 'relay' })));
  const all = await open();
  for (const relay of relays) all.meetRelay(relay);
  for (let i = 0; i < REMEMBERED_PEERS_MAX; i++) all.peers.meet(await contact(`peer-${i}`), clock.now());
  for (let hour = 0; hour < 24 * 14; hour++) all.sizes.count(1e9, clock.now() + hour * 60 * 60 * 1000);
  all.changed();
  await all.flush();
  expect((await open()).peers.all()).toHaveLength(REMEMBERED_PEERS_MAX);
  expect((await open()).bootstrap()).toHaveLength(20);
  await memory.flush();
});
