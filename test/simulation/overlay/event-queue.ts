/**
 * The order of everything that happens: a two-level timing wheel over whole milliseconds in typed arrays. Events of one
 * millisecond happen in the order in which they were planned, so that a seed replays exactly.
 */
import { assert } from '../../../src/core/codec/assert.ts';

/** Slots of one millisecond in the fine wheel, and of one fine wheel each in the coarse one. */
const FINE_BITS = 16;
const FINE_SLOTS = 2 ** FINE_BITS;
/** 2^32 ms: 49 days of simulated time. */
const COARSE_SLOTS = 2 ** 16;
const NONE = -1;
const ROOM_AT_FIRST = 1_024;
/** An event in the array: who follows it in its slot, its time, kind and three numbers. Side by side: they are read together. */
const EVENT = 8;
const TIME = 1;
const KIND = 2;
const A = 3;
const B = 4;
const C = 5;

/** An event that is due: what it means is the world's business. The object is reused by the next call. */
export interface DueEvent {
  at: number;
  kind: number;
  a: number;
  b: number;
  c: number;
  payload: unknown;
}

export class EventQueue {
  /** What `next` fills. */
  readonly due: DueEvent = { at: 0, kind: 0, a: 0, b: 0, c: 0, payload: undefined };
  readonly #fineFirst = new Int32Array(FINE_SLOTS).fill(NONE);
  readonly #fineLast = new Int32Array(FINE_SLOTS).fill(NONE);
  readonly #coarseFirst = new Int32Array(COARSE_SLOTS).fill(NONE);
  readonly #coarseLast = new Int32Array(COARSE_SLOTS).fill(NONE);
  #events = new Int32Array(ROOM_AT_FIRST * EVENT);
  readonly #payloads: unknown[] = [];
  #free = NONE;
  #used = 0;
  #size = 0;
  #now = 0;

  /** Events that wait. */
  get size(): number {
    return this.#size;
  }

  /** Milliseconds since the beginning. */
  get now(): number {
    return this.#now;
  }

  /** Bytes of the arrays, payloads not counted. */
  get bytes(): number {
    return (2 * FINE_SLOTS + 2 * COARSE_SLOTS + this.#events.length) * 4;
  }

  /** Plans an event; what lies in the past happens in this millisecond. `at`: whole milliseconds. */
  add(at: number, kind: number, a: number, b = 0, c = 0, payload: unknown = undefined): void {
    const event = this.#take();
    const time = at > this.#now ? at : this.#now;
    const row = event * EVENT;
    // Times are below 2^32, kept as 32 bits without sign.
    this.#events[row + TIME] = time;
    this.#events[row + KIND] = kind;
    this.#events[row + A] = a;
    this.#events[row + B] = b;
    this.#events[row + C] = c;
    this.#payloads[event] = payload;
    this.#size++;
    this.#place(event, time);
  }

  /** Takes the earliest event that is due at `end` at the latest into `due`; else time is `end`, and false. */
  next(end: number): boolean {
    for (;;) {
      const slot = this.#now % FINE_SLOTS;
      const event = this.#fineFirst[slot]!;
      if (event !== NONE) {
        if (this.#now > end) return false;
        this.#fineFirst[slot] = this.#events[event * EVENT]!;
        if (this.#fineFirst[slot] === NONE) this.#fineLast[slot] = NONE;
        this.#give(event);
        return true;
      }
      if (this.#now >= end) return false;
      if (this.#size === 0) this.#leap(end);
      else this.#tick();
    }
  }

  #tick(): void {
    this.#now++;
    if (this.#now % FINE_SLOTS === 0) this.#unfold();
  }

  /** Nothing waits, so that no slot holds anything. */
  #leap(end: number): void {
    this.#now = end;
  }

  /** The next stretch of the coarse wheel becomes the fine one. */
  #unfold(): void {
    const slot = Math.floor(this.#now / FINE_SLOTS) % COARSE_SLOTS;
    let event = this.#coarseFirst[slot]!;
    this.#coarseFirst[slot] = this.#coarseLast[slot] = NONE;
    while (event !== NONE) {
      const following = this.#events[event * EVENT]!;
      this.#place(event, this.#events[event * EVENT + TIME]! >>> 0);
      event = following;
    }
  }

  #place(event: number, time: number): void {
    const stretch = Math.floor(time / FINE_SLOTS);
    const near = stretch === Math.floor(this.#now / FINE_SLOTS);
    assert(stretch < COARSE_SLOTS, 'the simulated time is bounded');
    if (near) append(this.#fineFirst, this.#fineLast, this.#events, time % FINE_SLOTS, event);
    else append(this.#coarseFirst, this.#coarseLast, this.#events, stretch, event);
  }

  #give(event: number): void {
    const { due } = this;
    const row = event * EVENT;
    due.at = this.#now;
    due.kind = this.#events[row + KIND]!;
    due.a = this.#events[row + A]!;
    due.b = this.#events[row + B]!;
    due.c = this.#events[row + C]!;
    due.payload = this.#payloads[event];
    this.#payloads[event] = undefined;
    this.#events[row] = this.#free;
    this.#free = event;
    this.#size--;
  }

  #take(): number {
    const event = this.#free;
    if (event !== NONE) {
      this.#free = this.#events[event * EVENT]!;
      return event;
    }
    if (this.#used * EVENT === this.#events.length) this.#grow();
    this.#payloads.push(undefined);
    return this.#used++;
  }

  #grow(): void {
    const events = new Int32Array(2 * this.#events.length);
    events.set(this.#events);
    this.#events = events;
  }
}

function append(first: Int32Array, last: Int32Array, events: Int32Array, slot: number, event: number): void {
  events[event * EVENT] = NONE;
  const before = last[slot]!;
  if (before === NONE) first[slot] = event;
  else events[before * EVENT] = event;
  last[slot] = event;
}
