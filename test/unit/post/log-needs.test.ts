/** Of a log's blocks only those are needed that a device which has read so far, or a new one, asks for. */
import { expect, test } from 'vitest';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { memoryVault } from '../../../src/adapters/memory/vault.ts';
import { utf8, type Bytes } from '../../../src/core/codec/bytes.ts';
import { idText } from '../../../src/core/codec/id.ts';
import { logBlocks } from '../../../src/core/backup/mailbox-blocks.ts';
import { chainAfter, logStart, type LogPosition } from '../../../src/core/post/log-head.ts';
import { isLogOf, logOf, neededBlocks, unneededBefore } from '../../../src/core/post/log-needs.ts';
import { readHead, readLog, readTail } from '../../../src/core/post/log-reader.ts';
import { buildLog } from '../../support/log-of-entries.ts';
import { MemoryLogStorage } from '../../support/log-storage.ts';

const COUNT = 6_000;

async function builtLog() {
  const storage = new MemoryLogStorage();
  const vault = memoryVault(new SeededRandom('needs'));
  await vault.begin();
  await vault.commit();
  const { device } = await buildLog(storage, vault, COUNT);
  const [head, whole] = [await readHead(storage, device), await readLog(storage, device, logStart(device))];
  if (!head.ok || !whole.ok || !head.value || !whole.value) throw new Error('a log that does not read');
  return { storage, device, head: head.value, entries: whole.value.entries };
}

/** The same records, and of the blocks only those named. */
function only(storage: MemoryLogStorage, names: ReadonlySet<string>): MemoryLogStorage {
  const left = new MemoryLogStorage();
  for (const [key, record] of storage.records) left.records.set(key, record);
  for (const name of names) left.blocks.set(name, storage.blocks.get(name)!);
  return left;
}

function positionAfter(device: Bytes, entries: readonly Bytes[], next: number): LogPosition {
  return { next, chain: chainAfter(logStart(device).chain, entries.slice(0, next)) };
}

test('whoever has read so far reads on from what is needed, and a new device begins with the snapshot', async () => {
  const { storage, device, head, entries } = await builtLog();
  const fetch = (key: Bytes) => storage.fetch(key);
  const snapshotEnd = head.head.snapshot!.next;
  expect(snapshotEnd).toBeGreaterThan(COUNT / 2);
  for (const next of [0, 1, 33, 700, 2_049, snapshotEnd, COUNT - 1, COUNT]) {
    const needed = await neededBlocks({ device, head: head.head, readBy: [next] }, fetch);
    const left = only(storage, needed);
    const known = positionAfter(device, entries, next);
    const tail = await readTail(left, device, head, known, true);
    expect(tail.ok && tail.value.next, `from ${next}`).toBe(COUNT);
    const fresh = await readTail(left, device, head, logStart(device), true);
    expect(fresh.ok && fresh.value.next, `a new device beside one at ${next}`).toBe(COUNT);
  }
});

test('with nobody behind, clusters before the snapshot and what leads to them alone are needed no more', async () => {
  const { storage, device, head } = await builtLog();
  const fetch = (key: Bytes) => storage.fetch(key);
  expect(unneededBefore({ device, head: head.head, readBy: [COUNT, 40] })).toBe(40);
  expect(unneededBefore({ device, head: head.head, readBy: [] })).toBe(head.head.snapshot!.next);
  const needed = await neededBlocks({ device, head: head.head, readBy: [] }, fetch);
  const all = await neededBlocks({ device, head: head.head, readBy: [0] }, fetch);
  expect(needed.size).toBeLessThan(all.size / 4);
  // A back-up finds all that is left, and misses nothing.
  const found = new Set<string>();
  for await (const reached of logBlocks(only(storage, needed), head)) {
    expect(reached.ok).toBe(true);
    if (reached.ok) found.add(idText(reached.key));
  }
  expect([...found].sort()).toEqual([...needed].sort());
});

test('a block says of which log it is a part; other blocks are of none', async () => {
  const { storage, device, head } = await builtLog();
  const clusters = await neededBlocks(
    { device, head: { ...head.head, snapshot: null }, readBy: [0] },
    (key) => storage.fetch(key),
  );
  for (const name of clusters) expect(isLogOf(storage.blocks.get(name)!, [device])).toBe(true);
  expect(logOf(utf8('sealed'))).toBeUndefined();
  expect(isLogOf(storage.blocks.get([...clusters][0]!)!, [new Uint8Array(32)])).toBe(false);
});
