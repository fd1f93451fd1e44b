/** The log of another device of the same person: read from the ring, checked, kept on this disk, never written. */
import { toHex, type Bytes } from '../codec/bytes.ts';
import { ok, type Result } from '../codec/result.ts';
import type { KeyValueStore } from '../storage/key-value-store.ts';
import type { Storage } from '../storage/storage.ts';
import { Serial } from './bounded.ts';
import { chainAfter, chainOrigin, type SeenHead } from './log-head.ts';
import { LogJournal } from './log-journal.ts';
import { logStart, readLog, type LogPosition } from './log-reader.ts';

export class FollowedLog {
  readonly device: Bytes;
  readonly #store: KeyValueStore;
  readonly #storage: Storage;
  readonly #journal: LogJournal;
  readonly #refreshes = new Serial();
  #position: LogPosition;
  #seen: readonly SeenHead[] = [];

  private constructor(
    device: Bytes,
    store: KeyValueStore,
    storage: Storage,
    journal: LogJournal,
    at: LogPosition,
  ) {
    this.device = device;
    this.#store = store;
    this.#storage = storage;
    this.#journal = journal;
    this.#position = at;
  }

  /** What is on this disk of the log of `device`. */
  static async open(
    device: Bytes,
    store: KeyValueStore,
    storage: Storage,
  ): Promise<{ log: FollowedLog; entries: readonly Bytes[] }> {
    const journal = new LogJournal(store, `log-${toHex(device)}`);
    const { entries } = await journal.load();
    const chain = chainAfter(chainOrigin(device), entries);
    const position = entries.length === 0 ? logStart(device) : { next: entries.length, chain };
    return { log: new FollowedLog(device, store, storage, journal, position), entries };
  }

  get position(): LogPosition {
    return this.#position;
  }

  /** What that device's head said it has seen of others, at the last refresh. */
  get seen(): readonly SeenHead[] {
    return this.#seen;
  }

  /** New sealed entries, durable here when resolved. Refusals: those of readLog. Rejects with StorageError or StoreError. */
  refresh(): Promise<Result<readonly Bytes[]>> {
    return this.#refreshes.run(() => this.#refresh());
  }

  async #refresh(): Promise<Result<readonly Bytes[]>> {
    const read = await readLog(this.#storage, this.device, this.#position);
    if (!read.ok) return read;
    if (read.value === undefined) return ok([]);
    const { entries, next, chain, seen } = read.value;
    if (entries.length > 0) await this.#store.write(this.#journal.entryWrites(this.#position.next, entries));
    this.#position = { next, chain };
    this.#seen = seen;
    return ok(entries);
  }
}
