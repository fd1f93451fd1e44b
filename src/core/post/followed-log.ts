/** The log of another device of the same person: read from the ring, checked, kept on this disk, never written. */
import * as v from 'valibot';
import { equalBytes, toHex, type Bytes } from '../codec/bytes.ts';
import { RECORD_BYTES_MAX } from '../codec/limits.ts';
import { ok, refuse, type Refusal, type Result } from '../codec/result.ts';
import { codec, idSchema, whole } from '../codec/schema.ts';
import { MAILBOX_LABEL } from '../identity/identity-block.ts';
import type { KeyValueStore } from '../storage/key-value-store.ts';
import { StorageError, type StoredRecord } from '../storage/storage.ts';
import { signedRecord } from '../storage/wire.ts';
import { Serial } from './bounded.ts';
import { ChainHistory } from './chain-history.ts';
import { sameRecord, type LogEvidence } from './log-evidence.ts';
import {
  chainAfter,
  logHeadCodec,
  logStart,
  type LogHead,
  type LogPosition,
  type SeenHead,
} from './log-head.ts';
import { LogJournal } from './log-journal.ts';
import { checkHead, readTail, type CheckedHead, type LogTail } from './log-reader.ts';
import type { LogStorage } from './log-storage.ts';

const positionSchema = v.strictObject({ next: whole(), chain: idSchema });
const stateSchema = v.strictObject({
  v: v.literal(1),
  /** How far the log was read. */
  ...positionSchema.entries,
  /** From here on all entries are on this disk; before it there are parts of snapshots. */
  base: positionSchema,
  /** The head that was read last, signed: evidence, and what the ring is given back when it has lost it. */
  head: v.nullable(signedRecord),
  /** A signed head that contradicts what was read: the log is read no further. */
  against: v.nullable(signedRecord),
});
export type FollowedState = v.InferOutput<typeof stateSchema>;
/** How far another device's log was read, as kept on disk. */
export const followedStateCodec = codec('followed log', stateSchema, 2 * (RECORD_BYTES_MAX + 1024));

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
  #history: ChainHistory;
  #seen: readonly SeenHead[] = [];
  /** Its device was removed: what comes behind this is none of the mailbox. */
  #end: LogPosition | undefined;
  #evidence: readonly StoredRecord[];

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
    this.#history = this.#historyFrom(state.base);
    const { head, against } = state;
    const decoded = head === null ? undefined : logHeadCodec.decode(head.body.value);
    if (decoded?.ok) this.#seen = decoded.value.seen;
    this.#evidence = head === null || against === null ? [] : [head, against];
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
    const state = known ?? { v: 1, ...start, base: { ...start }, head: null, against: null };
    return { log: new FollowedLog(device, store, storage, journal, state), news: { entries, parts } };
  }

  /** Its device was removed: the log is followed up to `end` and no further. */
  endAt(end: LogPosition): void {
    this.#end = end;
  }

  /** Whether its device was removed. What the other devices' heads say of it is of no account then: the identity block names its end. */
  get ended(): boolean {
    return this.#end !== undefined;
  }

  /** Whether it has two histories: it is read no further. */
  get forked(): boolean {
    return this.#state.against !== null;
  }

  get position(): LogPosition {
    const { next, chain } = this.#state;
    return { next, chain };
  }

  /** Where its blocks are, as the head that was read last says; undefined when none was, or when there are two histories of it. */
  get links(): Pick<LogHead, 'first' | 'levels' | 'snapshot'> | undefined {
    const { head, against } = this.#state;
    const decoded = head === null || against !== null ? undefined : logHeadCodec.decode(head.body.value);
    return decoded?.ok === true ? decoded.value : undefined;
  }

  /** What the head of this device says about this log. */
  get asSeen(): SeenHead {
    return { device: this.device, ...this.position, version: this.head?.body.version ?? 0 };
  }

  /** The signed head that was read last. */
  get head(): StoredRecord | undefined {
    return this.#state.head ?? undefined;
  }

  /** What that head says its device has seen of others. A removed device is no witness. */
  get seen(): readonly SeenHead[] {
    return this.ended ? [] : this.#seen;
  }

  /** Signed heads that prove the refusal of the last refresh; of a fork, of any before. */
  get evidence(): LogEvidence {
    return { device: this.device, heads: this.#evidence };
  }

  /** Chain over the first `next` entries; undefined when this disk does not have them. Rejects with StoreError. */
  chainAt(next: number): Promise<LogPosition['chain'] | undefined> {
    return this.#history.at(next);
  }

  /** `against` proves another history than the one that was read: nothing more of this log is taken over, from now on. */
  async suspend(against: StoredRecord): Promise<void> {
    await this.#refreshes.run(() => this.#suspend(against));
  }

  /**
   * What is new, durable here when resolved. Refusals: `rolled-back` (the ring shows less than it did; what it had is given
   * back to it), `forked` (for good), and those of readHead and readTail. Rejects with StorageError or StoreError.
   */
  refresh(): Promise<Result<LogNews>> {
    return this.#refreshes.run(() => this.#refresh());
  }

  async #refresh(): Promise<Result<LogNews>> {
    const { head: known, against } = this.#state;
    if (this.#end !== undefined && this.#state.next >= this.#end.next) return ok(NOTHING_NEW);
    // Of two histories, the person has named the one that counts by where it ends.
    if (against !== null && !this.ended) return refuse('forked', 'a log with two histories');
    this.#evidence = [];
    const record = await this.#storage.getRecord(this.device, MAILBOX_LABEL);
    if (record === undefined) return known === null ? ok(NOTHING_NEW) : this.#giveBack(known);
    if (known !== null && sameRecord(known, record)) return ok(NOTHING_NEW);
    const checked = await checkHead(record, this.device);
    if (!checked.ok) return checked;
    if (known !== null && record.body.version < known.body.version) return this.#giveBack(known, record);
    const tail =
      known?.body.version === record.body.version && !this.ended
        ? refuse('forked', 'two heads of one version')
        : await this.#tailOf(checked.value);
    if (tail.ok) return this.#take(checked.value, tail.value);
    // A newer head that its device signed has less, or something else, than an older one: it contradicts itself.
    if (this.ended) return tail;
    if (tail.code === 'forked' || tail.code === 'rolled-back') {
      await this.#suspend(record);
      return refuse('forked', tail.reason);
    }
    return tail;
  }

  /** Of a removed device's log: up to its end, without a snapshot that stands for more. */
  async #tailOf(checked: CheckedHead): Promise<Result<LogTail>> {
    const end = this.#end;
    if (end === undefined) return readTail(this.#storage, this.device, checked, this.position, true);
    const { snapshot } = checked.head;
    const skips = snapshot !== null && snapshot.next <= end.next;
    const tail = await readTail(this.#storage, this.device, checked, this.position, skips);
    if (!tail.ok || tail.value.next < end.next) return tail;
    const { from } = tail.value;
    const entries = tail.value.entries.slice(0, end.next - from.next);
    const chain = chainAfter(from.chain, entries);
    if (!equalBytes(chain, end.chain)) return refuse('forked', 'a log with another history than at its end');
    return ok({ ...tail.value, entries, next: end.next, chain });
  }

  async #take({ record, head }: CheckedHead, tail: LogTail): Promise<Result<LogNews>> {
    const { entries, parts, next, chain, from } = tail;
    const isSkip = from.next !== this.#state.next;
    const base = isSkip ? { ...from } : this.#state.base;
    const state: FollowedState = { v: 1, next, chain, base, head: record, against: null };
    await this.#store.write([
      ...this.#journal.partWrites(from.next, parts),
      ...this.#journal.entryWrites(from.next, entries),
      this.#journal.stateWrite(state),
    ]);
    this.#state = state;
    if (isSkip) this.#history = this.#historyFrom(base);
    this.#seen = head.seen;
    return ok({ entries, parts });
  }

  /** The ring shows an older head than it did, or none. The newer one is signed: whoever has it can put it there again. */
  async #giveBack(known: StoredRecord, shown?: StoredRecord): Promise<Refusal> {
    this.#evidence = shown === undefined ? [known] : [known, shown];
    const what = shown === undefined ? 'a log that was there is gone' : 'a log that is older than it was';
    try {
      await this.#storage.putRecord(known);
      return refuse('rolled-back', `${what}; its newest head was put back`);
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      return refuse('rolled-back', `${what}; its newest head could not be put back: ${error.message}`);
    }
  }

  async #suspend(against: StoredRecord): Promise<void> {
    const { head } = this.#state;
    const state = { ...this.#state, against };
    await this.#store.write([this.#journal.stateWrite(state)]);
    this.#state = state;
    this.#evidence = head === null ? [against] : [head, against];
  }

  #historyFrom(base: LogPosition): ChainHistory {
    return new ChainHistory(base, (first, end) => this.#journal.range(first, end));
  }
}

const NOTHING_NEW: LogNews = { entries: [], parts: [] };
