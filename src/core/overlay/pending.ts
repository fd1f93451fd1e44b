/** The requests that a node sees to, and the finished ones that it remembers against duplicates. Bounded in number and bytes. */
import { equalBytes, type Bytes } from '../codec/bytes.ts';
import type { NodeId } from '../codec/id.ts';
import type { Contact } from './contact.ts';
import type { CallId } from './machine-events.ts';
import type { ReturnMessage, RoutedMessage } from './messages.ts';
import type { OnItsWay } from './next-hop.ts';
import type { PeerIndex } from './peer-table.ts';
import { NO_ENTRIES, withEntry, withoutEntry } from './sparse-map.ts';

/** Requests that a node sees to at once, finished ones that it remembers included. */
export const PENDING_MAX = 1024;
/** Of these at most so many from one neighbour, once half of the room is taken. */
export const PENDING_SHARE_MAX = PENDING_MAX / 4;
/** Bodies that it keeps for them. */
export const PENDING_BYTES_MAX = 8 * 1024 * 1024;
/** How long a finished request is remembered. */
export const DONE_MS = 10_000;
/** Finished requests are forgotten together, so that the timer fires less. */
const ROUNDING_MS = 5_000;

/** `held`: no way on just now; `sent`: not acknowledged; `taken`: the next hop sees to it; `delivered`: our service has it. */
export type PendingState = 'held' | 'sent' | 'taken' | 'delivered';

export interface Pending extends OnItsWay {
  readonly message: RoutedMessage;
  /** The joining node of a join. */
  readonly joiner: Contact | undefined;
  readonly call: CallId | undefined;
  /** Where the reply goes; empty when the request is ours. */
  readonly previous: NodeId[];
  /** Those from whom a reply is accepted. */
  readonly sentTo: NodeId[];
  refusedBy: NodeId[];
  detours: boolean;
  state: PendingState;
  next: PeerIndex | undefined;
  /** Journeys so far: those of our own requests are repeated. */
  attempts: number;
  /** Messages sent for it. */
  sends: number;
  sentAt: number;
  ackDue: number;
  /** When we acknowledge it, unless the reply comes before. */
  ackAt: number;
  /** When it stops to wait for a dial, or is sent again by its origin. */
  retryDue: number;
  readonly expires: number;
}

const NONE: readonly never[] = [];

interface Finished {
  readonly id: Bytes;
  readonly reply: ReturnMessage;
  readonly until: number;
  readonly bytes: number;
}

export class PendingTable {
  /** By keyOf their ids. */
  #pending: ReadonlyMap<number, Pending> = NO_ENTRIES;
  #finished: ReadonlyMap<number, Finished> = NO_ENTRIES;
  #bytes = 0;

  get size(): number {
    return this.#pending.size + this.#finished.size;
  }

  /** As they are now: what is done with them may end some and begin others. */
  all(): Iterable<Pending> {
    return this.#pending.size === 0 ? NONE : [...this.#pending.values()];
  }

  get(id: Bytes): Pending | undefined {
    const pending = this.#pending.get(keyOf(id));
    return pending && equalBytes(pending.message.id, id) ? pending : undefined;
  }

  replyTo(id: Bytes): ReturnMessage | undefined {
    const finished = this.#finished.get(keyOf(id));
    return finished && equalBytes(finished.id, id) ? finished.reply : undefined;
  }

  /** Whether there is room for another request of this neighbour; finished ones give way. */
  makeRoom(id: Bytes, bytes: number, from: NodeId | undefined): boolean {
    const key = keyOf(id);
    if (this.#pending.has(key) || this.#finished.has(key)) return false;
    if (from && this.#pending.size >= PENDING_MAX / 2 && this.#countOf(from) >= PENDING_SHARE_MAX)
      return false;
    for (const finished of this.#finished.keys()) {
      if (this.#fits(bytes)) break;
      this.#forget(finished);
    }
    return this.#fits(bytes);
  }

  add(pending: Pending): void {
    this.#pending = withEntry(this.#pending, keyOf(pending.message.id), pending);
    this.#bytes += bodyBytes(pending.message);
  }

  remove(pending: Pending): void {
    const key = keyOf(pending.message.id);
    if (!this.#pending.has(key)) return;
    this.#pending = withoutEntry(this.#pending, key);
    this.#bytes -= bodyBytes(pending.message);
  }

  has(pending: Pending): boolean {
    return this.#pending.get(keyOf(pending.message.id)) === pending;
  }

  /** A request of somebody else got its reply, which is kept for those who ask again. */
  finish(pending: Pending, reply: ReturnMessage, now: number): void {
    this.remove(pending);
    const bytes = bodyBytes(reply);
    const { id } = pending.message;
    this.#finished = withEntry(this.#finished, keyOf(id), { id, reply, until: now + DONE_MS, bytes });
    this.#bytes += bytes;
  }

  /** Forgets what was finished long ago; when there will be more to forget. */
  tidy(now: number): number {
    for (const [key, { until }] of this.#finished) {
      if (until > now) return Math.ceil(until / ROUNDING_MS) * ROUNDING_MS;
      this.#forget(key);
    }
    return Infinity;
  }

  clear(): void {
    this.#pending = NO_ENTRIES;
    this.#finished = NO_ENTRIES;
    this.#bytes = 0;
  }

  #fits(bytes: number): boolean {
    return this.size < PENDING_MAX && this.#bytes + bytes <= PENDING_BYTES_MAX;
  }

  #forget(key: number): void {
    this.#bytes -= this.#finished.get(key)!.bytes;
    this.#finished = withoutEntry(this.#finished, key);
  }

  #countOf(neighbour: NodeId): number {
    let count = 0;
    for (const { previous } of this.#pending.values())
      if (previous[0] !== undefined && equalBytes(previous[0], neighbour)) count++;
    return count;
  }
}

/** Ids are random: two of the same key are so rare that the second may be refused. */
function keyOf(id: Bytes): number {
  return ((id[0]! & 63) << 24) | (id[1]! << 16) | (id[2]! << 8) | id[3]!;
}

/** Bytes that a message is kept with. */
export function bodyBytes(message: RoutedMessage | ReturnMessage): number {
  if (message.type === 'routed-request') return message.body.length;
  return message.type === 'reply' && message.outcome.kind === 'response' ? message.outcome.body.length : 0;
}
