/** A virtual Clock for tests and simulation: time stands still until it is told to pass. */
import type { Clock } from '../../core/codec/clock.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly action: () => void;
  cancelled: boolean;
}

/** Runs timers in the order of their times, those of the same time in the order in which they were set. */
export class VirtualClock implements Clock {
  #now: number;
  #order = 0;
  /** A binary heap, the earliest timer first. */
  readonly #heap: Timer[] = [];

  /** Starts at `now`: milliseconds since 1970; unset, 2026-01-01. */
  constructor(now = Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(delayMs: number, action: () => void): () => void {
    const timer: Timer = {
      at: this.#now + Math.max(0, delayMs),
      order: this.#order++,
      action,
      cancelled: false,
    };
    this.#push(timer);
    return () => {
      timer.cancelled = true;
    };
  }

  /** When the next timer is due; undefined when none is set. */
  nextAt(): number | undefined {
    this.#dropCancelled();
    return this.#heap[0]?.at;
  }

  /** Lets `ms` pass, running every timer that falls due, those set meanwhile too. */
  advance(ms: number): void {
    const end = this.#now + ms;
    while (this.#runNext(end));
    this.#now = end;
  }

  /**
   * Like `advance`, but after each timer all that was set going (promises, WebCrypto) may go on: `settle` is awaited,
   * which by default waits for one turn of the event loop.
   */
  async advanceAsync(ms: number, settle: () => Promise<void> = turn): Promise<void> {
    const end = this.#now + ms;
    do await settle();
    while (this.#runNext(end));
    this.#now = end;
  }

  /** Runs the earliest timer that is due at `end` at the latest; false when there is none. */
  #runNext(end: number): boolean {
    const next = this.nextAt();
    if (next === undefined || next > end) return false;
    const timer = this.#pop();
    this.#now = Math.max(this.#now, timer.at);
    timer.action();
    return true;
  }

  #dropCancelled(): void {
    while (this.#heap[0]?.cancelled) this.#pop();
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let i = heap.push(timer) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!earlier(timer, heap[parent]!)) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = timer;
  }

  #pop(): Timer {
    const heap = this.#heap;
    const top = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return top;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && earlier(heap[child + 1]!, heap[child]!)) child++;
      if (!earlier(heap[child]!, last)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
    return top;
  }
}

function earlier(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
