/** Emergency rebuild (POST §3.4) as a person meets it: a device is gone, and with it a part of its log, or the log's head. */
import { expect, test } from 'vitest';
import { MemoryKeyValueStore } from '../../../src/adapters/memory/key-value-store.ts';
import type { Bytes } from '../../../src/core/codec/bytes.ts';
import { equalBytes } from '../../../src/core/codec/bytes.ts';
import type { Key } from '../../../src/core/codec/id.ts';
import { recordKey } from '../../../src/core/crypto/hash.ts';
import { MAILBOX_LABEL } from '../../../src/core/identity/identity-block.ts';
import { FOLLOW_EVERY_MS } from '../../../src/core/mail/mailbox-log.ts';
import { logClusterCodec } from '../../../src/core/post/log-head.ts';
import type { KeyValueStore } from '../../../src/core/storage/key-value-store.ts';
import {
  dataKey,
  indexKey,
  indexPrefix,
  placeOf,
  placeOfIndexKey,
} from '../../../src/core/storage/layout.ts';
import { namespace, prefixRange } from '../../../src/core/storage/namespace.ts';
import type { HeldKind } from '../../../src/core/storage/wire.ts';
import { MemberRing, type TestPerson } from '../node/member-ring.ts';

const LETTERS = 40;

interface Gone {
  readonly ring: MemberRing;
  readonly ada: TestPerson;
  readonly device: Bytes;
  /** Every disk of the ring. */
  readonly disks: readonly KeyValueStore[];
}

/** A ring in which Ada wrote letters on a device that will never come back; its log has several sealed clusters. */
async function adasDeviceGone(seed: string): Promise<Gone> {
  const ring = await MemberRing.create(seed);
  const [ada, ...others] = await ring.people('ada', 'bob', 'cleo', 'dan');
  for (let i = 0; i < LETTERS; i++) await ada!.send('bob', `Letter ${i}`);
  for (let i = 0; i < LETTERS; i++)
    await ada!.message(`Letter ${i}`, 'sent', ({ delivery }) => delivery?.state === 'received');
  await ring.pass(2_000);
  const keys = await ada!.vault.state();
  if (keys.state === 'empty') throw new Error('a device without keys');
  await ada!.close();
  return {
    ring,
    ada: ada!,
    device: keys.deviceKey,
    disks: [ring.relayStore, ...others.map(({ store }) => store)],
  };
}

async function lose(disks: readonly KeyValueStore[], kind: HeldKind, key: Key): Promise<void> {
  const place = placeOf(kind, key);
  for (const disk of disks)
    await namespace(disk, 'storage').write([
      { type: 'delete', key: indexKey(place) },
      { type: 'delete', key: dataKey(place) },
    ]);
}

interface Sealed {
  readonly first: number;
  readonly length: number;
  readonly key: Key;
}

/** The sealed clusters of this device's log that a disk has, oldest first. */
async function clustersOn(disk: KeyValueStore, device: Bytes): Promise<Sealed[]> {
  const store = namespace(disk, 'storage');
  const clusters: Sealed[] = [];
  for (const index of await store.keys(prefixRange(indexPrefix('block')))) {
    const place = placeOfIndexKey(index);
    const cluster = logClusterCodec.decode((await store.get(dataKey(place)))!);
    if (!cluster.ok || !equalBytes(cluster.value.device, device)) continue;
    const { first, entries } = cluster.value;
    clusters.push({ first, length: entries.length, key: place.key });
  }
  return clusters.sort((a, b) => a.first - b.first);
}

test('a cluster that nobody has any more: it is said, and all else of the log comes back, for every device', async () => {
  const { ring, ada, device, disks } = await adasDeviceGone('cluster-lost');
  const clusters = await clustersOn(ring.relayStore, device);
  expect(clusters.length).toBeGreaterThanOrEqual(3);
  const lost = clusters[1]!;
  await lose(disks, 'block', lost.key);

  const second = await ring.device(ada, 'ada-second');
  await second.open();
  await second.online();
  const notice = () =>
    second.snapshot().then(({ notices }) => notices.find(({ id }) => id.startsWith('log/lost')));
  while ((await notice()) === undefined) await ring.pass(FOLLOW_EVERY_MS / 4, 500);
  expect(await notice()).toMatchObject({ kind: 'warning', rebuildable: true });
  expect(await second.messages()).toEqual([]);

  const report = await ring.passing(second.client.rebuildMailbox());
  expect(report.logs).toMatchObject([{ label: 'Test', missing: lost.length, forked: false }]);
  expect(report.messagesNow).toBe((await second.messages('sent')).length);
  // With the changes some letters are gone, and no more than those.
  expect(report.messagesNow).toBeGreaterThanOrEqual(LETTERS - lost.length);
  expect(report.messagesNow).toBeLessThanOrEqual(LETTERS);
  const again = await ring.passing(second.client.rebuildMailbox());
  expect(again.logs).toMatchObject([{ missing: lost.length, changes: 0 }]);
  const letters = (await second.messages('sent')).map(({ id, delivery }) => [id, delivery?.state]);
  await second.close();

  const third = await ring.device(ada, 'ada-third');
  await third.open();
  await ring.until(async () => (await third.messages('sent')).length === letters.length);
  await ring.pass(2_000);
  expect((await third.messages('sent')).map(({ id, delivery }) => [id, delivery?.state])).toEqual(letters);
});

test('a log that lost its head comes back from the clusters that this disk keeps for the ring', async () => {
  const { ring, ada, device, disks } = await adasDeviceGone('head-lost');
  await lose(disks, 'record', recordKey(device, MAILBOX_LABEL));
  const second = await ring.device(ada, 'ada-second');
  // A replica of what the relay has: in a small organization each device keeps most of the blocks.
  const kept = await ring.relayStore.entries(prefixRange(new TextEncoder().encode('storage/')));
  await second.store.write(kept.map(([key, value]) => ({ type: 'put', key, value })));
  const { first, length } = (await clustersOn(second.store, device)).at(-1)!;

  await second.open();
  await second.online();
  await ring.pass(2_000);
  expect(await second.messages()).toEqual([]);
  const report = await ring.passing(second.client.rebuildMailbox());
  expect(report.logs).toMatchObject([{ entries: first + length, missing: 0, forked: false }]);
  // The newest entries lay in the head and are gone with it: the last letters, or how far they were.
  expect(report.messagesNow).toBeGreaterThanOrEqual(LETTERS - 32);
  const [letter] = await second.messages('sent');
  expect((await ring.passing(second.client.body(letter!.id))).text).toMatch(/^Text of Letter/);
});

test('nothing is brought back where nothing is missing', async () => {
  const { ring, ada } = await adasDeviceGone('all-there');
  const second = await ring.device(ada, 'ada-second');
  await second.open();
  await second.message('Letter 0', 'sent');
  await ring.pass(2_000);
  const report = await ring.passing(second.client.rebuildMailbox());
  expect(report).toMatchObject({ messagesBefore: LETTERS, messagesNow: LETTERS, problems: [] });
  expect(report.logs).toMatchObject([{ missing: 0, changes: 0, forked: false }]);
});

test('of a log with two histories nothing is brought back: which one counts is for the person to say', async () => {
  const ring = await MemberRing.create('two-histories');
  const [ada, ...others] = await ring.people('ada', 'bob', 'cleo', 'dan');
  const keys = await ada!.vault.state();
  if (keys.state === 'empty') throw new Error('a device without keys');
  const second = await ring.device(ada!, 'ada-second');
  await second.open();
  await ada!.send('bob', 'Before');
  await second.message('Before', 'sent');
  await ada!.close();
  const copy = new MemoryKeyValueStore();
  const written = await ada!.store.entries({ gte: new Uint8Array(0), lt: Uint8Array.of(255) });
  await copy.write(written.map(([key, value]) => ({ type: 'put', key, value })));
  await ada!.open();
  await ada!.send('bob', 'The first history');
  await second.message('The first history', 'sent');
  await ada!.close();
  await second.close();
  const disks = [ring.relayStore, second.store, ...others.map(({ store }) => store)];
  await lose(disks, 'record', recordKey(keys.deviceKey, MAILBOX_LABEL));
  await ada!.open(copy);
  await ada!.online();
  for (let i = 0; i < 6; i++) {
    await ada!.send('bob', `The second history ${i}`);
    await ring.pass(1_000);
  }
  await second.open();
  await ring.until(async () =>
    (await second.snapshot()).notices.some(({ id }) => id.startsWith('log/forked/')),
  );
  const report = await ring.passing(second.client.rebuildMailbox());
  expect(report.logs).toMatchObject([{ changes: 0, missing: 0, forked: true }]);
  expect((await second.messages()).map(({ subject }) => subject)).toEqual(['The first history', 'Before']);
});
