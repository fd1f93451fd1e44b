/** The two lanes of a link: messages out, cut into frames, control first; and fragments in, put together again. */
import { concat, type Bytes } from '../../codec/bytes.ts';
import { MESSAGE_BYTES_MAX } from '../../codec/limits.ts';
import { ok, refuse, type Result } from '../../codec/result.ts';
import type { Lane } from '../network.ts';
import { encodeFrame } from './frame.ts';
import {
  BULK_WINDOW_BYTES,
  FRAGMENT_BYTES_MAX,
  FRAGMENTS_MAX,
  QUEUE_BYTES_MAX,
  QUEUE_MESSAGES_MAX,
} from './limits.ts';

interface Waiting {
  readonly message: Bytes;
  /** Names the message to whoever sent it. */
  readonly ticket: number;
  sent: number;
}

/** Messages that wait to be written. Invariant: a lane holds at most QUEUE_BYTES_MAX and QUEUE_MESSAGES_MAX. */
export class OutgoingLanes {
  readonly #queues: Record<Lane, Waiting[]> = { control: [], bulk: [] };
  readonly #bytes: Record<Lane, number> = { control: 0, bulk: 0 };
  /** Bulk bytes that the other side is ready to take. */
  #credit = BULK_WINDOW_BYTES;

  /** False when the lane is full. */
  add(message: Bytes, lane: Lane, ticket: number): boolean {
    const bytes = this.#bytes[lane] + message.length;
    if (this.#queues[lane].length >= QUEUE_MESSAGES_MAX || bytes > QUEUE_BYTES_MAX[lane]) return false;
    this.#bytes[lane] = bytes;
    this.#queues[lane].push({ message, ticket, sent: 0 });
    return true;
  }

  /** Refusal: `flow-control`, when the other side gives more credit than there can be. */
  grant(bytes: number): Result<true> {
    this.#credit += bytes;
    if (this.#credit > BULK_WINDOW_BYTES) return refuse('flow-control', 'more credit than was used');
    return ok(true);
  }

  /** Whether `next` would give a frame. */
  get ready(): boolean {
    return this.#queues.control.length > 0 || this.#bulkReady;
  }

  get controlReady(): boolean {
    return this.#queues.control.length > 0;
  }

  /** The next frame, and the ticket of the message that it completes. */
  next(): { readonly frame: Bytes; readonly done?: number } | undefined {
    if (this.#queues.control.length > 0) return this.#cut('control');
    return this.#bulkReady ? this.#cut('bulk') : undefined;
  }

  /** Empties both lanes; the tickets of what was not sent. */
  drop(): number[] {
    const tickets = (['control', 'bulk'] as const).flatMap((lane) => {
      this.#bytes[lane] = 0;
      return this.#queues[lane].splice(0).map(({ ticket }) => ticket);
    });
    return tickets;
  }

  /** Credit for the whole next fragment has to be there: no dribble of tiny frames. */
  get #bulkReady(): boolean {
    const head = this.#queues.bulk[0];
    return head !== undefined && fragmentBytes(head) <= this.#credit;
  }

  #cut(lane: Lane): { readonly frame: Bytes; readonly done?: number } {
    const head = this.#queues[lane][0]!;
    const bytes = fragmentBytes(head);
    const payload = head.message.subarray(head.sent, head.sent + bytes);
    head.sent += bytes;
    if (lane === 'bulk') this.#credit -= bytes;
    if (head.sent < head.message.length) return { frame: encodeFrame(`${lane}-part`, payload) };
    this.#queues[lane].shift();
    this.#bytes[lane] -= head.message.length;
    return { frame: encodeFrame(`${lane}-end`, payload), done: head.ticket };
  }
}

function fragmentBytes({ message, sent }: Waiting): number {
  return Math.min(message.length - sent, FRAGMENT_BYTES_MAX);
}

/** Fragments of the one message of a lane that is arriving. */
export class IncomingLane {
  #parts: Uint8Array[] = [];
  #bytes = 0;

  /** The message when `last`; a view of `payload` when that is all of it. Refusals: `too-large`, `malformed`. */
  add(payload: Bytes, last: boolean): Result<Bytes | undefined> {
    this.#bytes += payload.length;
    if (this.#bytes > MESSAGE_BYTES_MAX)
      return refuse('too-large', `a message that is longer than ${MESSAGE_BYTES_MAX} bytes`);
    if (!last && payload.length === 0) return refuse('malformed', 'an empty fragment');
    if (!last && this.#parts.length >= FRAGMENTS_MAX)
      return refuse('malformed', `a message in more than ${FRAGMENTS_MAX} fragments`);
    if (!last) {
      this.#parts.push(payload.slice());
      return ok(undefined);
    }
    const message = this.#parts.length === 0 ? payload : concat(...this.#parts, payload);
    this.#parts = [];
    this.#bytes = 0;
    return ok(message);
  }
}
