/**
 * What a lying replica set and a device that forks can not do unseen (POST §3.5; Ivy 2002, §3.2; SUNDR 2004, §3.2): every case
 * ends with signed heads as evidence, and nothing of the second history is taken over.
 */
import { expect, test } from 'vitest';
import { VirtualClock } from '../../../src/adapters/memory/clock.ts';
import { MemoryKeyValueStore } from '../../../src/adapters/memory/key-value-store.ts';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { memoryVault } from '../../../src/adapters/memory/vault.ts';
import { fromUtf8, utf8, type Bytes } from '../../../src/core/codec/bytes.ts';
import type { Vault } from '../../../src/core/identity/vault.ts';
import { FollowedLog } from '../../../src/core/post/followed-log.ts';
import { DeviceLog, PUBLISH_EVERY_MS } from '../../../src/core/post/log.ts';
import { describeEvidence, type LogEvidence } from '../../../src/core/post/log-evidence.ts';
import type { LogStorage } from '../../../src/core/post/log-storage.ts';
import { LogWitness, type OwnLog } from '../../../src/core/post/log-witness.ts';
import { chainAfter, logStart } from '../../../src/core/post/log-head.ts';
import { checkHead, readLog } from '../../../src/core/post/log-reader.ts';
import type { StoredRecord } from '../../../src/core/storage/storage.ts';
import { buildLog } from '../../support/log-of-entries.ts';
import { MemoryLogStorage } from '../../support/log-storage.ts';
import { turn } from '../../support/turn.ts';

/** A device that writes its log, and follows others. */
class Device {
  readonly vault: Vault;
  readonly key: Bytes;
  readonly clock = new VirtualClock();
  readonly followed: FollowedLog[] = [];
  readonly forks: StoredRecord[] = [];
  log!: DeviceLog;

  private constructor(vault: Vault, key: Bytes) {
    this.vault = vault;
    this.key = key;
  }

  static async create(name: string, storage: LogStorage, store = new MemoryKeyValueStore()): Promise<Device> {
    const vault = memoryVault(new SeededRandom(name));
    await vault.begin();
    await vault.commit();
    const keys = await vault.state();
    if (keys.state === 'empty') throw new Error('no keys');
    const self = new Device(vault, keys.deviceKey);
    const { log } = await DeviceLog.open({
      store,
      storage,
      vault,
      clock: self.clock,
      deviceKey: keys.deviceKey,
      seen: () => self.followed.map((one) => one.asSeen),
      compact: (entries) => entries,
      recovered: () => undefined,
      forked: (theirs) => self.forks.push(theirs),
      grew: () => undefined,
      failed: () => undefined,
    });
    self.log = log;
    return self;
  }

  async follow(other: Device, storage: LogStorage, store = new MemoryKeyValueStore()): Promise<FollowedLog> {
    const { log } = await FollowedLog.open(other.key, store, storage);
    this.followed.push(log);
    return log;
  }

  /** Appends and publishes; then the head names what this device has seen. */
  async write(...texts: string[]): Promise<void> {
    await this.log.append(texts.map(utf8));
    let done = false;
    const flushed = this.log.flushed(this.log.next).then(() => (done = true));
    while (!done) {
      this.clock.advance(PUBLISH_EVERY_MS);
      await turn();
    }
    await flushed;
  }
}

async function copyOf(store: MemoryKeyValueStore): Promise<MemoryKeyValueStore> {
  const copy = new MemoryKeyValueStore();
  const all = await store.entries({ gte: Uint8Array.of(0), lt: Uint8Array.of(255) });
  await copy.write(all.map(([key, value]) => ({ type: 'put', key, value })));
  return copy;
}

/** Evidence that anybody can check: heads that their writers signed. */
async function expectSigned({ heads }: LogEvidence, writers: readonly Bytes[]): Promise<void> {
  expect(heads.map(({ body }) => body.writer)).toEqual(writers);
  for (const head of heads) expect((await checkHead(head, head.body.writer)).ok).toBe(true);
}

function witnessOf(device: Device): LogWitness {
  return new LogWitness(device.key, device.log);
}

test('replicas that show an older head are named by two signed heads, and are given the newer one back', async () => {
  const storage = new MemoryLogStorage();
  const writer = await Device.create('writer', storage);
  const reader = await Device.create('reader', storage);
  const log = await reader.follow(writer, storage);
  await writer.write('one');
  const old = (await storage.getRecord(writer.key, 'mailbox'))!;
  await writer.write('two');
  expect(await log.refresh()).toMatchObject({ ok: true });
  storage.lie = () => old;
  storage.records.clear();
  expect(await log.refresh()).toMatchObject({ ok: false, code: 'rolled-back' });
  await expectSigned(log.evidence, [writer.key, writer.key]);
  expect(log.evidence.heads.map(({ body }) => body.version)).toEqual([2, 1]);
  expect(log.position.next).toBe(2);
  storage.lie = undefined;
  expect(await storage.getRecord(writer.key, 'mailbox')).toEqual(log.head);
  expect(await log.refresh()).toEqual({ ok: true, value: { entries: [], parts: [] } });
});

test('replicas that deny a log that was there are given its head back', async () => {
  const storage = new MemoryLogStorage();
  const writer = await Device.create('writer', storage);
  const reader = await Device.create('reader', storage);
  const log = await reader.follow(writer, storage);
  expect(await log.refresh()).toEqual({ ok: true, value: { entries: [], parts: [] } });
  await writer.write('one');
  await log.refresh();
  storage.records.clear();
  expect(await log.refresh()).toMatchObject({ ok: false, code: 'rolled-back' });
  await expectSigned(log.evidence, [writer.key]);
  expect(storage.records.size).toBe(1);
});

test('a device whose disk was copied writes two histories: whoever sees both keeps the first, also after a restart', async () => {
  const [one, other] = [new MemoryLogStorage(), new MemoryLogStorage()];
  const disk = new MemoryKeyValueStore();
  const writer = await Device.create('writer', one, disk);
  await writer.write('common');
  const copy = await copyOf(disk);
  await writer.write('here');
  // The other half of a ring that is cut in two has only what there was before.
  for (const [key, block] of one.blocks) other.blocks.set(key, block);
  const twin = await Device.create('writer', other, copy);
  await twin.write('there', 'and more');

  const store = new MemoryKeyValueStore();
  const reader = await Device.create('reader', one);
  const log = await reader.follow(writer, one, store);
  await log.refresh();
  const { log: healed } = await FollowedLog.open(writer.key, store, other);
  expect(await healed.refresh()).toMatchObject({ ok: false, code: 'forked' });
  await expectSigned(healed.evidence, [writer.key, writer.key]);
  expect(healed.position).toEqual(log.position);
  expect(describeEvidence(healed.evidence)).toMatch(
    /Head 2 signed by .* 2 entries.* Head 2 signed by .* 3 entries/,
  );

  const { log: restarted, news } = await FollowedLog.open(writer.key, store, one);
  const opened = await writer.vault.openMailbox(news.entries);
  expect(opened.map((result) => result.ok && fromUtf8(result.value))).toEqual(['common', 'here']);
  expect(restarted.evidence).toEqual(healed.evidence);
  await writer.write('later');
  expect(await restarted.refresh()).toMatchObject({ ok: false, code: 'forked' });
});

test('the device that forked learns it from the ring, and says so', async () => {
  const storage = new MemoryLogStorage();
  const disk = new MemoryKeyValueStore();
  const writer = await Device.create('writer', storage, disk);
  await writer.write('common');
  const copy = await copyOf(disk);
  await writer.write('here', 'and here');
  const apart = new MemoryLogStorage();
  const twin = await Device.create('writer', apart, copy);
  await twin.write('there');
  // The halves meet: the ring keeps the head of the greater version.
  await writer.write('once more');
  const healed: LogStorage = {
    keep: (block) => apart.keep(block),
    insert: (key) => apart.insert(key),
    fetch: (key) => storage.fetch(key),
    putRecord: (record) => storage.putRecord(record),
    getRecord: (who, label) => storage.getRecord(who, label),
  };
  const again = await Device.create('writer', healed, copy);
  await again.write('after the fork');
  expect(again.forks).toHaveLength(1);
  expect(again.log.next).toBe(6);
});

test('two devices that were shown different histories find out as soon as one reads the other’s head', async () => {
  const [one, other, ring] = [new MemoryLogStorage(), new MemoryLogStorage(), new MemoryLogStorage()];
  const disk = new MemoryKeyValueStore();
  const liar = await Device.create('liar', one, disk);
  const twin = await Device.create('liar', other, await copyOf(disk));
  await liar.write('for Ann');
  await twin.write('for Bob');

  const ann = await Device.create('ann', ring);
  const bob = await Device.create('bob', ring);
  const seenByAnn = await ann.follow(liar, one);
  const bobSeenByAnn = await ann.follow(bob, ring);
  const seenByBob = await bob.follow(liar, other);
  await seenByAnn.refresh();
  await seenByBob.refresh();
  const witness = witnessOf(ann);
  expect(await witness.compare(ann.followed)).toEqual([]);
  await bob.write('hello');
  await bobSeenByAnn.refresh();
  const [finding, ...others] = await witness.compare(ann.followed);
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ kind: 'forked', device: liar.key });
  await expectSigned(finding!, [liar.key, bob.key]);
  await liar.write('more');
  expect(await seenByAnn.refresh()).toMatchObject({ ok: false, code: 'forked' });
});

test('a head that is held back is noticed by what another device has seen, at the second look', async () => {
  const storage = new MemoryLogStorage();
  const [writer, ann, bob] = [
    await Device.create('writer', storage),
    await Device.create('ann', storage),
    await Device.create('bob', storage),
  ];
  const kept = await ann.follow(writer, storage);
  const bobs = await ann.follow(bob, storage);
  const fresh = await bob.follow(writer, storage);
  await writer.write('one');
  await kept.refresh();
  const old = kept.head!;
  await writer.write('two');
  await fresh.refresh();
  await bob.write('I have seen two');
  storage.lie = (truth) => (truth?.body.writer === writer.key ? old : truth);
  await Promise.all([kept.refresh(), bobs.refresh()]);
  const witness = witnessOf(ann);
  expect(await witness.compare(ann.followed)).toEqual([]);
  const [finding] = await witness.compare(ann.followed);
  expect(finding).toMatchObject({ kind: 'withheld', device: writer.key });
  await expectSigned(finding!, [writer.key, bob.key]);
  storage.lie = undefined;
  await kept.refresh();
  expect(await witness.compare(ann.followed)).toEqual([]);
});

test('that others have seen more of its own log makes a device look before it writes again', async () => {
  const storage = new MemoryLogStorage();
  const disk = new MemoryKeyValueStore();
  const writer = await Device.create('writer', storage, disk);
  await writer.write('one');
  const old = await copyOf(disk);
  await writer.write('two');
  const bob = await Device.create('bob', storage);
  await (await bob.follow(writer, storage)).refresh();
  await bob.write('I have seen two');
  const ann = await Device.create('writer', storage, old);
  const bobs = await ann.follow(bob, storage);
  await bobs.refresh();
  let rechecks = 0;
  const own: OwnLog = {
    next: ann.log.next,
    head: ann.log.head,
    chainAt: (next) => ann.log.chainAt(next),
    recheck: () => (rechecks += 1),
  };
  await new LogWitness(ann.key, own).compare(ann.followed);
  expect(rechecks).toBe(1);
  await ann.write('three');
  expect(ann.log.next).toBe(3);
  expect(ann.forks).toEqual([]);
});

test('of a removed device everything up to its end is read, and nothing that it writes after that', async () => {
  const storage = new MemoryLogStorage();
  const writer = await Device.create('writer', storage);
  const reader = await Device.create('reader', storage);
  await writer.write('one', 'two');
  const end = { next: 2, chain: (await writer.log.chainAt(2))! };
  await writer.write('written by who has stolen it');
  const store = new MemoryKeyValueStore();
  const log = await reader.follow(writer, storage, store);
  log.endAt(end);
  const read = await log.refresh();
  expect(read.ok && read.value.entries.length).toBe(2);
  expect(log.position).toEqual(end);
  await writer.write('and more');
  expect(await log.refresh()).toEqual({ ok: true, value: { entries: [], parts: [] } });
  const again = await FollowedLog.open(writer.key, store, storage);
  expect(again.news.entries).toHaveLength(2);
  expect(again.log.position).toEqual(end);
});

test('a snapshot that stands for more than the end of a removed device is passed over', async () => {
  const storage = new MemoryLogStorage();
  const vault = memoryVault(new SeededRandom('snapshots'));
  await vault.begin();
  await vault.commit();
  const { device } = await buildLog(storage, vault, 1000);
  const whole = await readLog(storage, device, logStart(device));
  if (!whole.ok || whole.value === undefined) throw new Error('no log');
  expect(whole.value.head.snapshot?.next).toBeGreaterThan(100);
  const { log } = await FollowedLog.open(device, new MemoryKeyValueStore(), storage);
  const kept = whole.value.entries.slice(0, 100);
  log.endAt({ next: 100, chain: chainAfter(logStart(device).chain, kept) });
  expect(await log.refresh()).toEqual({ ok: true, value: { entries: kept, parts: [] } });
});

test('a fork ends when its device is removed: the history that the person names is read, by whoever kept the other too', async () => {
  const [one, other] = [new MemoryLogStorage(), new MemoryLogStorage()];
  const disk = new MemoryKeyValueStore();
  const writer = await Device.create('writer', one, disk);
  await writer.write('common');
  const copy = await copyOf(disk);
  const head = (await one.getRecord(writer.key, 'mailbox'))!;
  await other.putRecord(head);
  const twin = await Device.create('writer', other, copy);
  const reader = await Device.create('reader', one);
  const store = new MemoryKeyValueStore();
  const log = await reader.follow(writer, one, store);
  await log.refresh();
  await writer.write('first history');
  await twin.write('second history');
  await log.suspend((await other.getRecord(writer.key, 'mailbox'))!);
  expect(await log.refresh()).toMatchObject({ ok: false, code: 'forked' });
  log.endAt({ next: 2, chain: (await writer.log.chainAt(2))! });
  const read = await log.refresh();
  expect(read.ok && read.value.entries.length).toBe(1);
  expect(log.position.next).toBe(2);
  expect(await witnessOf(reader).compare([log])).toEqual([]);
});
