/** What a cold read of a log costs (POST §3.4; design: logs): round trips, blocks, signature checks. Exact figures. */
import { afterEach, expect, test, vi } from 'vitest';
import { MemoryKeyValueStore } from '../../../src/adapters/memory/key-value-store.ts';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { memoryVault } from '../../../src/adapters/memory/vault.ts';
import { RECORD_BYTES_MAX } from '../../../src/core/codec/limits.ts';
import { sha256 } from '../../../src/core/crypto/hash.ts';
import { utf8 } from '../../../src/core/codec/bytes.ts';
import { mailEntryCodec } from '../../../src/core/mail/entries.ts';
import { Mailbox } from '../../../src/core/mail/mailbox.ts';
import { FollowedLog, type LogNews } from '../../../src/core/post/followed-log.ts';
import {
  CLUSTER_ENTRIES_MAX,
  CLUSTER_FULL_BYTES,
  LOG_ENTRY_BYTES_MAX,
  LOG_FANOUT,
  LOG_LEVELS_MAX,
  logHeadCodec,
  logStart,
  SNAPSHOT_PARTS_MAX,
  SNAPSHOT_SEGMENTS_MAX,
} from '../../../src/core/post/log-head.ts';
import { readLog } from '../../../src/core/post/log-reader.ts';
import { snapshotPartCodec } from '../../../src/core/post/log-snapshot.ts';
import type { Vault } from '../../../src/core/identity/vault.ts';
import { buildLog, mailboxEntry } from '../../support/log-of-entries.ts';
import { MemoryLogStorage } from '../../support/log-storage.ts';

afterEach(() => vi.restoreAllMocks());

async function newVault(seed: string): Promise<Vault> {
  const vault = memoryVault(new SeededRandom(seed));
  await vault.begin();
  await vault.commit();
  return vault;
}

async function mailboxOf(vault: Vault, news: LogNews): Promise<Mailbox> {
  const box = new Mailbox();
  const entries = [];
  for (const part of await vault.openMailbox(news.parts)) {
    const decoded = part.ok ? snapshotPartCodec.decode(part.value) : part;
    if (!decoded.ok) throw new Error(decoded.reason);
    entries.push(...decoded.value.entries);
  }
  for (const entry of await vault.openMailbox(news.entries))
    entries.push(entry.ok ? entry.value : expect.fail(entry.reason));
  for (const bytes of entries) {
    const entry = mailEntryCodec.decode(bytes);
    if (!entry.ok) throw new Error(entry.reason);
    box.apply('d', entry.value);
  }
  return box;
}

function wholeMailbox(count: number): Mailbox {
  const box = new Mailbox();
  for (let i = 0; i < count; i++) {
    const entry = mailEntryCodec.decode(mailboxEntry(i));
    if (!entry.ok) throw new Error(entry.reason);
    box.apply('d', entry.value);
  }
  return box;
}

function visible(box: Mailbox): unknown {
  return [...box.items()]
    .map((item) => [item.id, item.folder, item.unread, item.stateOf('bob@example.org')])
    .sort();
}

test('1,000 entries, cold: 4 one-way delays, one signature check, every entry', async () => {
  const storage = new MemoryLogStorage();
  const { device } = await buildLog(storage, await newVault('a thousand'), 1000);
  storage.resetCounts();
  const checks = vi.spyOn(crypto.subtle, 'verify');
  const read = await readLog(storage, device, logStart(device));
  expect(read.ok && read.value?.entries.length).toBe(1000);
  expect(checks).toHaveBeenCalledTimes(1);
  expect(2 * storage.rounds).toBe(4);
  expect(storage.fetched).toBe(31);
});

test('what is read again from the end costs the head alone', async () => {
  const storage = new MemoryLogStorage();
  const { device } = await buildLog(storage, await newVault('again'), 300);
  const { log } = await FollowedLog.open(device, new MemoryKeyValueStore(), storage);
  await log.refresh();
  storage.resetCounts();
  expect(await log.refresh()).toEqual({ ok: true, value: { entries: [], parts: [] } });
  expect([storage.rounds, storage.fetched]).toEqual([1, 0]);
});

test('20,000 entries with snapshots, cold: at most 40 blocks, one signature check, and the same mailbox', async () => {
  const storage = new MemoryLogStorage();
  const vault = await newVault('very many');
  const { device } = await buildLog(storage, vault, 20_000);
  storage.resetCounts();
  const checks = vi.spyOn(crypto.subtle, 'verify');
  const store = new MemoryKeyValueStore();
  const { log } = await FollowedLog.open(device, store, storage);
  const read = await log.refresh();
  if (!read.ok) throw new Error(read.reason);
  expect(checks).toHaveBeenCalledTimes(1);
  expect(1 + storage.fetched).toBeLessThanOrEqual(40);
  expect(2 * storage.rounds).toBe(4);
  expect(visible(await mailboxOf(vault, read.value))).toEqual(visible(wholeMailbox(20_000)));
  const again = await FollowedLog.open(device, store, storage);
  expect(again.log.position).toEqual(log.position);
  expect(visible(await mailboxOf(vault, again.news))).toEqual(visible(wholeMailbox(20_000)));
});

test('who was away for long catches up from the snapshot; the cluster where it left off proves that the log only grew', async () => {
  const storage = new MemoryLogStorage();
  const vault = await newVault('away');
  const writer = new MemoryKeyValueStore();
  const { device } = await buildLog(storage, vault, 1000, { store: writer });
  const store = new MemoryKeyValueStore();
  const { log } = await FollowedLog.open(device, store, storage);
  await log.refresh();
  await buildLog(storage, vault, 4000, { store: writer });
  storage.resetCounts();
  const checks = vi.spyOn(crypto.subtle, 'verify');
  expect((await log.refresh()).ok).toBe(true);
  expect(checks).toHaveBeenCalledTimes(1);
  expect(storage.fetched).toBeLessThan((4000 - 1000) / CLUSTER_ENTRIES_MAX / 2);
  const { news } = await FollowedLog.open(device, store, storage);
  expect(visible(await mailboxOf(vault, news))).toEqual(visible(wholeMailbox(4000)));
});

test('a snapshot does not hide another history: who knew one is told of the fork', async () => {
  const [ours, theirs] = [new MemoryLogStorage(), new MemoryLogStorage()];
  const vault = await newVault('hidden');
  const { device } = await buildLog(ours, vault, 100);
  // Sealed anew, with other nonces: the same changes, and yet another history.
  await buildLog(theirs, vault, 2500);
  const store = new MemoryKeyValueStore();
  const { log: before } = await FollowedLog.open(device, store, ours);
  expect((await before.refresh()).ok).toBe(true);
  const { log } = await FollowedLog.open(device, store, theirs);
  expect(await log.refresh()).toMatchObject({ ok: false, code: 'forked' });
});

test('the largest head that there can be fits a record', () => {
  const id = sha256(utf8('x'));
  const large = Number.MAX_SAFE_INTEGER;
  const links = Array.from({ length: LOG_FANOUT - 1 }, () => ({ key: id, end: large }));
  const small = CLUSTER_FULL_BYTES / 31;
  const encoded = logHeadCodec.encode({
    v: 2,
    first: large,
    before: id,
    entries: [
      ...Array.from({ length: 31 }, () => new Uint8Array(small)),
      new Uint8Array(LOG_ENTRY_BYTES_MAX),
    ],
    levels: Array.from({ length: LOG_LEVELS_MAX }, () => links),
    snapshot: {
      next: large,
      chain: id,
      segments: Array.from({ length: SNAPSHOT_SEGMENTS_MAX }, () => ({
        end: large,
        tier: 16,
        parts: Array.from({ length: SNAPSHOT_PARTS_MAX / SNAPSHOT_SEGMENTS_MAX }, () => id),
      })),
    },
    seen: Array.from({ length: 16 }, () => ({ device: id, next: large, chain: id, version: large })),
  });
  expect(encoded.length).toBeLessThanOrEqual(RECORD_BYTES_MAX);
  expect(logHeadCodec.decode(encoded).ok).toBe(true);
});
