/**
 * What has come of one sender's multicasts to one group: duplicates are told from new ones, and gaps are found. Order is
 * not promised, so a gap is one only when what overtook it is GAP_GRACE_MS old. Our addition to Scribe, which promises
 * neither (§2.5 leaves it to applications).
 */
import { GAP_GRACE_MS, LATE_MAX, OVERTAKING_MAX } from './limits.ts';

/** Multicasts `first` to `first + count − 1` are missing. */
export interface MissingRange {
  readonly epoch: number;
  readonly first: number;
  readonly count: number;
}

export type Freshness = 'new' | 'duplicate' | 'stale-epoch';

export class Stream {
  #epoch: number;
  /** Everything below has come or was given up. */
  #next: number;
  /** What came above `#next`: at most OVERTAKING_MAX. */
  readonly #above = new Set<number>();
  /** Given up, but welcome all the same: at most LATE_MAX, the oldest first. */
  readonly #late = new Set<number>();
  /** When something first overtook `#next`; undefined: nothing is missing. */
  #missingSince: number | undefined;

  /** Begins with the first multicast that was heard: earlier ones may have been before our time, but may also be late. */
  constructor(epoch: number, seq: number) {
    this.#epoch = epoch;
    this.#next = seq + 1;
    for (let late = Math.max(0, seq - LATE_MAX); late < seq; late++) this.#late.add(late);
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** When the gap that is open is to be reported; undefined: there is none. */
  get reportAt(): number | undefined {
    return this.#missingSince === undefined ? undefined : this.#missingSince + GAP_GRACE_MS;
  }

  look(epoch: number, seq: number): Freshness {
    if (epoch < this.#epoch) return 'stale-epoch';
    if (epoch > this.#epoch || this.#late.has(seq)) return 'new';
    return seq < this.#next || this.#above.has(seq) ? 'duplicate' : 'new';
  }

  /** Takes one that is new. What is given up for it because too many overtook it is returned. */
  take(epoch: number, seq: number, now: number): readonly MissingRange[] {
    const left = epoch > this.#epoch ? this.#begin(epoch) : [];
    if (this.#late.delete(seq)) return left;
    this.#above.add(seq);
    this.#advance();
    if (this.#above.size > 0) this.#missingSince ??= now;
    return this.#above.size > OVERTAKING_MAX ? [...left, this.#giveUp(now)] : left;
  }

  /** Gives up what has been missing for too long. */
  report(now: number): readonly MissingRange[] {
    const gaps: MissingRange[] = [];
    while (this.reportAt !== undefined && this.reportAt <= now) gaps.push(this.#giveUp(now));
    return gaps;
  }

  /** A later life of the sender: it counts from 0, and we were here. What was missing of the former one stays missing. */
  #begin(epoch: number): readonly MissingRange[] {
    const left: MissingRange[] = [];
    while (this.#above.size > 0) left.push(this.#giveUp(0));
    this.#epoch = epoch;
    this.#next = 0;
    this.#late.clear();
    return left;
  }

  #advance(): void {
    while (this.#above.delete(this.#next)) this.#next++;
    if (this.#above.size === 0) this.#missingSince = undefined;
  }

  /** The first gap: up to the lowest that came. */
  #giveUp(now: number): MissingRange {
    const first = this.#next;
    const end = Math.min(...this.#above);
    for (let late = Math.max(first, end - LATE_MAX); late < end; late++) this.#late.add(late);
    for (const oldest of this.#late) {
      if (this.#late.size <= LATE_MAX) break;
      this.#late.delete(oldest);
    }
    this.#next = end;
    this.#missingSince = now;
    this.#advance();
    return { epoch: this.#epoch, first, count: end - first };
  }
}
