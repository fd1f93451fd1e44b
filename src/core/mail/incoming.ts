/** What to do with notifications of kind `mail` and `receipt`: all checks, then one durable log entry each. */
import { fromHex, toHex, type Bytes } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import { ok, refuse, type Result } from '../codec/result.ts';
import { equalBytes } from '../codec/bytes.ts';
import type { Notification } from '../post/notification.ts';
import type { Write } from '../storage/key-value-store.ts';
import type { Change } from './entries.ts';
import { personEvidence } from './evidence.ts';
import { mailNoticeCodec, mailReceiptCodec, messageIdOf, ownCopyIdOf, recipientsOf } from './headers.ts';
import type { MailItem } from './mailbox.ts';
import type { MailboxLog } from './mailbox-log.ts';
import type { Outbox } from './outbox.ts';
import type { Puller } from './puller.ts';
import type { Receipts } from './receipts.ts';
import { sorted } from './sorting.ts';

/** Messages that a mailbox holds; further ones stay in the inbox until some are removed, and then the inbox takes no more. */
export const MAILBOX_ITEMS_MAX = 200_000;

export interface IncomingPorts {
  readonly log: MailboxLog;
  readonly receipts: Receipts;
  readonly outbox: Outbox;
  readonly puller: Puller;
  readonly clock: Clock;
  readonly identityKey: Bytes;
  /** Of the person's own organization. */
  readonly domain: string;
  /** Default: MAILBOX_ITEMS_MAX. */
  readonly itemsMax?: number;
  /** A person known before has another key now. */
  readonly keyChanged: (address: string) => void;
}

export class Incoming {
  readonly #ports: IncomingPorts;

  constructor(ports: IncomingPorts) {
    this.#ports = ports;
  }

  /**
   * Accepts a mail. One that is in the mailbox already (its notification was lost and made again) is only confirmed again.
   * Refusals: those of the format, `wrong-sender`, `mailbox-full`. Rejects with StoreError.
   */
  async mail(notification: Notification, remember: readonly Write[]): Promise<Result<true>> {
    const { log, receipts, puller, identityKey } = this.#ports;
    const { body, sender } = notification;
    const notice = mailNoticeCodec.decode(body.content);
    if (!notice.ok) return notice;
    const { headers, reference } = notice.value;
    if (headers.from.address !== sender.name)
      return refuse('wrong-sender', 'a mail in the name of somebody else');
    const shared = messageIdOf(body.from, headers.nonce);
    const message = equalBytes(body.from, identityKey) ? ownCopyIdOf(shared) : shared;
    const id = toHex(message);
    const changes: Change[] = [];
    const isNew = log.mailbox.item(id)?.added === undefined;
    if (isNew && log.mailbox.liveCount >= (this.#ports.itemsMax ?? MAILBOX_ITEMS_MAX))
      return refuse(
        'mailbox-full',
        'Their mailbox is full: it takes more when they have removed some messages.',
      );
    if (isNew) {
      const { folder, unread, also } = sorted(message, headers, log.mailbox, this.#ports.domain);
      changes.push({ kind: 'add', message, folder, unread, from: body.from, headers, reference }, ...also);
    }
    changes.push(...this.#meeting(notification, headers.from.name));
    const count = await log.record(changes, (count) => [...remember, receipts.write(id, 'received', count)]);
    receipts.begin(id, 'received', count);
    puller.wake();
    return ok(true);
  }

  /** Refusals: those of the format, `unexpected-receipt`. Rejects with StoreError, or StorageError while other logs are unread. */
  async receipt(notification: Notification, remember: readonly Write[]): Promise<Result<true>> {
    const { log, outbox } = this.#ports;
    const { body, sender } = notification;
    const receipt = mailReceiptCodec.decode(body.content);
    if (!receipt.ok) return receipt;
    const { message, state } = receipt.value;
    const id = toHex(message);
    // Another device of ours may have sent it a moment ago.
    if (log.mailbox.item(id) === undefined) await log.refresh();
    const item = log.mailbox.item(id);
    if (item === undefined || !this.#isRecipient(item, sender.name))
      return refuse('unexpected-receipt', 'a receipt for a message that its sender was not sent');
    const change: Change = {
      kind: 'delivery',
      message: fromHex(id),
      recipients: [sender.name],
      state,
      at: body.at,
      reason: null,
      evidence: personEvidence(notification),
    };
    const known = item.stepsOf(sender.name).has(state);
    const person = log.mailbox.person(sender.name);
    const meeting = person === undefined ? [] : this.#meeting(notification, person.name);
    await log.record([...(known ? [] : [change]), ...meeting], () => remember);
    outbox.nudge(id);
    return ok(true);
  }

  /** Takes note of a new name or key. A new key is said aloud: the authority, or who has it in hand, can replace one. */
  #meeting({ body, sender }: Notification, name: string): Change[] {
    const { log, keyChanged } = this.#ports;
    const known = log.mailbox.person(sender.name);
    const sameKey = known !== undefined && equalBytes(known.identityKey, body.from);
    if (known !== undefined && !sameKey) keyChanged(sender.name);
    if (sameKey && known.name === name) return [];
    return [{ kind: 'person', address: sender.name, name, identityKey: body.from }];
  }

  #isRecipient({ added }: MailItem, address: string): boolean {
    if (added?.folder !== 'sent' || !equalBytes(added.from, this.#ports.identityKey)) return false;
    return recipientsOf(added.headers).some((recipient) => recipient.address === address);
  }
}
