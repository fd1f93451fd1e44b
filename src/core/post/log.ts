/**
 * This device's log: the only one that it writes. An append is durable here when it resolves and reaches the ring in the
 * background; the changes of half a second share one write of the head. POST paper §3.4, design section 9.
 */
import { assert } from '../codec/assert.ts';
import { equalBytes, type Bytes } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import { MAILBOX_LABEL } from '../identity/identity-block.ts';
import type { Vault } from '../identity/vault.ts';
import type { KeyValueStore, Write } from '../storage/key-value-store.ts';
import { StorageError, type Storage, type Stored } from '../storage/storage.ts';
import { BackgroundTask } from './background-task.ts';
import { Serial } from './bounded.ts';
import {
  chainAfter,
  chainOrigin,
  fullClusterLength,
  LOG_ENTRY_BYTES_MAX,
  logClusterCodec,
  logHeadCodec,
  type SeenHead,
} from './log-head.ts';
import { LogJournal, type JournalState } from './log-journal.ts';
import { logStart, readLog } from './log-reader.ts';
import { PostError } from './post-error.ts';

/** Changes within this time share a write of the head. */
export const PUBLISH_EVERY_MS = 500;

export interface DeviceLogPorts {
  readonly store: KeyValueStore;
  readonly storage: Storage;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly deviceKey: Bytes;
  /** What this device has seen of the person's other logs; named in the head. */
  readonly seen: () => readonly SeenHead[];
  /** The ring has entries of ours that this disk lost; they are in the journal now, sealed. */
  readonly recovered: (entries: readonly Bytes[]) => void;
  /** The ring has new entries of ours. */
  readonly grew: () => void;
  /** A publication failed; it is tried again. */
  readonly failed: (error: unknown) => void;
}

interface Waiter {
  readonly sequence: number;
  readonly resolve: (stored: Stored | undefined) => void;
}

export class DeviceLog {
  readonly #ports: DeviceLogPorts;
  readonly #journal: LogJournal;
  readonly #appends = new Serial();
  readonly #task: BackgroundTask;
  #state: JournalState;
  /** All sealed entries from state.first on. */
  #open: Bytes[];
  #waiters: Waiter[] = [];
  #stored: Stored | undefined;
  #lastPublishAt = -Infinity;
  #headDue = false;
  /** Whether the ring's head was looked at in this session. */
  #compared = false;

  private constructor(ports: DeviceLogPorts, journal: LogJournal, state: JournalState, open: Bytes[]) {
    this.#ports = ports;
    this.#journal = journal;
    this.#state = state;
    this.#open = open;
    this.#task = new BackgroundTask(ports.clock, () => this.#publish(), ports.failed);
  }

  /** The log and all of its sealed entries, from the disk; no network is needed. Rejects with StoreError. */
  static async open(ports: DeviceLogPorts): Promise<{ log: DeviceLog; entries: readonly Bytes[] }> {
    const journal = new LogJournal(ports.store, 'log');
    const { state, entries } = await journal.load();
    const origin = chainOrigin(ports.deviceKey);
    const known = state ?? { v: 1, version: 0, first: 0, before: origin, previous: null, published: 0 };
    const log = new DeviceLog(ports, journal, known, entries.slice(known.first));
    return { log, entries };
  }

  /** Number of entries: the sequence number of the next one. */
  get next(): number {
    return this.#state.first + this.#open.length;
  }

  /** Number of entries that are replicated. */
  get published(): number {
    return this.#state.published;
  }

  /** The network is there: publishes what waits, now. */
  hurry(): void {
    if (this.#state.published < this.next || this.#headDue || !this.#compared) this.#task.hurry();
  }

  /** Writes the head again though nothing was appended: other devices' heads were seen. */
  touch(): void {
    this.#headDue = true;
    this.#wake();
  }

  async stop(): Promise<void> {
    await this.#task.stop();
    await this.#appends.idle();
  }

  /**
   * Seals and appends; durable here when resolved, in one batch with `alsoWrite` (keys of the same store). Resolves with the
   * number of entries up to the last one, which `alsoWrite` is given too: what `flushed` takes. Rejects with StoreError `full`: then nothing was appended.
   */
  append(
    plaintexts: readonly Bytes[],
    alsoWrite: (count: number) => readonly Write[] = () => [],
  ): Promise<number> {
    return this.#appends.run(async () => {
      const { store, vault } = this.#ports;
      const sealed = await vault.sealMailbox(plaintexts);
      for (const entry of sealed)
        if (entry.length > LOG_ENTRY_BYTES_MAX)
          throw new PostError('too-large', 'an entry is too large for the log');
      const writes = this.#journal.entryWrites(this.next, sealed);
      await store.write([...writes, ...alsoWrite(this.next + sealed.length)]);
      this.#open.push(...sealed);
      this.#wake();
      return this.next;
    });
  }

  /**
   * Resolves when the first `count` entries are replicated, with the receipts of the write that did it; undefined when that
   * was in an earlier session.
   */
  flushed(count: number): Promise<Stored | undefined> {
    if (this.#state.published >= count) return Promise.resolve(this.#stored);
    return new Promise((resolve) => this.#waiters.push({ sequence: count, resolve }));
  }

  /** The first change after a pause goes out at once, later ones wait for the half second to pass. */
  #wake(): void {
    const nextAt = this.#lastPublishAt + PUBLISH_EVERY_MS;
    this.#task.wake(Math.max(0, nextAt - this.#ports.clock.now()));
  }

  async #publish(): Promise<undefined> {
    if (!this.#compared) await this.#compare();
    if (this.#state.published >= this.next && !this.#headDue) return;
    this.#lastPublishAt = this.#ports.clock.now();
    this.#headDue = false;
    try {
      await this.#sealFullClusters();
      await this.#writeHead();
    } catch (error) {
      this.#headDue = true;
      if (!(error instanceof StorageError && error.code === 'conflict')) throw error;
      await this.#reconcile();
      this.#task.wake();
    }
    if (this.#state.published < this.next) this.#wake();
  }

  /** Once a session, before anything is written: a head that is newer than this disk knows must not be overwritten. */
  async #compare(): Promise<void> {
    const { storage, deviceKey } = this.#ports;
    const record = await storage.getRecord(deviceKey, MAILBOX_LABEL);
    if (record !== undefined && record.body.version > this.#state.version) await this.#reconcile();
    this.#compared = true;
  }

  async #sealFullClusters(): Promise<void> {
    const { storage, deviceKey } = this.#ports;
    for (let length = fullClusterLength(this.#open); length > 0; length = fullClusterLength(this.#open)) {
      const entries = this.#open.slice(0, length);
      const { first, before, previous } = this.#state;
      const cluster = logClusterCodec.encode({ v: 1, device: deviceKey, first, before, entries, previous });
      const key = await storage.keep(cluster);
      await storage.insert(key);
      await this.#save({ first: first + length, before: chainAfter(before, entries), previous: key }, length);
    }
  }

  async #writeHead(): Promise<void> {
    const { storage, vault, clock, deviceKey, seen } = this.#ports;
    // The version is on disk before the ring sees it, so that a restart never writes it twice with other content.
    await this.#save({ version: this.#state.version + 1 });
    const { version, first, before, previous } = this.#state;
    const end = first + fitting(this.#open);
    const entries = this.#open.slice(0, end - first);
    const value = logHeadCodec.encode({ v: 1, first, before, entries, previous, seen: [...seen()] });
    const body = { v: 1 as const, writer: deviceKey, label: MAILBOX_LABEL, version, value, at: clock.now() };
    const signature = await vault.sign('device-record', body);
    this.#stored = await storage.putRecord({ body, signature });
    const grew = end > this.#state.published;
    await this.#save({ published: end });
    if (grew) this.#ports.grew();
    const done = this.#waiters.filter(({ sequence }) => sequence <= end);
    this.#waiters = this.#waiters.filter(({ sequence }) => sequence > end);
    for (const { resolve } of done) resolve(this.#stored);
  }

  /**
   * The ring has a newer head of ours than this disk knows: the disk went back in time. Entries that it lost are taken from
   * the ring; entries made since are appended behind them. Rejects with PostError `damaged` when the ring's log does not check.
   */
  async #reconcile(): Promise<void> {
    await this.#appends.run(async () => {
      const { storage, store, deviceKey, recovered } = this.#ports;
      const read = await readLog(storage, deviceKey, logStart(deviceKey));
      if (!read.ok) throw new PostError('damaged', read.reason);
      if (read.value === undefined) return;
      const { entries: theirs, head, version } = read.value;
      const ours = (await this.#journal.load()).entries;
      let common = 0;
      while (common < Math.min(ours.length, theirs.length) && equalBytes(ours[common]!, theirs[common]!))
        common++;
      const merged = [...theirs, ...ours.slice(common)];
      const state: JournalState = {
        v: 1,
        version: Math.max(version, this.#state.version),
        first: head.first,
        before: head.before,
        previous: head.previous,
        published: theirs.length,
      };
      assert(head.first <= merged.length, 'a log head that checks lies within its log');
      await store.write([
        ...this.#journal.entryWrites(common, merged.slice(common)),
        this.#journal.stateWrite(state),
      ]);
      this.#state = state;
      this.#open = merged.slice(head.first);
      if (theirs.length > common) recovered(theirs.slice(common));
    });
  }

  /** Durable, then in memory at one stroke: appends go on meanwhile. `sealed` open entries have become a cluster. */
  async #save(change: Partial<JournalState>, sealed = 0): Promise<void> {
    const state = { ...this.#state, ...change };
    await this.#ports.store.write([this.#journal.stateWrite(state)]);
    this.#state = state;
    this.#open.splice(0, sealed);
  }
}

/** How many of the open entries go into the head: all that came before a cluster is full. */
function fitting(open: readonly Bytes[]): number {
  return fullClusterLength(open) || open.length;
}
