/**
 * The send pipeline: each message that is on its way is a job on this disk, taken through its states one step at a time. A step
 * is in the log before it shows; a restart goes on where the log ends; every step may be done twice without harm.
 */
import * as v from 'valibot';
import { concat, fromHex, fromUtf8, utf8, type Bytes } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import { RECIPIENTS_MAX } from '../codec/limits.ts';
import { codec, idSchema, listOf, whole } from '../codec/schema.ts';
import { sentence } from './sentences.ts';
import { sha256 } from '../crypto/hash.ts';
import { identityKeyOf, type Accounts, type Person } from '../post/accounts.ts';
import { BackgroundTask } from '../post/background-task.ts';
import { mapBounded } from '../post/bounded.ts';
import type { BlockInfo, MessageStore } from '../post/message-store.ts';
import type { Delivered, Notifier, Outgoing } from '../post/notifier.ts';
import { PostError } from '../post/post-error.ts';
import { Upload, UPLOAD_BLOCKS_MAX } from '../post/upload.ts';
import type { KeyValueStore, Write } from '../storage/key-value-store.ts';
import { prefixRange } from '../storage/namespace.ts';
import { StorageError, type Stored } from '../storage/storage.ts';
import type { Change } from './entries.ts';
import { noEvidence, type Evidence } from './evidence-schema.ts';
import { blockEvidence, heldBy, heldElsewhere, notificationEvidence } from './evidence.ts';
import { mailNoticeCodec, recipientsOf } from './headers.ts';
import type { MailItem } from './mailbox.ts';
import type { MailboxLog } from './mailbox-log.ts';
import { sharedIdOf, type Underway } from './mailbox-view.ts';
import { reach, type Reached } from './reach.ts';
import type { DeliveryState } from './views.ts';

/** A device that took a notification has this long to confirm; then it is left in the inbox too. */
export const CONFIRM_MS = 30_000;
/** How often an unconfirmed notification is left in the inbox again. */
export const REMIND_MS = 24 * 60 * 60 * 1000;
/** A message that nobody has fetched for so long bounces: 30 days after it left. A receipt that comes later still counts. */
export const EXPIRY_MS = 30 * 24 * 60 * 60 * 1000;
/** Messages that one person is notified of by us on one day; further ones wait for the next. */
export const NOTIFIED_PER_DAY_MAX = 500;
const DAY_MS = 24 * 60 * 60 * 1000;
/** A name must be denied twice, this far apart, before the message bounces. */
export const DENIAL_MS = 2_000;
/** Pause when a recipient has no mailbox yet. */
const NO_DEVICES_MS = 60_000;
/** Pause when a recipient's inbox takes no more. */
const FULL_MS = 15 * 60_000;
const RECIPIENTS_AT_ONCE = 4;

const jobSchema = v.strictObject({
  v: v.literal(1),
  blocks: listOf(v.strictObject({ key: idSchema, sizeBytes: whole() }), UPLOAD_BLOCKS_MAX),
  /** Recipients (places in recipientsOf) whose notification was left in the inbox after a direct delivery. */
  inboxed: listOf(whole(RECIPIENTS_MAX), RECIPIENTS_MAX),
});
type StoredJob = v.InferOutput<typeof jobSchema>;
/** A message on its way, as kept on disk. */
export const jobCodec = codec('outbox job', jobSchema, 4 * 1024 * 1024);
const PREFIX = utf8('outbox/');

export interface OutboxPorts {
  readonly store: KeyValueStore;
  readonly messages: MessageStore;
  readonly log: MailboxLog;
  readonly accounts: Accounts;
  readonly notifier: Notifier;
  readonly clock: Clock;
  /** Peer key of this node. */
  readonly peerKey: Bytes;
  readonly domain: string;
  /** Whether there is a ring beyond this node. */
  readonly connected: () => boolean;
  /** What shows of a message changed, though the log did not. */
  readonly changed: (id: string) => void;
  /** A copy was sealed to a fallback prekey of this person. */
  readonly fallbackUsed: (person: Person) => void;
  readonly failed: (error: unknown) => void;
}

const COPIES_REASON = sentence('delivery/waits-for-copies');

interface Job {
  readonly id: string;
  stored: StoredJob;
  readonly task: BackgroundTask;
  readonly waiting: Map<string, string>;
  /** When a recipient's name was first denied. */
  readonly deniedAt: Map<string, number>;
  /** When a recipient was last left a notification in the inbox. */
  readonly remindedAt: Map<string, number>;
  doneBytes: number;
}

export class Outbox {
  readonly #ports: OutboxPorts;
  readonly #jobs = new Map<string, Job>();
  /** By address: messages of which the recipient was notified on this day (UTC). */
  #notified = { day: 0, counts: new Map<string, number>() };

  private constructor(ports: OutboxPorts) {
    this.#ports = ports;
  }

  /** Finds the jobs that this disk knows; they go on when `hurry` is called. */
  static async open(ports: OutboxPorts): Promise<Outbox> {
    const outbox = new Outbox(ports);
    for (const [key, value] of await ports.store.entries(prefixRange(PREFIX))) {
      const job = jobCodec.decode(value);
      if (job.ok) outbox.#add(fromUtf8(key.slice(PREFIX.length)), job.value);
    }
    return outbox;
  }

  /** To be written in one batch with the log's `add` of the message. */
  jobWrite(id: string, blocks: readonly BlockInfo[]): Write {
    return putJob(id, { v: 1, blocks: [...blocks], inboxed: [] });
  }

  /** The message and its job are on disk: begins. */
  begin(id: string, blocks: readonly BlockInfo[]): void {
    this.#add(id, { v: 1, blocks: [...blocks], inboxed: [] }).task.wake();
  }

  underway(id: string): Underway | undefined {
    const job = this.#jobs.get(id);
    if (job === undefined) return undefined;
    const totalBytes = job.stored.blocks.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    return { doneBytes: job.doneBytes, totalBytes, waiting: job.waiting };
  }

  /** The network is there: everything goes on now. */
  hurry(): void {
    for (const { task } of this.#jobs.values()) task.hurry();
  }

  /** This one goes on now; after a receipt too, so that a finished job ends. */
  nudge(id: string): void {
    this.#jobs.get(id)?.task.hurry();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#jobs.values()].map(({ task }) => task.stop()));
  }

  #add(id: string, stored: StoredJob): Job {
    const job: Job = {
      id,
      stored,
      task: new BackgroundTask(this.#ports.clock, () => this.#advance(job), this.#ports.failed),
      waiting: new Map(),
      deniedAt: new Map(),
      remindedAt: new Map(),
      doneBytes: 0,
    };
    this.#jobs.set(id, job);
    return job;
  }

  async #advance(job: Job): Promise<number | undefined> {
    const item = this.#ports.log.mailbox.item(job.id);
    if (item?.added === undefined) {
      await this.#finish(job);
      return undefined;
    }
    if (!this.#ports.connected()) {
      this.#waitAll(job, item, 'Waiting for the network: it goes out by itself when you are online.');
      return undefined;
    }
    const recipients = recipientsOf(item.added.headers);
    if (recipients.some(({ address }) => item.stateOf(address) === 'queued')) await this.#store(job, item);
    const pauses = await mapBounded(recipients, RECIPIENTS_AT_ONCE, ({ address }, place) =>
      this.#advanceRecipient(job, item, address, place),
    );
    if (recipients.every(({ address }) => isSettled(item.stateOf(address)))) {
      await this.#finish(job);
      return undefined;
    }
    return Math.min(...pauses);
  }

  async #store(job: Job, item: MailItem): Promise<void> {
    const { store, clock } = this.#ports;
    const blocks = job.stored.blocks;
    job.waiting.clear();
    try {
      const upload = await Upload.resume(store, job.id, blocks.length - 1, clock.now());
      await this.#storeParts(job, upload);
      // What opens the others comes last: its receipts are the evidence, so it is asked for anew.
      const [last] = await this.#insert(job, [blocks.length - 1], () => undefined);
      const evidence = blockEvidence(last!, upload.held);
      await this.#record(job, queuedOf(item), 'stored', clock.now(), evidence);
    } catch (error) {
      if (error instanceof StorageError && error.code === 'not-found') return this.#bounceQueued(job, item);
      const isOverQuota = error instanceof StorageError && error.code === 'over-quota';
      const reason = isOverQuota ? error.message : COPIES_REASON;
      this.#waitAll(job, item, reason);
      throw error;
    }
  }

  /** All blocks but the last: those that the ring is known to have are not sent again. */
  async #storeParts(job: Job, upload: Upload): Promise<void> {
    const missing = upload.missing();
    const left = new Set(missing);
    job.doneBytes = 0;
    for (const [place, { sizeBytes }] of job.stored.blocks.slice(0, -1).entries())
      if (!left.has(place)) job.doneBytes += sizeBytes;
    try {
      await this.#insert(job, missing, (place, stored) => upload.note(place, heldBy(stored)));
    } finally {
      await upload.saved();
    }
  }

  async #insert(
    job: Job,
    places: readonly number[],
    onStored: (place: number, stored: Stored) => void,
  ): Promise<Stored[]> {
    const { messages, peerKey, changed } = this.#ports;
    const blocks = places.map((place) => job.stored.blocks[place]!);
    return messages.insert(blocks, (i, stored) => {
      if (!heldElsewhere(stored.receipts, peerKey))
        throw new StorageError('unreachable', 'no other device has taken the message yet');
      onStored(places[i]!, stored);
      job.doneBytes += blocks[i]!.sizeBytes;
      changed(job.id);
    });
  }

  /** Trying again would not help: a part of the message is damaged on this disk, and nobody else has it. */
  async #bounceQueued(job: Job, item: MailItem): Promise<void> {
    const reason = sentence('delivery/lost');
    await this.#record(job, queuedOf(item), 'bounced', this.#ports.clock.now(), noEvidence, reason);
  }

  /** One recipient's next step. Resolves with the pause until the one after it, in milliseconds; Infinity when there is none. */
  async #advanceRecipient(job: Job, item: MailItem, address: string, place: number): Promise<number> {
    const state = item.stateOf(address);
    if (isSettled(state)) return Infinity;
    const { clock } = this.#ports;
    // Counted from when it left: days offline before that are not the recipient's.
    const sentAt = item.stepsOf(address).get('stored')?.at ?? item.added!.headers.at;
    if (clock.now() > sentAt + EXPIRY_MS) {
      await this.#bounce(job, address, sentence('delivery/not-fetched', { address }));
      return Infinity;
    }
    const limitedMs = state === 'notified' ? 0 : this.#limited(job, address);
    if (limitedMs > 0) return limitedMs;
    try {
      if (state === 'notified') return await this.#remind(job, item, address, place);
      const delivered = await this.#notify(job, item, address, 'direct');
      if (delivered === undefined) return DENIAL_MS;
      this.#notified.counts.set(address, (this.#notified.counts.get(address) ?? 0) + 1);
      return delivered.by === 'device' ? CONFIRM_MS : REMIND_MS;
    } catch (error) {
      return this.#waits(job, address, error);
    }
  }

  /** How long the recipient is not notified of anything more by us, in milliseconds. */
  #limited(job: Job, address: string): number {
    const now = this.#ports.clock.now();
    const day = Math.floor(now / DAY_MS);
    if (this.#notified.day !== day) this.#notified = { day, counts: new Map() };
    if ((this.#notified.counts.get(address) ?? 0) < NOTIFIED_PER_DAY_MAX) return 0;
    this.#wait(job, address, sentence('delivery/limited', { address, count: NOTIFIED_PER_DAY_MAX }));
    return (day + 1) * DAY_MS - now;
  }

  /** A notified recipient: whom only a live device has confirmed for is left the notification in the inbox too, after a while. */
  async #remind(job: Job, item: MailItem, address: string, place: number): Promise<number> {
    const { clock, store } = this.#ports;
    const step = item.stepsOf(address).get('notified')!;
    const inInbox = step.evidence.by === 'replicas' || job.stored.inboxed.includes(place);
    const since = job.remindedAt.get(address) ?? step.at;
    const dueAt = since + (inInbox ? REMIND_MS : CONFIRM_MS);
    if (clock.now() < dueAt) return dueAt - clock.now();
    await this.#notify(job, item, address, 'inbox');
    if (!inInbox) {
      const stored = { ...job.stored, inboxed: [...job.stored.inboxed, place] };
      await store.write([putJob(job.id, stored)]);
      job.stored = stored;
    }
    return REMIND_MS;
  }

  /** Undefined when the name was denied: it is asked again, then bounces. */
  async #notify(
    job: Job,
    item: MailItem,
    address: string,
    way: 'direct' | 'inbox',
  ): Promise<Delivered | undefined> {
    const { clock, peerKey, fallbackUsed } = this.#ports;
    let reached: Reached;
    try {
      reached = await reach(this.#ports, address, (person) => outgoing(item, identityKeyOf(person)), way);
    } catch (error) {
      if (!(error instanceof PostError && error.code === 'unknown-person')) throw error;
      await this.#denied(job, address);
      return undefined;
    }
    const { by, receipts, fallback, person } = reached;
    if (by === 'inbox' && !heldElsewhere(receipts, peerKey))
      throw new StorageError('unreachable', 'no other device has taken the notification yet');
    job.remindedAt.set(address, clock.now());
    job.waiting.delete(address);
    if (fallback) fallbackUsed(person);
    const evidence = notificationEvidence(by === 'device' ? 'device' : 'replicas', receipts);
    await this.#record(job, [address], 'notified', clock.now(), evidence);
    return reached;
  }

  async #denied(job: Job, address: string): Promise<void> {
    const { clock, domain } = this.#ports;
    const firstAt = job.deniedAt.get(address);
    if (firstAt === undefined) job.deniedAt.set(address, clock.now());
    else if (clock.now() >= firstAt + DENIAL_MS)
      await this.#bounce(job, address, sentence('mail/nobody', { address, domain }));
  }

  async #bounce(job: Job, address: string, reason: string): Promise<void> {
    job.waiting.delete(address);
    await this.#record(job, [address], 'bounced', this.#ports.clock.now(), noEvidence, reason);
  }

  #waits(job: Job, address: string, error: unknown): number {
    if (error instanceof PostError && error.code === 'no-devices') {
      this.#wait(job, address, sentence('delivery/no-mailbox', { address }));
      return NO_DEVICES_MS;
    }
    if (error instanceof StorageError && error.code === 'full') {
      // What the replicas say: whose limit it is, and when it ends.
      this.#wait(job, address, error.message);
      return FULL_MS;
    }
    this.#wait(job, address, sentence('delivery/waits-for-network'));
    throw error;
  }

  #waitAll(job: Job, item: MailItem, reason: string): void {
    for (const { address } of recipientsOf(item.added!.headers))
      if (['queued', 'stored'].includes(item.stateOf(address))) this.#wait(job, address, reason);
  }

  #wait(job: Job, address: string, reason: string): void {
    if (job.waiting.get(address) === reason) return;
    job.waiting.set(address, reason);
    this.#ports.changed(job.id);
  }

  async #record(
    job: Job,
    recipients: readonly string[],
    state: DeliveryState,
    at: number,
    evidence: Evidence,
    reason: string | null = null,
  ): Promise<void> {
    const message = fromHex(job.id);
    const change: Change = {
      kind: 'delivery',
      message,
      recipients: [...recipients],
      state,
      at,
      reason,
      evidence,
    };
    await this.#ports.log.record([change]);
  }

  async #finish(job: Job): Promise<void> {
    await this.#ports.store.write([{ type: 'delete', key: jobKey(job.id) }, Upload.removal(job.id)]);
    this.#jobs.delete(job.id);
    this.#ports.changed(job.id);
  }
}

function queuedOf(item: MailItem): string[] {
  const recipients = recipientsOf(item.added!.headers).map(({ address }) => address);
  return recipients.filter((address) => item.stateOf(address) === 'queued');
}

function isSettled(state: DeliveryState): boolean {
  return state === 'received' || state === 'read' || state === 'bounced';
}

/** The same id for each attempt: the recipient handles it once. */
function outgoing(item: MailItem, to: Bytes): Outgoing {
  const { headers, reference } = item.added!;
  return {
    id: sha256(concat(utf8('epost/mail'), fromHex(sharedIdOf(item.added!)), to)).slice(0, 16),
    kind: 'mail',
    content: mailNoticeCodec.encode({ v: 1, headers, reference }),
  };
}

function jobKey(id: string): Bytes {
  return concat(PREFIX, utf8(id));
}

function putJob(id: string, job: StoredJob): Write {
  return { type: 'put', key: jobKey(id), value: jobCodec.encode(job) };
}
