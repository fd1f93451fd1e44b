/** How many fetches are under way, counted in bytes, and how long a replica may take before another is asked too. */
import type { Clock } from '../codec/clock.ts';

/** Bytes of blocks that are fetched at once: 2 MiB, eight chunks of an attachment. */
export const FETCH_BYTES_MAX = 2 * 1024 * 1024;
/** Blocks that are fetched at once. */
export const FETCHES_MAX = 64;
/** What a block counts whose size is not known: 16 KiB, a full cluster of a log. Chunks of attachments come with their size. */
export const UNKNOWN_BLOCK_BYTES = 16 * 1024;

/** Runs actions while the bytes that they have announced fit; the others wait in the order of their calls. One alone always runs. */
export class ByteLimiter {
  readonly #bytesMax: number;
  readonly #countMax: number;
  readonly #waiting: { readonly bytes: number; readonly start: () => void }[] = [];
  #bytes = 0;
  #count = 0;

  constructor(bytesMax: number, countMax: number) {
    this.#bytesMax = bytesMax;
    this.#countMax = countMax;
  }

  async run<T>(bytes: number, action: () => Promise<T>): Promise<T> {
    if (this.#waiting.length > 0 || !this.#fits(bytes))
      await new Promise<void>((start) => this.#waiting.push({ bytes, start }));
    else this.#take(bytes);
    try {
      return await action();
    } finally {
      this.#bytes -= bytes;
      this.#count -= 1;
      this.#startNext();
    }
  }

  #startNext(): void {
    for (let next = this.#waiting[0]; next !== undefined && this.#fits(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#take(next.bytes);
      next.start();
    }
  }

  #fits(bytes: number): boolean {
    return this.#count === 0 || (this.#count < this.#countMax && this.#bytes + bytes <= this.#bytesMax);
  }

  #take(bytes: number): void {
    this.#bytes += bytes;
    this.#count += 1;
  }
}

/** How long a replica has for an answer without much in it. */
const HEDGE_MS = 500;
/** The longest time that a replica has: one that is dead holds nobody up for longer. */
const HEDGE_MS_MAX = 5_000;
/** A replica has so many times what its bytes take at the measured speed. */
const HEDGE_SLACK = 2;
/** Bytes a millisecond that are expected until something was measured: 1 MB a second. */
const SPEED_AT_FIRST = 1_000;
/** Smaller blocks take the time of the way, not that of their bytes: they say nothing about speed. */
const MEASURED_BYTES_MIN = 64 * 1024;
/** Share of the newest measurement. */
const SPEED_GAIN = 0.3;

/** One fetch that is under way. */
export interface Transfer {
  /** Milliseconds from its beginning after which its replica is late, as things are now. */
  lateAfterMs(): number;
  /** Bytes that came: 0 for none. */
  end(bytes: number): void;
}

/**
 * Measures how fast blocks come in. All fetches share this node's line, so what came and is awaited while one of them was under way
 * counts for each: eight chunks at once may take eight times as long as one, and no replica is late because of that.
 */
export class Pace {
  readonly #clock: Clock;
  #bytesPerMs = SPEED_AT_FIRST;
  #underWay = 0;
  #arrived = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  begin(expectedBytes: number): Transfer {
    const from = this.#clock.now();
    const arrivedBefore = this.#arrived;
    this.#underWay += expectedBytes;
    return {
      lateAfterMs: () => {
        const shared = this.#arrived - arrivedBefore + this.#underWay;
        return Math.min(HEDGE_MS_MAX, HEDGE_MS + (HEDGE_SLACK * shared) / this.#bytesPerMs);
      },
      end: (bytes) => {
        this.#underWay -= expectedBytes;
        this.#arrived += bytes;
        if (bytes < MEASURED_BYTES_MIN) return;
        const took = Math.max(1, this.#clock.now() - from);
        this.#bytesPerMs += SPEED_GAIN * ((this.#arrived - arrivedBefore) / took - this.#bytesPerMs);
      },
    };
  }
}
