/** Logs (POST §3.4, §3.5): clusters, hash chain, restart, and what a lying or forgetful ring can not do. */
import { expect, test } from 'vitest';
import { MemoryKeyValueStore } from '../../../src/adapters/memory/key-value-store.ts';
import { fromUtf8, utf8, type Bytes } from '../../../src/core/codec/bytes.ts';
import type { Vault } from '../../../src/core/identity/vault.ts';
import { DeviceLog } from '../../../src/core/post/log.ts';
import {
  chainOrigin,
  CLUSTER_ENTRIES_MAX,
  logHeadCodec,
  logStart,
  type LogHead,
} from '../../../src/core/post/log-head.ts';
import { readLog } from '../../../src/core/post/log-reader.ts';
import type { MemberRing } from '../node/member-ring.ts';
import { twoNodes } from './two-nodes.ts';

interface Opened {
  readonly log: DeviceLog;
  readonly entries: readonly Bytes[];
  readonly recovered: Bytes[];
}

async function keysOf(vault: Vault): Promise<Bytes> {
  const state = await vault.state();
  if (state.state === 'empty') throw new Error('no keys');
  return state.deviceKey;
}

async function open(net: MemberRing, vault: Vault, store: MemoryKeyValueStore): Promise<Opened> {
  const recovered: Bytes[] = [];
  const opened = await DeviceLog.open({
    store,
    storage: net.relay.storage,
    vault,
    clock: net.clock,
    deviceKey: await keysOf(vault),
    seen: () => [],
    recovered: (entries) => recovered.push(...entries),
    forked: () => undefined,
    compact: (entries) => entries,
    grew: () => undefined,
    failed: () => undefined,
  });
  return { ...opened, recovered };
}

async function textsOf(vault: Vault, sealed: readonly Bytes[]): Promise<string[]> {
  const opened = await vault.openMailbox(sealed);
  return opened.map((result) => (result.ok ? fromUtf8(result.value) : result.code));
}

function texts(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => `entry ${from + i}`);
}

async function copyOf(store: MemoryKeyValueStore): Promise<MemoryKeyValueStore> {
  const copy = new MemoryKeyValueStore();
  const all = await store.entries({ gte: Uint8Array.of(0), lt: Uint8Array.of(255) });
  await copy.write(all.map(([key, value]) => ({ type: 'put', key, value })));
  return copy;
}

test('100 entries are read back in order through their clusters; changes of half a second share a write', async () => {
  const net = await twoNodes('log-clusters');
  const vault = await net.newVault('writer');
  const device = await keysOf(vault);
  const { log } = await open(net, vault, new MemoryKeyValueStore());
  for (const text of texts(0, 100)) await log.append([utf8(text)]);
  const stored = await net.passing(log.flushed(100));
  expect(stored!.receipts.length).toBeGreaterThanOrEqual(2);
  const read = await net.passing(readLog(net.relay.storage, device, logStart(device)));
  if (!read.ok || read.value === undefined) throw new Error('no log');
  expect(await textsOf(vault, read.value.entries)).toEqual(texts(0, 100));
  expect(read.value.head.first).toBe(3 * CLUSTER_ENTRIES_MAX);
  expect(read.value.record.body.version).toBeLessThan(20);
  const tail = await net.passing(readLog(net.relay.storage, device, { next: 100, chain: read.value.chain }));
  expect(tail).toMatchObject({ ok: true, value: { entries: [], next: 100 } });
  await log.stop();
});

test('an append is durable before the ring hears of it, and the version never goes back', async () => {
  const net = await twoNodes('log-restart');
  const vault = await net.newVault('writer');
  const device = await keysOf(vault);
  const store = new MemoryKeyValueStore();
  const first = await open(net, vault, store);
  await first.log.append([utf8('entry 0')]);
  await net.passing(first.log.flushed(1));
  const before = (await net.passing(net.relay.storage.getRecord(device, 'mailbox')))!.body.version;
  await first.log.stop();
  await first.log.append([utf8('entry 1')]);
  const second = await open(net, vault, store);
  expect(await textsOf(vault, second.entries)).toEqual(texts(0, 2));
  second.log.hurry();
  await net.passing(second.log.flushed(2));
  const after = (await net.passing(net.relay.storage.getRecord(device, 'mailbox')))!.body.version;
  expect(after).toBeGreaterThan(before);
  await second.log.stop();
});

test('a disk that went back in time takes back what the ring has, and keeps what is new', async () => {
  const net = await twoNodes('log-time');
  const vault = await net.newVault('writer');
  const device = await keysOf(vault);
  const store = new MemoryKeyValueStore();
  const { log } = await open(net, vault, store);
  await log.append(texts(0, 10).map(utf8));
  await net.passing(log.flushed(10));
  const old = await copyOf(store);
  await log.append(texts(10, 50).map(utf8));
  await net.passing(log.flushed(50));
  await log.stop();

  const again = await open(net, vault, old);
  expect(again.entries).toHaveLength(10);
  await again.log.append([utf8('new')]);
  await net.until(() => again.log.next === 51 && again.log.published === 51);
  expect(await textsOf(vault, again.recovered)).toEqual(texts(10, 50));
  const read = await net.passing(readLog(net.relay.storage, device, logStart(device)));
  if (!read.ok || read.value === undefined) throw new Error('no log');
  expect(await textsOf(vault, read.value.entries)).toEqual([...texts(0, 50), 'new']);
  await again.log.stop();
});

test('a log that was rolled back, forked or broken is refused', async () => {
  const net = await twoNodes('log-lies');
  const vault = await net.newVault('writer');
  const device = await keysOf(vault);
  const { storage } = net.relay;
  const { log } = await open(net, vault, new MemoryKeyValueStore());
  await log.append(texts(0, 40).map(utf8));
  await net.passing(log.flushed(40));
  await log.stop();
  const chain = chainOrigin(utf8('another'));
  const rolledBack = readLog(storage, device, { next: 41, chain });
  expect(await net.passing(rolledBack)).toMatchObject({ ok: false, code: 'rolled-back' });
  const forked = readLog(storage, device, { next: 35, chain });
  expect(await net.passing(forked)).toMatchObject({ ok: false, code: 'forked' });

  const record = (await net.passing(storage.getRecord(device, 'mailbox')))!;
  const decoded = logHeadCodec.decode(record.body.value);
  if (!decoded.ok) throw new Error(decoded.reason);
  let version = record.body.version;
  const lies: readonly (readonly [Partial<LogHead>, string])[] = [
    [{ before: chain }, 'broken-chain'],
    [{ first: 20 }, 'broken-chain'],
    [{ levels: [] }, 'broken-chain'],
    [{ first: 0, levels: [] }, 'broken-chain'],
  ];
  for (const [change, code] of lies) {
    const value = logHeadCodec.encode({ ...decoded.value, ...change });
    const body = { ...record.body, version: ++version, value };
    const signature = await vault.sign('device-record', body);
    await net.passing(storage.putRecord({ body, signature }));
    const read = await net.passing(readLog(storage, device, logStart(device)));
    expect(read, JSON.stringify(Object.keys(change))).toMatchObject({ ok: false, code });
  }
});
