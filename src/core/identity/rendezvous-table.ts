/** The places of a relay where devices meet: who may open how many, what is kept how long. Synchronous; a driver serves it. */
import type { Bytes } from '../codec/bytes.ts';
import { equalBytes } from '../codec/bytes.ts';
import { ok, refuse, type Refusal, type Result } from '../codec/result.ts';
import { sentence } from './sentences.ts';
import { PLACE_MS, PLACE_PATTERN, SLOT_BYTES_MAX, type Slot } from './rendezvous.ts';

/** Places at once: 16 MiB at most, since each holds 4 slots of 4 KiB. */
export const PLACES_MAX = 1_000;
/** Places at once that one address opened. A whole organization may share one address. */
export const PLACES_PER_ADDRESS_MAX = 100;
/** Who waits for the same slot at once: one device, and its request that was cut off. */
export const WAITERS_MAX = 2;

interface Place {
  readonly openedAt: number;
  readonly openedBy: string;
  readonly slots: Map<Slot, Bytes>;
  readonly waiters: Map<Slot, Set<() => void>>;
}

export class RendezvousTable {
  /** In the order in which they were opened, and so in that in which they end. */
  readonly #places = new Map<string, Place>();

  /** Places that are open. */
  get size(): number {
    return this.#places.size;
  }

  /** Refusals: `bad-place`, `too-large`, `place-unknown`, `slot-taken`, `too-many-places`. */
  post(place: string, slot: Slot, bytes: Bytes, from: string, now: number): Result<true> {
    this.#drop(now);
    if (!PLACE_PATTERN.test(place)) return refuse('bad-place', 'This is no place to meet.');
    if (bytes.length > SLOT_BYTES_MAX)
      return refuse(
        'too-large',
        `A message of ${bytes.length} bytes is over the limit of ${SLOT_BYTES_MAX}.`,
      );
    const found = this.#places.get(place) ?? (slot === 'opened' ? this.#open(place, from, now) : unknown());
    if ('ok' in found) return found;
    const held = found.slots.get(slot);
    if (held !== undefined)
      return equalBytes(held, bytes) ? ok(true) : refuse('slot-taken', sentence('pairing/slot-taken'));
    found.slots.set(slot, bytes);
    for (const wake of found.waiters.get(slot) ?? []) wake();
    found.waiters.delete(slot);
    return ok(true);
  }

  /** What the slot holds; undefined when nothing yet. Refusal: `place-unknown`. */
  read(place: string, slot: Slot, now: number): Result<Bytes | undefined> {
    this.#drop(now);
    const found = this.#places.get(place);
    return found ? ok(found.slots.get(slot)) : unknown();
  }

  /** `wake` is called once, when the slot is filled or the place ends; the result cancels that. Refusals: `place-unknown`, `too-many-waiting`. */
  watch(place: string, slot: Slot, wake: () => void): Result<() => void> {
    const found = this.#places.get(place);
    if (!found) return unknown();
    const waiters = found.waiters.get(slot) ?? new Set();
    if (waiters.size >= WAITERS_MAX) return refuse('too-many-waiting', sentence('pairing/too-many-waiting'));
    waiters.add(wake);
    found.waiters.set(slot, waiters);
    return ok(() => void waiters.delete(wake));
  }

  #open(name: string, openedBy: string, now: number): Place | Refusal {
    const own = [...this.#places.values()].filter((place) => place.openedBy === openedBy).length;
    if (this.#places.size >= PLACES_MAX || own >= PLACES_PER_ADDRESS_MAX)
      return refuse('too-many-places', sentence('pairing/too-many-places'));
    const place = { openedAt: now, openedBy, slots: new Map(), waiters: new Map() };
    this.#places.set(name, place);
    return place;
  }

  #drop(now: number): void {
    for (const [name, { openedAt, waiters }] of this.#places) {
      if (now < openedAt + PLACE_MS) return;
      this.#places.delete(name);
      for (const wake of [...waiters.values()].flatMap((some) => [...some])) wake();
    }
  }
}

function unknown(): Refusal {
  return refuse('place-unknown', sentence('pairing/place-unknown'));
}
