/** Emergency rebuild of a log (POST §3.4: a log is its head and what it names) from what replicas and other devices still hold. */
import { expect, test } from 'vitest';
import { MemoryKeyValueStore } from '../../../src/adapters/memory/key-value-store.ts';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { memoryVault } from '../../../src/adapters/memory/vault.ts';
import { utf8, type Bytes } from '../../../src/core/codec/bytes.ts';
import type { Vault } from '../../../src/core/identity/vault.ts';
import { chainAfter, chainOrigin, logClusterCodec, logStart } from '../../../src/core/post/log-head.ts';
import { readLog } from '../../../src/core/post/log-reader.ts';
import { rebuildLog, type RebuildSources } from '../../../src/core/post/log-rebuild.ts';
import type { StoredRecord } from '../../../src/core/storage/storage.ts';
import { buildLog } from '../../support/log-of-entries.ts';
import { MemoryLogStorage } from '../../support/log-storage.ts';

interface World {
  readonly storage: MemoryLogStorage;
  readonly vault: Vault;
  readonly device: Bytes;
  readonly entries: readonly Bytes[];
  /** Heads at some lengths, in the order of versions. */
  readonly heads: readonly StoredRecord[];
}

async function world(
  seed: string,
  lengths: readonly number[],
  before: (vault: Vault) => Promise<unknown> = () => Promise.resolve(),
): Promise<World> {
  const storage = new MemoryLogStorage();
  const vault = memoryVault(new SeededRandom(seed));
  await vault.begin();
  await vault.commit();
  await before(vault);
  const store = new MemoryKeyValueStore();
  const heads: StoredRecord[] = [];
  let device!: Bytes;
  for (const length of lengths) {
    ({ device } = await buildLog(storage, vault, length, { store }));
    heads.push((await storage.getRecord(device, 'mailbox'))!);
  }
  const read = await readLog(storage, device, logStart(device));
  if (!read.ok || read.value === undefined) throw new Error('no log');
  return { storage, vault, device, entries: read.value.entries, heads };
}

function sourcesOf({ storage, vault }: World, heads: readonly StoredRecord[]): RebuildSources {
  const open: Vault['openMailbox'] = (sealed) => vault.openMailbox(sealed);
  return { heads, quotes: [], blocks: [...storage.blocks.values()], open };
}

function firstOf(block: Bytes): number | undefined {
  const decoded = logClusterCodec.decode(block);
  return decoded.ok ? decoded.value.first : undefined;
}

test('all heads lost: the clusters alone give the log up to the last sealed one, which a quote proves', async () => {
  const w = await world('no heads', [200]);
  const { runs, missing } = await rebuildLog(w.device, sourcesOf(w, []));
  expect(runs).toEqual([{ first: 0, entries: w.entries.slice(0, 192), proven: 0 }]);
  expect(missing).toEqual([]);
  const quotes = [{ next: 150, chain: chainAfter(chainOrigin(w.device), w.entries.slice(0, 150)) }];
  const quoted = await rebuildLog(w.device, { ...sourcesOf(w, []), quotes });
  expect(quoted.runs[0]!.proven).toBe(150);
});

test('an older head proves its part, and the chain goes on behind it', async () => {
  const w = await world('old head', [100, 300]);
  const { runs, against } = await rebuildLog(w.device, sourcesOf(w, [w.heads[0]!]));
  expect(runs).toEqual([{ first: 0, entries: w.entries.slice(0, 288), proven: 100 }]);
  expect(against).toEqual([]);
});

test('blocks lost: what lies behind the gap is found by the head, and the gap is said', async () => {
  const w = await world('gap', [300]);
  const blocks = [...w.storage.blocks.values()].filter((block) => firstOf(block) !== 64);
  const { runs, missing } = await rebuildLog(w.device, { ...sourcesOf(w, w.heads), blocks });
  expect(missing).toEqual([{ first: 64, end: 96 }]);
  expect(runs.map(({ first, entries, proven }) => [first, first + entries.length, proven])).toEqual([
    [0, 64, 64],
    [96, 300, 300],
  ]);
});

test('everything but the head lost: what is inline is there, and a whole snapshot stands for the rest', async () => {
  const w = await world('snapshot', [1100]);
  const clusters = new Set([...w.storage.blocks.values()].filter((block) => firstOf(block) !== undefined));
  const blocks = [...w.storage.blocks.values()].filter((block) => !clusters.has(block));
  const rebuilt = await rebuildLog(w.device, { ...sourcesOf(w, w.heads), blocks });
  expect(rebuilt.parts.length).toBeGreaterThan(0);
  expect(rebuilt.covered).toBe(1024);
  expect(rebuilt.runs).toHaveLength(1);
  // Clusters behind the snapshot may have been given up: that nobody has them is no loss.
  expect(rebuilt.missing).toEqual([{ first: 1024, end: 1088 }]);
});

test('clusters that a snapshot stands for are missing as soon as a part of the snapshot is lost', async () => {
  const w = await world('half a snapshot', [1100]);
  const whole = await rebuildLog(w.device, sourcesOf(w, w.heads));
  const blocks = [...w.storage.blocks.values()].filter(
    (block) => firstOf(block) === undefined && block !== whole.parts[0],
  );
  const rebuilt = await rebuildLog(w.device, { ...sourcesOf(w, w.heads), blocks });
  expect(rebuilt.covered).toBe(0);
  expect(rebuilt.missing).toEqual([{ first: 0, end: 1088 }]);
});

test('of clusters on both sides of a snapshot only those behind it are missing', async () => {
  const w = await world('both sides', [1100]);
  const blocks = [...w.storage.blocks.values()].filter((block) => ![64, 1056].includes(firstOf(block)!));
  const { covered, missing } = await rebuildLog(w.device, { ...sourcesOf(w, w.heads), blocks });
  expect(covered).toBe(1024);
  expect(missing).toEqual([{ first: 1056, end: 1088 }]);
});

test('blocks that only look like clusters, and heads that nobody signed, change nothing', async () => {
  const w = await world('forged', [64]);
  const forged = logClusterCodec.encode({
    v: 2,
    device: w.device,
    first: 0,
    before: chainOrigin(w.device),
    entries: Array.from({ length: 32 }, (_, i) => utf8(`forged ${i}`)),
  });
  const head = w.heads[0]!;
  const unsigned = { ...head, body: { ...head.body, version: head.body.version + 1 } };
  const blocks = [forged, utf8('no block of a log'), ...w.storage.blocks.values()];
  const { runs } = await rebuildLog(w.device, { ...sourcesOf(w, [head, unsigned]), blocks });
  expect(runs).toEqual([{ first: 0, entries: w.entries, proven: 64 }]);
});

test('a head of another history is evidence of a fork', async () => {
  const ours = await world('fork', [100]);
  // The same keys; what was sealed before makes every nonce another one.
  const theirs = await world('fork', [64, 90], (vault) => vault.sealMailbox([utf8('something else')]));
  const sources = sourcesOf(ours, [...ours.heads, theirs.heads[1]!]);
  const blocks = [...ours.storage.blocks.values()];
  const quote = { next: 64, chain: chainAfter(chainOrigin(theirs.device), theirs.entries.slice(0, 64)) };
  const rebuilt = await rebuildLog(ours.device, { ...sources, blocks, quotes: [quote] });
  expect(rebuilt.runs[0]).toMatchObject({ first: 0, proven: 100 });
  expect([...rebuilt.against]).toEqual([theirs.heads[1]]);
});
