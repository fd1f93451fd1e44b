/** Receipts that this person owes to senders: durable from the moment the mail is, sent when the log that holds it is replicated. */
import * as v from 'valibot';
import { concat, fromUtf8, utf8, type Bytes } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import type { Counters } from '../codec/counters.ts';
import { codec, timeSchema, whole } from '../codec/schema.ts';
import { sha256 } from '../crypto/hash.ts';
import { messageIdOf, mailReceiptCodec, type MailReceipt } from './headers.ts';
import type { Accounts } from '../post/accounts.ts';
import { BackgroundTask } from '../post/background-task.ts';
import { mapBounded } from '../post/bounded.ts';
import type { Notifier } from '../post/notifier.ts';
import { PostError } from '../post/post-error.ts';
import type { KeyValueStore, Write } from '../storage/key-value-store.ts';
import { prefixRange } from '../storage/namespace.ts';
import type { MailboxLog } from './mailbox-log.ts';
import { EXPIRY_MS } from './outbox.ts';
import { reach } from './reach.ts';

/** First pause after a receipt could not be sent; it doubles each time up to the last one, 6 hours. */
export const RECEIPT_RETRY_MS_MIN = 1_000;
export const RECEIPT_RETRY_MS_MAX = 6 * 60 * 60_000;
/** When the network comes back, one that failed is tried so long after its last attempt at the latest. */
const HURRIED_MS = 60_000;
/** A receipt that could not be sent for so long is given up, which is said: 30 days, when its message has bounced. */
export const RECEIPT_EXPIRY_MS = EXPIRY_MS;
const AT_ONCE = 8;
const PREFIX = utf8('owed/');
/** A receipt that is owed, as kept on disk. */
export const owedCodec = codec(
  'owed receipt',
  v.strictObject({
    v: v.literal(1),
    /** Entries of this device's log that must be replicated first. */
    count: whole(),
    /** Since when it is owed. Unset: not known, so from when it is read. */
    at: v.optional(timeSchema),
  }),
  64,
);

type ReceiptState = MailReceipt['state'];

interface Owed {
  readonly id: string;
  readonly state: ReceiptState;
  readonly count: number;
  readonly at: number;
  /** Of this session. */
  failures: number;
  triedAt: number;
  dueAt: number;
}

export interface ReceiptsPorts {
  readonly store: KeyValueStore;
  readonly log: MailboxLog;
  readonly accounts: Accounts;
  readonly notifier: Notifier;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly identityKey: Bytes;
  readonly connected: () => boolean;
  readonly failed: (error: unknown) => void;
}

export class Receipts {
  readonly #ports: ReceiptsPorts;
  readonly #owed = new Map<string, Owed>();
  readonly #task: BackgroundTask;

  private constructor(ports: ReceiptsPorts) {
    this.#ports = ports;
    this.#task = new BackgroundTask(ports.clock, () => this.#send(), ports.failed);
  }

  static async open(ports: ReceiptsPorts): Promise<Receipts> {
    const receipts = new Receipts(ports);
    for (const [key, value] of await ports.store.entries(prefixRange(PREFIX))) {
      const [id, state] = fromUtf8(key.slice(PREFIX.length)).split('/') as [string, ReceiptState];
      const owed = owedCodec.decode(value);
      if (!owed.ok) continue;
      const { count, at = ports.clock.now() } = owed.value;
      receipts.#owed.set(nameOf(id, state), { id, state, count, at, failures: 0, triedAt: 0, dueAt: 0 });
    }
    return receipts;
  }

  /** To be written in one batch with the log entry (number `count`) that the receipt is about. `id`: of the mailbox's item. */
  write(id: string, state: ReceiptState, count: number): Write {
    const at = this.#ports.clock.now();
    return { type: 'put', key: keyOf(id, state), value: owedCodec.encode({ v: 1, count, at }) };
  }

  /** That batch is on disk. */
  begin(id: string, state: ReceiptState, count: number): void {
    const at = this.#ports.clock.now();
    this.#owed.set(nameOf(id, state), { id, state, count, at, failures: 0, triedAt: 0, dueAt: 0 });
    void this.#ports.log.flushed(count).then(() => this.#task.wake());
  }

  /** The network is there. */
  hurry(): void {
    for (const owed of this.#owed.values()) {
      // However often the network comes and goes, at most once a minute.
      owed.dueAt = Math.min(owed.dueAt, owed.triedAt + HURRIED_MS);
      void this.#ports.log.flushed(owed.count).then(() => this.#task.hurry());
    }
  }

  stop(): Promise<void> {
    return this.#task.stop();
  }

  /** Each has its own pauses: one that nobody takes does not hold up the others. */
  async #send(): Promise<number | undefined> {
    const { log, connected, clock, failed } = this.#ports;
    if (!connected()) return undefined;
    const now = clock.now();
    const flushed = [...this.#owed.values()].filter(({ count }) => log.isFlushed(count));
    const due = flushed.filter(({ dueAt }) => dueAt <= now);
    await mapBounded(due, AT_ONCE, async (owed) => {
      try {
        if (now > owed.at + RECEIPT_EXPIRY_MS) await this.#giveUp(owed);
        else await this.#sendOne(owed);
      } catch (error) {
        owed.failures += 1;
        owed.triedAt = clock.now();
        const pauseMs = RECEIPT_RETRY_MS_MIN * 2 ** Math.min(owed.failures - 1, 20);
        owed.dueAt = clock.now() + Math.min(RECEIPT_RETRY_MS_MAX, pauseMs);
        failed(error);
      }
    });
    const next = Math.min(...[...this.#owed.values()].map(({ dueAt }) => (dueAt > 0 ? dueAt : Infinity)));
    return next === Infinity ? undefined : Math.max(0, next - clock.now());
  }

  async #giveUp(owed: Owed): Promise<void> {
    const address = this.#ports.log.mailbox.item(owed.id)?.added?.headers.from.address ?? 'a sender';
    await this.#forget(owed);
    const reason = `${address} could not be told for 30 days that a message was ${owed.state}`;
    this.#ports.counters.refused('receipts', { code: 'expired', reason });
  }

  async #sendOne(owed: Owed): Promise<void> {
    const { log, identityKey } = this.#ports;
    const added = log.mailbox.item(owed.id)?.added;
    if (added !== undefined) {
      const message = messageIdOf(added.from, added.headers.nonce);
      const content = mailReceiptCodec.encode({ v: 1, message, state: owed.state });
      const id = sha256(concat(utf8(`epost/receipt/${owed.state}`), message, identityKey)).slice(0, 16);
      try {
        await reach(
          this.#ports,
          added.headers.from.address,
          () => ({ id, kind: 'receipt', content }),
          'direct',
        );
      } catch (error) {
        // Nobody is there to be told any more; anything else is tried again.
        if (!(error instanceof PostError && error.code === 'unknown-person')) throw error;
      }
    }
    await this.#forget(owed);
  }

  async #forget({ id, state }: Owed): Promise<void> {
    await this.#ports.store.write([{ type: 'delete', key: keyOf(id, state) }]);
    this.#owed.delete(nameOf(id, state));
  }
}

function nameOf(id: string, state: ReceiptState): string {
  return `${id}/${state}`;
}

function keyOf(id: string, state: ReceiptState): Bytes {
  return concat(PREFIX, utf8(nameOf(id, state)));
}
