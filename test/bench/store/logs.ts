/**
 * Mailbox logs of 1,000 and 100,000 entries: written by the code that writes real ones, read by a device that knows nothing of them;
 * and the longer one opened in a tab of real Chromium, down to the mailbox in memory.
 *
 * Estimate: the head, then all it names at once: 2 round trips. 1,000 entries: 31 clusters of 32. 100,000: no cluster but the newest, and a
 * snapshot in parts of 768 KiB: 25 MB in some 35 blocks. One signature, the head's. Opening costs one decryption a part, and CBOR of
 * 100,000 entries at 5 µs.
 */
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { memoryVault } from '../../../src/adapters/memory/vault.ts';
import { MemoryKeyValueStore } from '../../../src/adapters/memory/key-value-store.ts';
import { assert } from '../../../src/core/codec/assert.ts';
import type { Bytes } from '../../../src/core/codec/bytes.ts';
import { idText, type Key } from '../../../src/core/codec/id.ts';
import type { Vault } from '../../../src/core/identity/vault.ts';
import { FollowedLog } from '../../../src/core/post/followed-log.ts';
import { recordCodec } from '../../../src/core/storage/wire.ts';
import { buildLog } from '../../support/log-of-entries.ts';
import { MemoryLogStorage } from '../../support/log-storage.ts';
import type { Row } from './row.ts';
import { openInTab } from './tab.ts';
import { VAULT_SEED } from './vault-seed.ts';

const SIZES = [1_000, 100_000] as const;
/** What a cold reader may fetch, the head included, and wait. */
const BLOCKS_MAX = 40;
const TAB_MS_MAX = 2_000;
export async function measureLogs(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const count of SIZES) {
    const vault = await newVault();
    const storage = new NotingStorage();
    const started = performance.now();
    const { device } = await buildLog(storage, vault, count);
    const writtenMs = performance.now() - started;
    const name = `log of ${count.toLocaleString('en')} entries`;
    rows.push({ figure: `${name}, appending: µs each`, ours: (writtenMs * 1000) / count });
    rows.push({ figure: `the same: blocks in the ring`, ours: storage.blocks.size });
    rows.push(...(await readCold(name, storage, device, count)));
    if (count === SIZES.at(-1)) rows.push(...(await openedInTab(name, storage, device, count)));
  }
  return rows;
}

/** Remembers what was asked for. */
class NotingStorage extends MemoryLogStorage {
  readonly asked = new Set<string>();

  override fetch(key: Key): Promise<Bytes> {
    this.asked.add(idText(key));
    return super.fetch(key);
  }
}

async function readCold(name: string, storage: NotingStorage, device: Bytes, count: number): Promise<Row[]> {
  storage.resetCounts();
  storage.asked.clear();
  const checks = countChecks();
  const started = performance.now();
  const { log } = await FollowedLog.open(device, new MemoryKeyValueStore(), storage);
  const read = await log.refresh();
  const ms = performance.now() - started;
  checks.end();
  assert(read.ok && log.position.next === count, 'the whole log is read');
  const bytes = [...read.value.entries, ...read.value.parts].reduce((sum, part) => sum + part.length, 0);
  return [
    { figure: `${name}, cold: one-way delays`, ours: 2 * storage.rounds, oursMax: 4 },
    { figure: 'the same: blocks, the head included', ours: 1 + storage.fetched, oursMax: BLOCKS_MAX },
    { figure: 'the same: KB', ours: bytes / 1000 },
    { figure: 'the same: signature checks', ours: checks.count(), oursMax: 1 },
    { figure: 'the same: ms, but for the network', ours: ms },
  ];
}

async function openedInTab(
  name: string,
  storage: NotingStorage,
  device: Bytes,
  count: number,
): Promise<Row[]> {
  const [head] = storage.records.values();
  const blocks = [...storage.asked].map((key) => storage.blocks.get(key)!);
  const opened = await openInTab({ device, head: recordCodec.encode(head!), blocks });
  assert(opened.entries === count, 'the tab has the whole log');
  return [
    { figure: `${name}, opened in a tab: ms to the mailbox in memory`, ours: opened.ms, oursMax: TAB_MS_MAX },
    { figure: 'the same: of that, ms of reading and keeping', ours: opened.readMs },
    { figure: 'the same: messages', ours: opened.messages },
  ];
}

async function newVault(): Promise<Vault> {
  const vault = memoryVault(new SeededRandom(VAULT_SEED));
  await vault.begin();
  await vault.commit();
  return vault;
}

function countChecks(): { count(): number; end(): void } {
  const { verify } = crypto.subtle;
  let count = 0;
  crypto.subtle.verify = (...args) => {
    count += 1;
    return verify.apply(crypto.subtle, args);
  };
  return {
    count: () => count,
    end: () => {
      crypto.subtle.verify = verify;
    },
  };
}
