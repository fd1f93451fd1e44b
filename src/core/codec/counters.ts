/** Counts what was refused and why: a bad input is never silent. Shown by /metrics and the network page. */
import type { Refusal } from './result.ts';

export interface RefusalNote {
  readonly at: number;
  readonly area: string;
  readonly code: string;
  readonly reason: string;
}

/** Most different (area, code) pairs kept; further ones are counted under `other`. */
export const COUNTERS_MAX = 256;
/** Most recent refusals remembered with their sentence. */
export const NOTES_MAX = 50;

export class Counters {
  readonly #counts = new Map<string, number>();
  readonly #notes: RefusalNote[] = [];
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** `area` is the layer that refused: `network`, `overlay`, `storage`, `inbox`, `notification` … */
  refused(area: string, refusal: Pick<Refusal, 'code' | 'reason'>): void {
    this.add(`${area}.${refusal.code}`);
    this.#notes.push({ at: this.#now(), area, code: refusal.code, reason: refusal.reason });
    if (this.#notes.length > NOTES_MAX) this.#notes.shift();
  }

  /** Adds to a plain counter, named like `storage.blocks-repaired`. */
  add(name: string, amount = 1): void {
    const known = this.#counts.has(name) || this.#counts.size < COUNTERS_MAX;
    const counted = known ? name : 'other.other';
    this.#counts.set(counted, (this.#counts.get(counted) ?? 0) + amount);
  }

  get(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  /** Name and count, sorted by name. */
  counts(): readonly (readonly [string, number])[] {
    return [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** The last refusals, oldest first. */
  notes(): readonly RefusalNote[] {
    return [...this.#notes];
  }
}
