/** The log of another device of the same person: read from the ring, checked, kept on this disk, never written. */
import * as v from 'valibot';
import { toHex, type Bytes } from '../codec/bytes.ts';
import { RECORD_BYTES_MAX } from '../codec/limits.ts';
import { ok, refuse, type Result } from '../codec/result.ts';
import { codec, idSchema, whole } from '../codec/schema.ts';
import type { KeyValueStore } from '../storage/key-value-store.ts';
import { Serial } from './bounded.ts';
import { logStart, type LogPosition, type SeenHead } from './log-head.ts';
import { LogJournal } from './log-journal.ts';
import { readHead, readTail } from './log-reader.ts';
import type { LogStorage } from './log-storage.ts';

const positionSchema = v.strictObject({ next: whole(), chain: idSchema });
const stateSchema = v.strictObject({
  v: v.literal(1),
  /** How far the log was read. */
  ...positionSchema.entries,
  /** From here on all entries are on this disk; before it there are parts of snapshots. */
  base: positionSchema,
  /** Version of the head that was read last. */
  version: whole(),
});
export type FollowedState = v.InferOutput<typeof stateSchema>;
/** How far another device's log was read, as kept on disk. */
export const followedStateCodec = codec('followed log', stateSchema, RECORD_BYTES_MAX);

/** What is new of a log, sealed. */
export interface LogNews {
  readonly entries: readonly Bytes[];
  /** Parts of a snapshot that stands for entries which were not read. */
  readonly parts: readonly Bytes[];
}

export class FollowedLog {
  readonly device: Bytes;
  readonly #store: KeyValueStore;
  readonly #storage: LogStorage;
  readonly #journal: LogJournal<FollowedState>;
  readonly #refreshes = new Serial();
  #state: FollowedState;
  #seen: readonly SeenHead[] = [];

  private constructor(
    device: Bytes,
    store: KeyValueStore,
    storage: LogStorage,
    journal: LogJournal<FollowedState>,
    state: FollowedState,
  ) {
    this.device = device;
    this.#store = store;
    this.#storage = storage;
    this.#journal = journal;
    this.#state = state;
  }

  /** What is on this disk of the log of `device`. Rejects with StoreError, PostError `damaged`. */
  static async open(
    device: Bytes,
    store: KeyValueStore,
    storage: LogStorage,
  ): Promise<{ log: FollowedLog; news: LogNews }> {
    const journal = new LogJournal(store, `log-${toHex(device)}`, followedStateCodec);
    const [known, entries, parts] = await Promise.all([journal.state(), journal.entries(), journal.parts()]);
    const start = logStart(device);
    const state = known ?? { v: 1, ...start, base: { ...start }, version: 0 };
    return { log: new FollowedLog(device, store, storage, journal, state), news: { entries, parts } };
  }

  get position(): LogPosition {
    const { next, chain } = this.#state;
    return { next, chain };
  }

  /** What heads of this device say about this log. */
  get asSeen(): SeenHead {
    const { version } = this.#state;
    return { device: this.device, ...this.position, version };
  }

  /** What that device's head said it has seen of others, at the last refresh. */
  get seen(): readonly SeenHead[] {
    return this.#seen;
  }

  /** What is new, durable here when resolved. Refusals: those of readHead and readTail. Rejects with StorageError or StoreError. */
  refresh(): Promise<Result<LogNews>> {
    return this.#refreshes.run(() => this.#refresh());
  }

  async #refresh(): Promise<Result<LogNews>> {
    const checked = await readHead(this.#storage, this.device);
    if (!checked.ok) return checked;
    if (checked.value === undefined)
      return this.#state.next === 0
        ? ok({ entries: [], parts: [] })
        : refuse('rolled-back', 'a log that was there is gone');
    const { head, record } = checked.value;
    const tail = await readTail(this.#storage, this.device, checked.value, this.position, true);
    if (!tail.ok) return tail;
    const { entries, parts, next, chain, from } = tail.value;
    const skipped = from.next !== this.#state.next;
    const state: FollowedState = {
      v: 1,
      next,
      chain,
      base: skipped ? { ...from } : this.#state.base,
      version: record.body.version,
    };
    await this.#store.write([
      ...this.#journal.partWrites(from.next, parts),
      ...this.#journal.entryWrites(from.next, entries),
      this.#journal.stateWrite(state),
    ]);
    this.#state = state;
    this.#seen = head.seen;
    return ok({ entries, parts });
  }
}
