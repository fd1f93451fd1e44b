/** The mailbox over its logs: this device's own, which it writes, and those of the person's other devices, which it follows. */
import { equalBytes, toHex, type Bytes } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import type { Counters } from '../codec/counters.ts';
import { ok, refuse, type Refusal, type Result } from '../codec/result.ts';
import type { LogWriter } from '../identity/identity-block.ts';
import type { Vault } from '../identity/vault.ts';
import { BackgroundTask } from '../post/background-task.ts';
import { mapBounded } from '../post/bounded.ts';
import { FollowedLog, type LogNews } from '../post/followed-log.ts';
import { DeviceLog } from '../post/log.ts';
import type { LogEvidence } from '../post/log-evidence.ts';
import type { LogPosition, SeenHead } from '../post/log-head.ts';
import type { KnownLog } from '../post/log-needs.ts';
import { snapshotPartCodec } from '../post/log-snapshot.ts';
import type { LogStorage } from '../post/log-storage.ts';
import { LogWitness } from '../post/log-witness.ts';
import type { KeyValueStore, Write } from '../storage/key-value-store.ts';
import { StorageError, type Stored, type StoredRecord } from '../storage/storage.ts';
import { compactEntries } from './compact.ts';
import { mailEntryCodec, type Change, type MailEntry } from './entries.ts';
import { Mailbox, type Touched } from './mailbox.ts';

/** How often other devices' logs are read without being woken. */
export const FOLLOW_EVERY_MS = 60_000;
/** Entries that the vault opens in one call. */
const OPEN_AT_ONCE = 500;
/** Changes that are noted in one append when a lost log is brought back. */
const BROUGHT_BACK_AT_ONCE = 256;
/** Logs that are read at once. */
const LOGS_AT_ONCE = 4;

/** Something about the logs that a person should know. */
export type LogAlarm = 'rolled-back' | 'forked' | 'withheld' | 'lost' | 'unreadable' | 'recovered';

/** What changed of the state; settings and rules without being named. */
export interface MailboxChanges {
  /** Ids of messages. */
  readonly ids: ReadonlySet<string>;
  /** Addresses of people who have another name or key. */
  readonly people: ReadonlySet<string>;
  /** Own folders or labels came, went or have other names. */
  readonly filing: boolean;
}

/** What this device and the heads of the others say of a device's log. */
export interface LogTraces {
  /** How far it was read here. */
  readonly position: LogPosition;
  readonly head: StoredRecord | undefined;
  readonly quotes: readonly LogPosition[];
  /** Two histories of it are known. */
  readonly forked: boolean;
}

export interface MailboxLogPorts {
  readonly store: KeyValueStore;
  readonly storage: LogStorage;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly deviceKey: Bytes;
  /** The state changed. */
  readonly changed: (changes: MailboxChanges) => void;
  /** Another device's changes were read from the ring. */
  readonly read: () => void;
  /** `evidence`: signed heads that prove it. */
  readonly alarm: (alarm: LogAlarm, evidence?: LogEvidence) => void;
  /** The ring has new entries of this device's log. */
  readonly grew: () => void;
  readonly failed: (error: unknown) => void;
}

export class MailboxLog {
  readonly mailbox = new Mailbox();
  readonly #ports: MailboxLogPorts;
  readonly #device: string;
  readonly #followed = new Map<string, FollowedLog>();
  /** Of which nobody had a block, at the last look. */
  readonly #incomplete = new Set<FollowedLog>();
  readonly #task: BackgroundTask;
  #log!: DeviceLog;
  #lamport = 0;
  #witness!: LogWitness;

  private constructor(ports: MailboxLogPorts) {
    this.#ports = ports;
    this.#device = toHex(ports.deviceKey);
    this.#task = new BackgroundTask(ports.clock, () => this.#refresh(), ports.failed);
  }

  /** The whole state as this disk knows it; no network is needed. `writers`: the person's devices known so far. */
  static async open(ports: MailboxLogPorts, writers: readonly LogWriter[]): Promise<MailboxLog> {
    const self = new MailboxLog(ports);
    const { log, entries } = await DeviceLog.open({
      ...ports,
      seen: () => self.#seen(),
      recovered: (lost) => void self.#recovered(lost),
      forked: (theirs, ours) =>
        ports.alarm('forked', {
          device: ports.deviceKey,
          heads: ours === undefined ? [theirs] : [ours, theirs],
        }),
      compact: compactEntries,
    });
    self.#log = log;
    self.#witness = new LogWitness(ports.deviceKey, log);
    await self.#apply(self.#device, entries);
    await self.follow(writers);
    return self;
  }

  /** Appends changes: durable here, in one batch with `alsoWrite`, before the state shows them. Resolves with what `flushed` takes. */
  async record(changes: readonly Change[], alsoWrite?: (count: number) => readonly Write[]): Promise<number> {
    const entries = changes.map((change): MailEntry => {
      this.#lamport = Math.max(this.#lamport, this.mailbox.lamport) + 1;
      return { lamport: this.#lamport, change };
    });
    const count = await this.#log.append(
      entries.map((entry) => mailEntryCodec.encode(entry)),
      alsoWrite,
    );
    const changed = new Changes();
    for (const entry of entries) changed.add(this.mailbox.apply(this.#device, entry));
    this.#ports.changed(changed);
    return count;
  }

  /** Resolves when the first `count` entries of this device's log are replicated. */
  flushed(count: number): Promise<Stored | undefined> {
    return this.#log.flushed(count);
  }

  isFlushed(count: number): boolean {
    return this.#log.published >= count;
  }

  /** Number of entries in this device's log: `flushed(length)` waits for all of them. */
  get length(): number {
    return this.#log.next;
  }

  /** Another device's log has grown. */
  look(): void {
    this.#task.wake();
  }

  /** The network is there: publishes what waits, reads the other logs. */
  hurry(): void {
    this.#log.hurry();
    this.#task.hurry();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#task.stop(), this.#log.stop()]);
  }

  /** Reads the other devices' logs now. Rejects with StorageError. */
  async refresh(): Promise<void> {
    await this.#refresh();
  }

  /** Reads the other devices' logs now; whether all of them could be read to their ends. Rejects with StorageError. */
  async caughtUp(): Promise<boolean> {
    const read = await mapBounded([...this.#followed.values()], LOGS_AT_ONCE, (log) => this.#refreshOne(log));
    return read.every((isRead) => isRead);
  }

  /** The logs of which it is known what they need, and how far the other devices have read each. */
  known(): KnownLog[] {
    const { deviceKey } = this.#ports;
    const others = [...this.#followed.values()];
    const present = others.filter((log) => !log.ended);
    const saidOf = (device: Bytes, by: readonly FollowedLog[]): number[] =>
      by.map(({ seen }) => seen.find((one) => equalBytes(one.device, device))?.next ?? 0);
    return [
      { device: deviceKey, head: this.#log.links, readBy: saidOf(deviceKey, present) },
      ...others.flatMap((log): KnownLog[] => {
        const { device, links: head, position } = log;
        if (head === undefined) return [];
        // A new device reads a removed one's log to its end, which a snapshot may lie behind.
        const readBy = log.ended
          ? [0]
          : [
              position.next,
              ...saidOf(
                device,
                present.filter((one) => one !== log),
              ),
            ];
        return [{ device, head, readBy }];
      }),
    ];
  }

  /** Follows the logs of these devices too (of the same person), those of removed ones up to their end; known ones stay. */
  async follow(writers: readonly LogWriter[]): Promise<void> {
    const { deviceKey, store, storage } = this.#ports;
    for (const { device, end } of writers) {
      const name = toHex(device);
      if (end !== undefined) this.#followed.get(name)?.endAt(end);
      if (equalBytes(device, deviceKey) || this.#followed.has(name)) continue;
      const { log, news } = await FollowedLog.open(device, store, storage);
      if (this.#followed.has(name)) continue;
      if (end !== undefined) log.endAt(end);
      this.#followed.set(name, log);
      await this.#take(log, news);
      if (log.evidence.heads.length > 0 && !log.ended) this.#ports.alarm('forked', log.evidence);
      this.#task.wake();
    }
  }

  async #refresh(): Promise<number | undefined> {
    const logs = [...this.#followed.values()];
    if (logs.length === 0) return undefined;
    await mapBounded(logs, LOGS_AT_ONCE, (log) => this.#refreshOne(log));
    for (const { kind, ...evidence } of await this.#witness.compare(logs)) {
      this.#ports.counters.refused('log', refuse(kind, `heads of two devices that do not fit: ${kind}`));
      this.#ports.alarm(kind, evidence);
    }
    return FOLLOW_EVERY_MS;
  }

  /** Whether it could be read. */
  async #refreshOne(log: FollowedLog): Promise<boolean> {
    const { counters } = this.#ports;
    const again = this.#incomplete.has(log);
    const read = await this.#tried(log);
    // What nobody has of a removed device's log, at two looks, nobody will bring back.
    if (read === undefined) return log.ended && again;
    if (read.ok) {
      await this.#take(log, read.value);
      if (read.value.entries.length + read.value.parts.length > 0) this.#ports.read();
      return true;
    }
    counters.refused('log', read);
    if (log.ended) return true; // Nothing that the person could do about a device that is no longer one.
    if (read.code === 'rolled-back' || read.code === 'forked') this.#ports.alarm(read.code, log.evidence);
    else this.#ports.alarm('unreadable');
    return false;
  }

  /** Undefined when a block of it is denied by all who should have it: said at the second look, for it may just be moving. */
  async #tried(log: FollowedLog): Promise<Result<LogNews> | undefined> {
    try {
      const read = await log.refresh();
      this.#incomplete.delete(log);
      return read;
    } catch (error) {
      if (!(error instanceof StorageError && error.code === 'not-found')) throw error;
      this.#ports.counters.refused('log', refuse('block-lost', error.message));
      const { device, head } = log;
      if (this.#incomplete.has(log) && !log.ended)
        this.#ports.alarm('lost', { device, heads: head === undefined ? [] : [head] });
      this.#incomplete.add(log);
      return undefined;
    }
  }

  async #recovered(sealed: readonly Bytes[]): Promise<void> {
    try {
      await this.#apply(this.#device, sealed);
      this.#ports.alarm('recovered');
    } catch (error) {
      this.#ports.failed(error);
    }
  }

  async #take({ device }: FollowedLog, news: LogNews): Promise<void> {
    await this.#apply(toHex(device), news.entries, news.parts);
  }

  /** Opens and merges. Told once, when all of it is in: half a mailbox is of use to nobody, and would be shown several times. */
  async #apply(device: string, entries: readonly Bytes[], parts: readonly Bytes[] = []): Promise<void> {
    const changed = await this.#openInto(this.mailbox, device, entries, parts);
    if (changed.entries > 0) this.#ports.changed(changed);
  }

  async #openInto(
    mailbox: Mailbox,
    device: string,
    entries: readonly Bytes[],
    parts: readonly Bytes[],
  ): Promise<Changes> {
    const { vault } = this.#ports;
    const changed = new Changes();
    const apply = (opened: readonly Result<Bytes>[]): void => {
      for (const plain of opened) {
        const entry = plain.ok ? mailEntryCodec.decode(plain.value) : plain;
        if (entry.ok) changed.add(mailbox.apply(device, entry.value));
        else this.#unreadable(entry);
      }
    };
    for (const sealed of parts) {
      const [plain] = await vault.openMailbox([sealed]);
      const part = plain!.ok ? snapshotPartCodec.decode(plain!.value) : plain!;
      if (!part.ok) this.#unreadable(part);
      else if (toHex(part.value.device) !== device)
        this.#unreadable(refuse('foreign-snapshot', 'a snapshot of another device'));
      else apply(part.value.entries.map(ok));
    }
    for (let i = 0; i < entries.length; i += OPEN_AT_ONCE)
      apply(await vault.openMailbox(entries.slice(i, i + OPEN_AT_ONCE)));
    return changed;
  }

  /** Undefined when the log is not followed. */
  tracesOf(device: Bytes): LogTraces | undefined {
    const log = this.#followed.get(toHex(device));
    if (log === undefined) return undefined;
    const others = [...this.#followed.values()].filter((other) => other !== log);
    const quotes = others.flatMap(({ seen }) => seen).filter((quote) => equalBytes(quote.device, device));
    return { position: log.position, head: log.head, quotes, forked: log.forked };
  }

  /**
   * Notes as changes of this device what sealed `entries` and `parts` of another device's log have and the mailbox lacks: then it is on
   * this disk, and the other devices get it with this device's log. Resolves with the number of changes. Rejects with StoreError.
   */
  async bringBack(device: Bytes, entries: readonly Bytes[], parts: readonly Bytes[]): Promise<number> {
    const found = new Mailbox();
    await this.#openInto(found, toHex(device), entries, parts);
    let count = 0;
    let changes: Change[] = [];
    const note = async (): Promise<void> => {
      if (changes.length > 0) await this.record(changes);
      count += changes.length;
      changes = [];
    };
    for (const change of this.mailbox.lacking(found))
      if (changes.push(change) >= BROUGHT_BACK_AT_ONCE) await note();
    await note();
    return count;
  }

  #unreadable(refusal: Refusal): void {
    this.#ports.counters.refused('log', refusal);
    this.#ports.alarm('unreadable');
  }

  /** Where a removed device's log ends, the identity block says: it takes up none of the room that a head has. */
  #seen(): SeenHead[] {
    return [...this.#followed.values()].filter((log) => !log.ended).map((log) => log.asSeen);
  }

  /** How far another device's log was read, where it ends when that device is removed now; undefined when it is not followed. */
  endOf(device: Bytes): LogPosition | undefined {
    return this.#followed.get(toHex(device))?.position;
  }
}

class Changes implements MailboxChanges {
  readonly ids = new Set<string>();
  readonly people = new Set<string>();
  filing = false;
  entries = 0;

  add({ ids, person, filing }: Touched): void {
    this.filing ||= filing;
    this.entries += 1;
    for (const id of ids) this.ids.add(id);
    if (person !== undefined) this.people.add(person);
  }
}
