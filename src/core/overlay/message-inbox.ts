/** From bytes to events: decodes messages and has their contacts checked, keeping the order of each neighbour's messages. */
import type { Bytes } from '../codec/bytes.ts';
import type { Counters } from '../codec/counters.ts';
import { idText, type NodeId } from '../codec/id.ts';
import type { ContactChecker } from './contact-checker.ts';
import type { ArrivedMessage } from './machine-events.ts';
import { overlayCodec, type OverlayMessage } from './messages.ts';

/** Messages of one neighbour that wait for the check of certificates. */
export const UNCHECKED_MESSAGES_MAX = 64;

interface Waiting {
  readonly tail: Promise<void>;
  readonly count: number;
}

export class MessageInbox {
  readonly #checker: ContactChecker;
  readonly #counters: Counters;
  readonly #dispatch: (event: ArrivedMessage) => void;
  /** By the neighbour's name. */
  readonly #waiting = new Map<string, Waiting>();

  constructor(checker: ContactChecker, counters: Counters, dispatch: (event: ArrivedMessage) => void) {
    this.#checker = checker;
    this.#counters = counters;
    this.#dispatch = dispatch;
  }

  /** Most messages carry no contacts and become events at once. */
  receive(from: NodeId, bytes: Bytes): void {
    const decoded = overlayCodec.decode(bytes);
    if (!decoded.ok) return this.#counters.refused('overlay', decoded);
    const { m: message } = decoded.value;
    const name = idText(from);
    const waiting = this.#waiting.get(name);
    if (!('contacts' in message) && waiting === undefined)
      return this.#dispatch({ type: 'message', from, message, contacts: [] });
    const count = (waiting?.count ?? 0) + 1;
    if (count > UNCHECKED_MESSAGES_MAX)
      return this.#counters.refused('overlay', { code: 'busy', reason: 'too many unchecked messages' });
    const before = waiting?.tail ?? Promise.resolve();
    const tail = before.then(() => this.#check(from, message)).finally(() => this.#done(name));
    this.#waiting.set(name, { tail, count });
  }

  async #check(from: NodeId, message: OverlayMessage): Promise<void> {
    const contacts = 'contacts' in message ? await this.#checker.check(message.contacts) : [];
    this.#dispatch({ type: 'message', from, message, contacts });
  }

  #done(name: string): void {
    const waiting = this.#waiting.get(name);
    if (waiting === undefined) return;
    if (waiting.count === 1) this.#waiting.delete(name);
    else this.#waiting.set(name, { ...waiting, count: waiting.count - 1 });
  }
}
