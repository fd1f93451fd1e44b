/** Ids of notifications that were handled: durable, so that a replay has no effect after a restart either; bounded. */
import { concat, toHex, utf8, type Bytes } from '../codec/bytes.ts';
import { CLOCK_SKEW_MS } from '../codec/clock.ts';
import { RETENTION_MS } from '../codec/limits.ts';
import type { KeyValueStore, Write } from '../storage/key-value-store.ts';
import { prefixRange } from '../storage/namespace.ts';

/** Ids remembered. When there are more, the oldest go, and nothing as old as they were is taken any more. */
export const REPLAY_IDS_MAX = 50_000;

const PREFIX = utf8('replay/');
const FLOOR = utf8('replay-floor');
const TIME_BYTES = 8;

interface Remembered {
  readonly key: Bytes;
  readonly id: string;
  readonly at: number;
}

export class ReplayCache {
  readonly #ids = new Set<string>();
  /** Oldest notification first. */
  readonly #order: Remembered[];
  #floor: number;

  private constructor(order: Remembered[], floor: number) {
    this.#order = order;
    this.#floor = floor;
    for (const { id } of order) this.#ids.add(id);
  }

  static async open(store: KeyValueStore): Promise<ReplayCache> {
    const [keys, floor] = await Promise.all([store.keys(prefixRange(PREFIX)), store.get(FLOOR)]);
    const order = keys.map((key) => {
      const tail = key.slice(PREFIX.length);
      return { key, at: timeOf(tail), id: toHex(tail.slice(TIME_BYTES)) };
    });
    return new ReplayCache(order, floor === undefined ? 0 : timeOf(floor));
  }

  has(id: Bytes): boolean {
    return this.#ids.has(toHex(id));
  }

  /** Notifications of this time or before are refused: their ids are not remembered any more. */
  get floor(): number {
    return this.#floor;
  }

  /** What to write, in one batch with a notification's effect, so that it is remembered. */
  writes(id: Bytes, at: number, now: number): Write[] {
    const writes: Write[] = [{ type: 'put', key: keyOf(id, at), value: new Uint8Array(0) }];
    const { outdated, floor } = this.#outdated(now);
    for (const { key } of outdated) writes.push({ type: 'delete', key });
    if (floor > this.#floor) writes.push({ type: 'put', key: FLOOR, value: timeBytes(floor) });
    return writes;
  }

  /** Those writes are on disk. */
  remember(id: Bytes, at: number, now: number): void {
    const { outdated, floor } = this.#outdated(now);
    for (const { id: old } of this.#order.splice(0, outdated.length)) this.#ids.delete(old);
    this.#floor = Math.max(this.#floor, floor);
    if (this.has(id)) return;
    this.#ids.add(toHex(id));
    let i = this.#order.length;
    while (i > 0 && this.#order[i - 1]!.at > at) i--;
    this.#order.splice(i, 0, { key: keyOf(id, at), id: toHex(id), at });
  }

  /** The ids at the front that may go: too old to be replayed, or over the maximum. */
  #outdated(now: number): { outdated: readonly Remembered[]; floor: number } {
    const oldest = now - RETENTION_MS - 2 * CLOCK_SKEW_MS;
    const surplus = this.#order.length + 1 - REPLAY_IDS_MAX;
    let count = 0;
    while (count < this.#order.length && (count < surplus || this.#order[count]!.at < oldest)) count++;
    return {
      outdated: this.#order.slice(0, count),
      floor: surplus > 0 ? this.#order[Math.min(surplus, this.#order.length) - 1]!.at : 0,
    };
  }
}

function keyOf(id: Bytes, at: number): Bytes {
  return concat(PREFIX, timeBytes(at), id);
}

function timeBytes(at: number): Bytes {
  const out = new Uint8Array(TIME_BYTES);
  new DataView(out.buffer).setBigUint64(0, BigInt(at));
  return out;
}

function timeOf(bytes: Bytes): number {
  return Number(new DataView(bytes.buffer, bytes.byteOffset, TIME_BYTES).getBigUint64(0));
}
