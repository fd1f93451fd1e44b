/** How much the inboxes hold that were used last, so that their bounds are checked without a walk over the disk. */
import type { Bytes } from '../codec/bytes.ts';
import { ID_BYTES, idText, type Key } from '../codec/id.ts';
import type { KeyValueStore } from './key-value-store.ts';
import { indexPrefix, placeOfIndexKey, tombstoneKey } from './layout.ts';
import { prefixRange } from './namespace.ts';

export interface InboxTally {
  entries: number;
  clears: number;
  tombstones: number;
  /** Entries by hexadecimal peer key of the sender. */
  readonly bySender: Map<string, number>;
}

/** Inboxes whose tallies are remembered. */
const TALLIES_MAX = 64;

/** Counts one inbox on disk. */
export async function inboxTally(store: KeyValueStore, key: Key): Promise<InboxTally> {
  const [entries, clears, tombstones] = await Promise.all(
    [indexPrefix('inbox', key), indexPrefix('clear', key), tombstoneKey(key)].map((prefix) =>
      store.keys(prefixRange(prefix)),
    ),
  );
  const bySender = new Map<string, number>();
  for (const name of entries!) {
    const sender = idText(placeOfIndexKey(name).sub.slice(ID_BYTES));
    bySender.set(sender, (bySender.get(sender) ?? 0) + 1);
  }
  return { entries: entries!.length, clears: clears!.length, tombstones: tombstones!.length, bySender };
}

export class InboxTallies {
  readonly #count: (key: Key) => Promise<InboxTally>;
  readonly #known = new Map<string, InboxTally>();

  constructor(count: (key: Key) => Promise<InboxTally>) {
    this.#count = count;
  }

  async of(key: Key): Promise<InboxTally> {
    const name = idText(key);
    const tally = this.#known.get(name) ?? (await this.#count(key));
    this.#known.delete(name);
    if (this.#known.size >= TALLIES_MAX) this.#known.delete(this.#known.keys().next().value!);
    this.#known.set(name, tally);
    return tally;
  }

  /** An entry was written. */
  appended(key: Key, from: Bytes): void {
    const tally = this.#known.get(idText(key));
    if (tally === undefined) return;
    const sender = idText(from);
    tally.entries += 1;
    tally.bySender.set(sender, (tally.bySender.get(sender) ?? 0) + 1);
  }

  /** Something else changed: count again at the next use. */
  forget(key: Key): void {
    this.#known.delete(idText(key));
  }
}

/** Days of senders in inboxes that are remembered. */
const SENDER_DAYS_MAX = 20_000;
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Entries that each sender has left in each inbox, by the day that they bear (UTC), the cleared ones too. What was handed on from
 * other replicas counts for its own day. Forgotten at a restart: the bounds on what an inbox holds stay.
 */
export class SenderDays {
  readonly #counts = new Map<string, number>();

  of(key: Key, from: Bytes, at: number): number {
    return this.#counts.get(nameOf(key, from, at)) ?? 0;
  }

  appended(key: Key, from: Bytes, at: number): void {
    const name = nameOf(key, from, at);
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.delete(name);
    if (this.#counts.size >= SENDER_DAYS_MAX) this.#counts.delete(this.#counts.keys().next().value!);
    this.#counts.set(name, count);
  }
}

function nameOf(key: Key, from: Bytes, at: number): string {
  return `${idText(key)}/${idText(from)}/${Math.floor(at / DAY_MS)}`;
}
