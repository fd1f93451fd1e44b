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
import { snapshotPartCodec } from '../post/log-snapshot.ts';
import type { LogStorage } from '../post/log-storage.ts';
import { LogWitness } from '../post/log-witness.ts';
import type { KeyValueStore, Write } from '../storage/key-value-store.ts';
import type { Stored } from '../storage/storage.ts';
import { compactEntries } from './compact.ts';
import { mailEntryCodec, type Change, type MailEntry } from './entries.ts';
import { Mailbox } from './mailbox.ts';

/** How often other devices' logs are read without being woken. */
export const FOLLOW_EVERY_MS = 60_000;
/** Entries that the vault opens in one call. */
const OPEN_AT_ONCE = 500;

/** Something about the logs that a person should know. */
export type LogAlarm = 'rolled-back' | 'forked' | 'withheld' | 'unreadable' | 'recovered';

export interface MailboxLogPorts {
  readonly store: KeyValueStore;
  readonly storage: LogStorage;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly deviceKey: Bytes;
  /** The state changed: ids of the messages concerned; undefined: people or settings. */
  readonly changed: (ids: readonly (string | undefined)[]) => void;
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
      return { v: 1, lamport: this.#lamport, change };
    });
    const count = await this.#log.append(
      entries.map((entry) => mailEntryCodec.encode(entry)),
      alsoWrite,
    );
    this.#ports.changed(entries.map((entry) => this.mailbox.apply(this.#device, entry)));
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
    await mapBounded(logs, 4, (log) => this.#refreshOne(log));
    for (const { kind, ...evidence } of await this.#witness.compare(logs)) {
      this.#ports.counters.refused('log', refuse(kind, `heads of two devices that do not fit: ${kind}`));
      this.#ports.alarm(kind, evidence);
    }
    return FOLLOW_EVERY_MS;
  }

  async #refreshOne(log: FollowedLog): Promise<void> {
    const { counters } = this.#ports;
    const read = await log.refresh();
    if (read.ok) {
      await this.#take(log, read.value);
      if (read.value.entries.length + read.value.parts.length > 0) this.#ports.read();
      return;
    }
    counters.refused('log', read);
    if (log.ended) return; // Nothing that the person could do about a device that is no longer one.
    if (read.code === 'rolled-back' || read.code === 'forked') this.#ports.alarm(read.code, log.evidence);
    else this.#ports.alarm('unreadable');
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
    const { vault } = this.#ports;
    const ids = new Set<string | undefined>();
    for (const sealed of parts) {
      const [plain] = await vault.openMailbox([sealed]);
      const part = plain!.ok ? snapshotPartCodec.decode(plain!.value) : plain!;
      if (!part.ok) this.#unreadable(part);
      else if (toHex(part.value.device) !== device)
        this.#unreadable(refuse('foreign-snapshot', 'a snapshot of another device'));
      else this.#applyOpened(device, part.value.entries.map(ok), ids);
    }
    for (let i = 0; i < entries.length; i += OPEN_AT_ONCE)
      this.#applyOpened(device, await vault.openMailbox(entries.slice(i, i + OPEN_AT_ONCE)), ids);
    if (ids.size > 0) this.#ports.changed([...ids]);
  }

  #applyOpened(device: string, opened: readonly Result<Bytes>[], ids: Set<string | undefined>): void {
    for (const plain of opened) {
      const entry = plain.ok ? mailEntryCodec.decode(plain.value) : plain;
      if (entry.ok) ids.add(this.mailbox.apply(device, entry.value));
      else this.#unreadable(entry);
    }
  }

  #unreadable(refusal: Refusal): void {
    this.#ports.counters.refused('log', refusal);
    this.#ports.alarm('unreadable');
  }

  /** Where a removed device's log ends, the identity block says: it takes up none of the room that a head has. */
  #seen(): SeenHead[] {
    return [...this.#followed.values()].filter((log) => !log.ended).map((log) => log.asSeen);
  }

  /** How far another device's log was read; undefined when it is not followed. */
  endOf(device: Bytes): LogPosition | undefined {
    return this.#followed.get(toHex(device))?.position;
  }
}
