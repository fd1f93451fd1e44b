/** The page that opens a log: with IndexedDB below, a vault beside, and a mailbox in memory at the end. */
import { openIdbKeyValueStore } from '../../../src/adapters/idb/key-value-store.ts';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { memoryVault } from '../../../src/adapters/memory/vault.ts';
import { assert } from '../../../src/core/codec/assert.ts';
import type { Bytes } from '../../../src/core/codec/bytes.ts';
import { idText } from '../../../src/core/codec/id.ts';
import { sha256Of } from '../../../src/core/crypto/hash.ts';
import { mailEntryCodec } from '../../../src/core/mail/entries.ts';
import { Mailbox } from '../../../src/core/mail/mailbox.ts';
import { FollowedLog } from '../../../src/core/post/followed-log.ts';
import { snapshotPartCodec } from '../../../src/core/post/log-snapshot.ts';
import type { LogStorage } from '../../../src/core/post/log-storage.ts';
import { StorageError } from '../../../src/core/storage/storage.ts';
import { recordCodec } from '../../../src/core/storage/wire.ts';
import { VAULT_SEED } from './vault-seed.ts';

let files: readonly Bytes[] = [];

const logPage = {
  async load(): Promise<void> {
    const all = new Uint8Array(await (await fetch('/files')).arrayBuffer());
    const found: Bytes[] = [];
    for (let at = 0; at < all.length;) {
      const length = new DataView(all.buffer).getUint32(at);
      found.push(all.slice(at + 4, at + 4 + length));
      at += 4 + length;
    }
    files = found;
  },

  /** On a disk of its own. */
  async open(round: number): Promise<{ entries: number; messages: number; ms: number; readMs: number }> {
    const [device, head, ...blocks] = files;
    assert(device !== undefined && head !== undefined, 'the files are loaded');
    const vault = memoryVault(new SeededRandom(VAULT_SEED));
    await vault.begin();
    await vault.commit();
    const store = await openIdbKeyValueStore(`round ${round}`);
    const storage = await shelf(head, blocks);
    const started = performance.now();
    const { log } = await FollowedLog.open(device, store, storage);
    const news = await log.refresh();
    assert(news.ok, 'the log is whole');
    const readMs = performance.now() - started;
    const box = new Mailbox();
    for (const part of await vault.openMailbox(news.value.parts)) {
      const decoded = part.ok ? snapshotPartCodec.decode(part.value) : part;
      assert(decoded.ok, 'the part opens');
      for (const bytes of decoded.value.entries) apply(box, bytes);
    }
    for (const entry of await vault.openMailbox(news.value.entries)) {
      assert(entry.ok, 'the entry opens');
      apply(box, entry.value);
    }
    const ms = performance.now() - started;
    return { entries: log.position.next, messages: [...box.items()].length, ms, readMs };
  },
};

function apply(box: Mailbox, bytes: Bytes): void {
  const entry = mailEntryCodec.decode(bytes);
  assert(entry.ok, 'the entry is one');
  box.apply('device', entry.value);
}

/** The ring, without a way to it. What a fetch checks, the hash, is checked here too. */
async function shelf(head: Bytes, blocks: readonly Bytes[]): Promise<LogStorage> {
  const byKey = new Map<string, Bytes>();
  for (const block of blocks) byKey.set(idText(await sha256Of(block)), block);
  const record = recordCodec.decode(head);
  assert(record.ok, 'the head is a record');
  const refuse = (): never => {
    throw new TypeError('this page writes nothing');
  };
  return {
    keep: refuse,
    insert: refuse,
    putRecord: refuse,
    getRecord: () => Promise.resolve(record.value),
    async fetch(key) {
      const block = byKey.get(idText(key));
      if (block === undefined) throw new StorageError('not-found', 'no such block');
      assert(idText(await sha256Of(block)) === idText(key), 'the block is whole');
      return block;
    },
  };
}

export type LogPage = typeof logPage;
Object.assign(globalThis, { logPage });
