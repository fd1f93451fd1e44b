/**
 * Ids of notifications that were handled: durable, so that a replay has no effect after a restart either; bounded. Each sender
 * has ids of its own: nobody can use up those of others, nor push them out.
 */
import { concat, fromHex, toHex, utf8, type Bytes } from '../codec/bytes.ts';
import { CLOCK_SKEW_MS } from '../codec/clock.ts';
import { RETENTION_MS } from '../codec/limits.ts';
import { sha256 } from '../crypto/hash.ts';
import type { KeyValueStore, Write } from '../storage/key-value-store.ts';
import { prefixRange } from '../storage/namespace.ts';

/**
 * Ids remembered. When there are more, the sender with the most of them loses its oldest, and nothing of that sender as old
 * as they were is taken any more.
 */
export const REPLAY_IDS_MAX = 50_000;

const PREFIX = utf8('replay/');
const FLOOR_PREFIX = utf8('replay-floor/');
const TIME_BYTES = 8;
const ID_BYTES = 16;
const SENDER_BYTES = 16;

interface Remembered {
  readonly key: Bytes;
  readonly id: string;
  readonly at: number;
}

/** What goes when one more id is remembered. */
interface Outdated {
  readonly sender: string;
  /** How many of its oldest. */
  readonly count: number;
  /** Undefined: stays as it is. */
  readonly floor: number | undefined;
}

/** What says which notification it was: sender's identity key, id and date. */
export interface NotificationName {
  readonly from: Bytes;
  readonly id: Bytes;
  readonly at: number;
}

export class ReplayCache {
  /** By sender and id. */
  readonly #ids = new Set<string>();
  /** By sender: oldest notification first. */
  readonly #senders = new Map<string, Remembered[]>();
  readonly #floors = new Map<string, number>();
  readonly #idsMax: number;

  private constructor(idsMax: number) {
    this.#idsMax = idsMax;
  }

  static async open(store: KeyValueStore, idsMax = REPLAY_IDS_MAX): Promise<ReplayCache> {
    const cache = new ReplayCache(idsMax);
    const [keys, floors] = await Promise.all([
      store.keys(prefixRange(PREFIX)),
      store.entries(prefixRange(FLOOR_PREFIX)),
    ]);
    // Keys begin with the date: the oldest come first.
    for (const key of keys) {
      const tail = key.slice(PREFIX.length);
      const sender = toHex(tail.slice(TIME_BYTES, -ID_BYTES));
      cache.#insert(sender, { key, at: timeOf(tail), id: toHex(tail.slice(-ID_BYTES)) });
    }
    for (const [key, floor] of floors)
      cache.#floors.set(toHex(key.slice(FLOOR_PREFIX.length)), timeOf(floor));
    return cache;
  }

  has({ from, id }: NotificationName): boolean {
    return this.#ids.has(nameOf(senderOf(from), toHex(id)));
  }

  /** Notifications of this sender and of this time or before are refused: their ids are not remembered any more. */
  floor(from: Bytes): number {
    return this.#floors.get(senderOf(from)) ?? 0;
  }

  /** What to write, in one batch with a notification's effect, so that it is remembered. `now`: as for `remember`. */
  writes(name: NotificationName, now: number): Write[] {
    const writes: Write[] = [{ type: 'put', key: keyOf(name), value: new Uint8Array(0) }];
    for (const { sender, count, floor } of this.#outdated(name, now)) {
      for (const { key } of this.#order(sender).slice(0, count)) writes.push({ type: 'delete', key });
      if (floor !== undefined) writes.push({ type: 'put', key: floorKey(sender), value: timeBytes(floor) });
    }
    for (const sender of this.#oldFloors(now)) writes.push({ type: 'delete', key: floorKey(sender) });
    return writes;
  }

  /** Those writes are on disk. */
  remember(name: NotificationName, now: number): void {
    for (const sender of this.#oldFloors(now)) this.#floors.delete(sender);
    for (const { sender, count, floor } of this.#outdated(name, now)) {
      const order = this.#order(sender);
      for (const { id } of order.splice(0, count)) this.#ids.delete(nameOf(sender, id));
      if (order.length === 0) this.#senders.delete(sender);
      if (floor !== undefined) this.#floors.set(sender, floor);
    }
    if (this.has(name)) return;
    this.#insert(senderOf(name.from), { key: keyOf(name), id: toHex(name.id), at: name.at });
  }

  #order(sender: string): Remembered[] {
    return this.#senders.get(sender) ?? [];
  }

  #insert(sender: string, remembered: Remembered): void {
    let order = this.#senders.get(sender);
    if (order === undefined) this.#senders.set(sender, (order = []));
    let i = order.length;
    while (i > 0 && order[i - 1]!.at > remembered.at) i--;
    order.splice(i, 0, remembered);
    this.#ids.add(nameOf(sender, remembered.id));
  }

  /** Ids that are too old to be replayed; and when there are too many, one of the sender with the most. */
  #outdated({ from }: NotificationName, now: number): Outdated[] {
    const oldest = oldestTaken(now);
    const outdated: Outdated[] = [];
    let left = 1;
    let most: { readonly sender: string; readonly count: number; readonly left: number } | undefined;
    for (const [sender, order] of this.#senders) {
      let count = 0;
      while (count < order.length && order[count]!.at < oldest) count++;
      const stay = order.length - count;
      left += stay;
      if (count > 0) outdated.push({ sender, count, floor: undefined });
      const share = stay + (sender === senderOf(from) ? 1 : 0);
      if (stay > 0 && (most === undefined || share > most.left)) most = { sender, count, left: share };
    }
    if (left <= this.#idsMax || most === undefined) return outdated;
    const { sender, count } = most;
    const floor = Math.max(this.#floors.get(sender) ?? 0, this.#order(sender)[count]!.at);
    return [...outdated.filter((one) => one.sender !== sender), { sender, count: count + 1, floor }];
  }

  /** Nothing as old as these floors is taken anyway. */
  #oldFloors(now: number): string[] {
    const oldest = oldestTaken(now);
    return [...this.#floors].filter(([, floor]) => floor < oldest).map(([sender]) => sender);
  }
}

function oldestTaken(now: number): number {
  return now - RETENTION_MS - 2 * CLOCK_SKEW_MS;
}

/** Half of the hash is enough to tell senders apart, and saves memory. */
function senderOf(from: Bytes): string {
  return toHex(sha256(from).slice(0, SENDER_BYTES));
}

function nameOf(sender: string, id: string): string {
  return `${sender}/${id}`;
}

function keyOf({ from, id, at }: NotificationName): Bytes {
  return concat(PREFIX, timeBytes(at), sha256(from).slice(0, SENDER_BYTES), id);
}

function floorKey(sender: string): Bytes {
  return concat(FLOOR_PREFIX, fromHex(sender));
}

function timeBytes(at: number): Bytes {
  const out = new Uint8Array(TIME_BYTES);
  new DataView(out.buffer).setBigUint64(0, BigInt(at));
  return out;
}

function timeOf(bytes: Bytes): number {
  return Number(new DataView(bytes.buffer, bytes.byteOffset, TIME_BYTES).getBigUint64(0));
}
