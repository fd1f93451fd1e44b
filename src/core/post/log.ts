/**
 * This device's log: the only one that it writes. An append is durable here when it resolves and reaches the ring in the
 * background; the changes of half a second share one write of the head. POST paper §3.4, design section 9.
 */
import { assert } from '../codec/assert.ts';
import type { Bytes } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import { MAILBOX_LABEL } from '../identity/identity-block.ts';
import type { Vault } from '../identity/vault.ts';
import type { KeyValueStore, Write } from '../storage/key-value-store.ts';
import { StorageError, type Stored, type StoredRecord } from '../storage/storage.ts';
import { BackgroundTask } from './background-task.ts';
import { Serial } from './bounded.ts';
import { ChainHistory } from './chain-history.ts';
import {
  chainAfter,
  chainOrigin,
  fullClusterLength,
  LOG_ENTRY_BYTES_MAX,
  logClusterCodec,
  logHeadCodec,
  logIndexCodec,
  logStart,
  type LogLink,
  type LogPosition,
  type SeenHead,
} from './log-head.ts';
import { journalStateCodec, LogJournal, type JournalState } from './log-journal.ts';
import { reconcile } from './log-reconcile.ts';
import { SNAPSHOT_EVERY_CLUSTERS, type Compact } from './log-snapshot.ts';
import { extendSnapshot } from './log-snapshots.ts';
import type { LogStorage } from './log-storage.ts';
import { clustersAfter, hasRoom, withCluster } from './log-tree.ts';
import { PostError } from './post-error.ts';

/** Changes within this time share a write of the head. */
export const PUBLISH_EVERY_MS = 500;

export interface DeviceLogPorts {
  readonly store: KeyValueStore;
  readonly storage: LogStorage;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly deviceKey: Bytes;
  /** What this device has seen of the person's other logs; named in the head. */
  readonly seen: () => readonly SeenHead[];
  /** Of opened entries, those that a snapshot keeps. */
  readonly compact: Compact;
  /** The ring has entries of ours that this disk lost; they are in the journal now, sealed. */
  readonly recovered: (entries: readonly Bytes[]) => void;
  /** The ring has another history of this log than this disk had published; ours was appended behind it. `ours`: our head of it. */
  readonly forked: (theirs: StoredRecord, ours: StoredRecord | undefined) => void;
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
  readonly #journal: LogJournal<JournalState>;
  readonly #appends = new Serial();
  readonly #task: BackgroundTask;
  #state: JournalState;
  /** All sealed entries from state.first on. */
  #open: Bytes[];
  #waiters: Waiter[] = [];
  #stored: Stored | undefined;
  /** The head that this session wrote last. */
  #lastHead: StoredRecord | undefined;
  #lastPublishAt = -Infinity;
  #headDue = false;
  /** Whether the ring's head was looked at in this session. */
  #compared = false;
  #history: ChainHistory;
  /** Entries that the last snapshot was tried for, made or not. */
  #snapshotTried = 0;

  private constructor(
    ports: DeviceLogPorts,
    journal: LogJournal<JournalState>,
    state: JournalState,
    open: Bytes[],
  ) {
    this.#ports = ports;
    this.#journal = journal;
    this.#history = this.#historyFromDisk();
    this.#state = state;
    this.#open = open;
    this.#task = new BackgroundTask(ports.clock, () => this.#publish(), ports.failed);
  }

  /** The log and all of its sealed entries, from the disk; no network is needed. Rejects with StoreError, PostError `damaged`. */
  static async open(ports: DeviceLogPorts): Promise<{ log: DeviceLog; entries: readonly Bytes[] }> {
    const journal = new LogJournal(ports.store, 'log', journalStateCodec);
    const [state, entries] = await Promise.all([journal.state(), journal.entries()]);
    const before = chainOrigin(ports.deviceKey);
    const empty = { version: 0, first: 0, before, levels: [], snapshot: null, published: 0 };
    const known = state ?? { v: 2, ...empty };
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

  /** Where its blocks are, as this disk knows it. */
  get links(): Pick<JournalState, 'first' | 'levels' | 'snapshot'> {
    const { first, levels, snapshot } = this.#state;
    return { first, levels, snapshot };
  }

  /** Chain over the first `next` entries; undefined when there are fewer. Rejects with StoreError. */
  chainAt(next: number): Promise<LogPosition['chain'] | undefined> {
    return this.#history.at(next);
  }

  /** The network is there: publishes what waits, now. */
  hurry(): void {
    if (this.#state.published < this.next || this.#headDue || !this.#compared) this.#task.hurry();
  }

  /** The newest head that this session wrote. */
  get head(): StoredRecord | undefined {
    return this.#lastHead;
  }

  /** Another device has seen more of this log than this disk has: the ring is looked at again before anything is written. */
  recheck(): void {
    this.#compared = false;
    this.touch();
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
      await this.#snapshot();
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
    const { deviceKey } = this.#ports;
    for (let length = fullClusterLength(this.#open); length > 0; length = fullClusterLength(this.#open)) {
      const { first, before, levels } = this.#state;
      if (!hasRoom(levels)) throw new PostError('too-large', 'The log of this device is full.');
      const entries = this.#open.slice(0, length);
      const key = await this.#replicated(
        logClusterCodec.encode({ v: 2, device: deviceKey, first, before, entries }),
      );
      const end = first + length;
      const grown = await withCluster(levels, { key, end }, (level, links) => this.#sealIndex(level, links));
      await this.#save({ first: end, before: chainAfter(before, entries), levels: grown }, length);
    }
  }

  #sealIndex(level: number, links: readonly LogLink[]): Promise<LogLink['key']> {
    const { deviceKey } = this.#ports;
    return this.#replicated(logIndexCodec.encode({ v: 2, device: deviceKey, level, links: [...links] }));
  }

  async #replicated(block: Bytes): Promise<LogLink['key']> {
    const { storage } = this.#ports;
    const key = await storage.keep(block);
    await storage.insert(key);
    return key;
  }

  /** Adds to the snapshot when enough clusters were sealed. The log goes on without one: failures are told and tried later. */
  async #snapshot(): Promise<void> {
    const { first, before, levels, snapshot } = this.#state;
    const done = snapshot?.next ?? 0;
    if (clustersAfter(levels, Math.max(done, this.#snapshotTried)) < SNAPSHOT_EVERY_CLUSTERS) return;
    this.#snapshotTried = first;
    try {
      const sealed = await this.#journal.range(done, first);
      const made = await extendSnapshot(this.#ports, snapshot, sealed, { next: first, chain: before });
      if (made === undefined) return;
      await this.#save({ snapshot: made });
      this.touch();
    } catch (error) {
      this.#ports.failed(error);
    }
  }

  async #writeHead(): Promise<void> {
    const { storage, vault, clock, deviceKey, seen } = this.#ports;
    // The version is on disk before the ring sees it, so that a restart never writes it twice with other content.
    await this.#save({ version: this.#state.version + 1 });
    const { version, first, before, levels, snapshot } = this.#state;
    const end = first + fitting(this.#open);
    const entries = this.#open.slice(0, end - first);
    const value = logHeadCodec.encode({ v: 2, first, before, entries, levels, snapshot, seen: [...seen()] });
    const body = { v: 1 as const, writer: deviceKey, label: MAILBOX_LABEL, version, value, at: clock.now() };
    const signature = await vault.sign('device-record', body);
    this.#stored = await storage.putRecord({ body, signature });
    this.#lastHead = { body, signature };
    const grew = end > this.#state.published;
    await this.#save({ published: end });
    if (grew) this.#ports.grew();
    const done = this.#waiters.filter(({ sequence }) => sequence <= end);
    this.#waiters = this.#waiters.filter(({ sequence }) => sequence > end);
    for (const { resolve } of done) resolve(this.#stored);
  }

  /** Takes over the ring's newer log. Rejects like `reconcile`. */
  async #reconcile(): Promise<void> {
    await this.#appends.run(async () => {
      const { recovered, forked } = this.#ports;
      const { published } = this.#state;
      const chain = await this.#history.at(published);
      assert(chain !== undefined, 'what was published is on the disk');
      const done = await reconcile(this.#ports, this.#journal, this.#state, { next: published, chain });
      if (done === undefined) return;
      this.#state = done.state;
      this.#open = done.open;
      this.#history = this.#historyFromDisk();
      if (done.fork !== undefined) forked(done.fork, this.#lastHead);
      if (done.lost.length > 0) recovered(done.lost);
    });
  }

  #historyFromDisk(): ChainHistory {
    return new ChainHistory(logStart(this.#ports.deviceKey), (first, end) => this.#journal.range(first, end));
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
