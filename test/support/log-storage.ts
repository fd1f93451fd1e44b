/** What logs need of storage, in memory: counts blocks and round trips, and shows what a lying replica set would show. */
import { idText, type Key } from '../../src/core/codec/id.ts';
import type { Bytes } from '../../src/core/codec/bytes.ts';
import { recordKey, sha256Of } from '../../src/core/crypto/hash.ts';
import { verifyRecord } from '../../src/core/storage/verify.ts';
import type { LogStorage } from '../../src/core/post/log-storage.ts';
import { StorageError, type Stored, type StoredRecord } from '../../src/core/storage/storage.ts';
import { turn } from './turn.ts';

export class MemoryLogStorage implements LogStorage {
  readonly blocks = new Map<string, Bytes>();
  readonly records = new Map<string, StoredRecord>();
  /** Blocks that were asked for. */
  fetched = 0;
  /** The longest chain of requests each of which was made after the answer to the one before. */
  rounds = 0;
  /** What is shown instead of the newest record; unset: the truth. */
  lie: ((truth: StoredRecord | undefined) => StoredRecord | undefined) | undefined;
  #answered = 0;

  resetCounts(): void {
    this.fetched = this.rounds = this.#answered = 0;
  }

  async keep(block: Bytes): Promise<Key> {
    const key = await sha256Of(block);
    this.blocks.set(idText(key), block);
    return key;
  }

  insert(key: Key): Promise<Stored> {
    return Promise.resolve({ key, receipts: [], wanted: 0 });
  }

  async fetch(key: Key): Promise<Bytes> {
    this.fetched += 1;
    await this.#roundTrip();
    const block = this.blocks.get(idText(key));
    if (block === undefined) throw new StorageError('not-found', 'no such block');
    return block;
  }

  async putRecord(record: StoredRecord): Promise<Stored> {
    const checked = await verifyRecord(record);
    if (!checked.ok) throw new TypeError(checked.reason);
    const { key, version } = checked.value;
    const known = this.records.get(idText(key));
    if (known !== undefined && known.body.version >= version && known !== record)
      throw new StorageError('conflict', 'a newer version is here');
    this.records.set(idText(key), record);
    return { key, receipts: [], wanted: 0 };
  }

  async getRecord(writer: Bytes, label: string): Promise<StoredRecord | undefined> {
    await this.#roundTrip();
    const truth = this.records.get(idText(recordKey(writer, label)));
    return this.lie === undefined ? truth : this.lie(truth);
  }

  /** Answers arrive a turn later: what was asked beside is in the same round. */
  async #roundTrip(): Promise<void> {
    const round = this.#answered + 1;
    this.rounds = Math.max(this.rounds, round);
    await turn();
    this.#answered = Math.max(this.#answered, round);
  }
}
