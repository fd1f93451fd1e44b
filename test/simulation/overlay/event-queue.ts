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
  #follows = new Int32Array(ROOM_AT_FIRST);
  #times = new Float64Array(ROOM_AT_FIRST);
  #kinds = new Uint8Array(ROOM_AT_FIRST);
  #a = new Int32Array(ROOM_AT_FIRST);
  #b = new Int32Array(ROOM_AT_FIRST);
  #c = new Int32Array(ROOM_AT_FIRST);
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
    return (2 * FINE_SLOTS + 2 * COARSE_SLOTS) * 4 + this.#times.length * (4 + 8 + 1 + 12);
  }

  /** Plans an event; what lies in the past happens in this millisecond. `at`: whole milliseconds. */
  add(at: number, kind: number, a: number, b = 0, c = 0, payload: unknown = undefined): void {
    const event = this.#take();
    const time = at > this.#now ? at : this.#now;
    this.#times[event] = time;
    this.#kinds[event] = kind;
    this.#a[event] = a;
    this.#b[event] = b;
    this.#c[event] = c;
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
        this.#fineFirst[slot] = this.#follows[event]!;
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
      const following = this.#follows[event]!;
      this.#place(event, this.#times[event]!);
      event = following;
    }
  }

  #place(event: number, time: number): void {
    const stretch = Math.floor(time / FINE_SLOTS);
    const near = stretch === Math.floor(this.#now / FINE_SLOTS);
    assert(stretch < COARSE_SLOTS, 'the simulated time is bounded');
    if (near) append(this.#fineFirst, this.#fineLast, this.#follows, time % FINE_SLOTS, event);
    else append(this.#coarseFirst, this.#coarseLast, this.#follows, stretch, event);
  }

  #give(event: number): void {
    const { due } = this;
    due.at = this.#now;
    due.kind = this.#kinds[event]!;
    due.a = this.#a[event]!;
    due.b = this.#b[event]!;
    due.c = this.#c[event]!;
    due.payload = this.#payloads[event];
    this.#payloads[event] = undefined;
    this.#follows[event] = this.#free;
    this.#free = event;
    this.#size--;
  }

  #take(): number {
    const event = this.#free;
    if (event !== NONE) {
      this.#free = this.#follows[event]!;
      return event;
    }
    if (this.#used === this.#times.length) this.#grow();
    this.#payloads.push(undefined);
    return this.#used++;
  }

  #grow(): void {
    const length = 2 * this.#times.length;
    const grown = <T extends Int32Array | Float64Array | Uint8Array>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.#follows = grown(this.#follows, new Int32Array(length));
    this.#times = grown(this.#times, new Float64Array(length));
    this.#kinds = grown(this.#kinds, new Uint8Array(length));
    this.#a = grown(this.#a, new Int32Array(length));
    this.#b = grown(this.#b, new Int32Array(length));
    this.#c = grown(this.#c, new Int32Array(length));
  }
}

function append(first: Int32Array, last: Int32Array, follows: Int32Array, slot: number, event: number): void {
  follows[event] = NONE;
  const before = last[slot]!;
  if (before === NONE) first[slot] = event;
  else follows[before] = event;
  last[slot] = event;
}
