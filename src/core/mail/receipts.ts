/** Receipts that this person owes to senders: durable from the moment the mail is, sent when the log that holds it is replicated. */
import * as v from 'valibot';
import { concat, fromUtf8, utf8, type Bytes } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import { codec, whole } from '../codec/schema.ts';
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
import { reach } from './reach.ts';

const AT_ONCE = 8;
const PREFIX = utf8('owed/');
/** A receipt that is owed, as kept on disk. */
export const owedCodec = codec(
  'owed receipt',
  v.strictObject({
    v: v.literal(1),
    /** Entries of this device's log that must be replicated first. */
    count: whole(),
  }),
  64,
);

type ReceiptState = MailReceipt['state'];

interface Owed {
  readonly id: string;
  readonly state: ReceiptState;
  readonly count: number;
}

export interface ReceiptsPorts {
  readonly store: KeyValueStore;
  readonly log: MailboxLog;
  readonly accounts: Accounts;
  readonly notifier: Notifier;
  readonly clock: Clock;
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
      if (owed.ok) receipts.#owed.set(nameOf(id, state), { id, state, count: owed.value.count });
    }
    return receipts;
  }

  /** To be written in one batch with the log entry (number `count`) that the receipt is about. `id`: of the mailbox's item. */
  write(id: string, state: ReceiptState, count: number): Write {
    return { type: 'put', key: keyOf(id, state), value: owedCodec.encode({ v: 1, count }) };
  }

  /** That batch is on disk. */
  begin(id: string, state: ReceiptState, count: number): void {
    this.#owed.set(nameOf(id, state), { id, state, count });
    void this.#ports.log.flushed(count).then(() => this.#task.wake());
  }

  /** The network is there. */
  hurry(): void {
    for (const { count } of this.#owed.values())
      void this.#ports.log.flushed(count).then(() => this.#task.hurry());
  }

  stop(): Promise<void> {
    return this.#task.stop();
  }

  async #send(): Promise<undefined> {
    const { log, connected } = this.#ports;
    if (!connected()) return;
    const due = [...this.#owed.values()].filter(({ count }) => log.isFlushed(count));
    let failure: unknown;
    await mapBounded(due, AT_ONCE, (owed) =>
      this.#sendOne(owed).catch((error: unknown) => (failure ??= error)),
    );
    if (failure !== undefined) throw failure;
  }

  async #sendOne(owed: Owed): Promise<void> {
    const { log, identityKey, store } = this.#ports;
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
    await store.write([{ type: 'delete', key: keyOf(owed.id, owed.state) }]);
    this.#owed.delete(nameOf(owed.id, owed.state));
  }
}

function nameOf(id: string, state: ReceiptState): string {
  return `${id}/${state}`;
}

function keyOf(id: string, state: ReceiptState): Bytes {
  return concat(PREFIX, utf8(nameOf(id, state)));
}
