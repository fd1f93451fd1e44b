/** Counts what nodes say to each other, by the type of message. */
import { overlayCodec, type OverlayMessage } from '../../../src/core/overlay/messages.ts';

export type MessageType = OverlayMessage['type'];

/** Of each type the first message and every so many are encoded to know its size; the others count as their mean. */
export const SIZE_EVERY = 64;

/** What look-ups and requests cause; all else is the ring's own upkeep. */
const OF_CALLS: ReadonlySet<MessageType> = new Set<MessageType>([
  'lookup',
  'routed-request',
  'ack',
  'reply',
  'request',
  'response',
  'tell',
]);

interface Tally {
  messages: number;
  sized: number;
  sizedBytes: number;
}

/** Messages and bytes of one type. */
export interface TypeTraffic {
  readonly type: MessageType;
  readonly control: boolean;
  readonly messages: number;
  /** Extrapolated from the messages that were encoded. */
  readonly bytes: number;
}

export class Traffic {
  readonly #tallies = new Map<MessageType, Tally>();
  readonly #sizeAll: boolean;

  /** `sizeAll`: every message is encoded, so that bytes are exact. */
  constructor(sizeAll: boolean) {
    this.#sizeAll = sizeAll;
  }

  count(message: OverlayMessage): void {
    let tally = this.#tallies.get(message.type);
    if (tally === undefined) {
      tally = { messages: 0, sized: 0, sizedBytes: 0 };
      this.#tallies.set(message.type, tally);
    }
    if (this.#sizeAll || tally.messages % SIZE_EVERY === 0) {
      tally.sized++;
      tally.sizedBytes += overlayCodec.encode({ v: 1, m: message }).length;
    }
    tally.messages++;
  }

  /** Begins anew. */
  reset(): void {
    this.#tallies.clear();
  }

  byType(): readonly TypeTraffic[] {
    return [...this.#tallies].map(([type, { messages, sized, sizedBytes }]) => ({
      type,
      control: !OF_CALLS.has(type),
      messages,
      bytes: Math.round((messages * sizedBytes) / sized),
    }));
  }

  /** All of it, or only what keeps the ring up. */
  total(controlOnly = false): { readonly messages: number; readonly bytes: number } {
    let [messages, bytes] = [0, 0];
    for (const type of this.byType()) {
      if (controlOnly && !type.control) continue;
      messages += type.messages;
      bytes += type.bytes;
    }
    return { messages, bytes };
  }
}
