/** The hash chain of a log at any entry that this disk has: what others say that they have seen is held against it. */
import type { Bytes } from '../codec/bytes.ts';
import type { Id } from '../codec/id.ts';
import { chainAfter, type LogPosition } from './log-head.ts';

/** Entries between two places that are remembered. */
const CHECKPOINT_ENTRIES = 512;

export class ChainHistory {
  readonly #base: LogPosition;
  readonly #read: (first: number, end: number) => Promise<readonly Bytes[]>;
  /** Chains at base.next + i · CHECKPOINT_ENTRIES: one for every 512 entries of the log. */
  readonly #checkpoints: Id[];

  /** `base`: from where on `read` has the log's sealed entries. */
  constructor(base: LogPosition, read: (first: number, end: number) => Promise<readonly Bytes[]>) {
    this.#base = base;
    this.#read = read;
    this.#checkpoints = [base.chain];
  }

  /** Chain over the first `next` entries; undefined when this disk does not have them. Rejects with StoreError. */
  async at(next: number): Promise<Id | undefined> {
    if (next < this.#base.next) return undefined;
    const wanted = Math.floor((next - this.#base.next) / CHECKPOINT_ENTRIES);
    for (let i = this.#checkpoints.length; i <= wanted; i++) {
      const chain = await this.#from(i - 1, CHECKPOINT_ENTRIES);
      if (chain === undefined) return undefined;
      this.#checkpoints[i] = chain;
    }
    return this.#from(wanted, (next - this.#base.next) % CHECKPOINT_ENTRIES);
  }

  async #from(checkpoint: number, count: number): Promise<Id | undefined> {
    const first = this.#base.next + checkpoint * CHECKPOINT_ENTRIES;
    const entries = count === 0 ? [] : await this.#read(first, first + count);
    return entries.length === count ? chainAfter(this.#checkpoints[checkpoint]!, entries) : undefined;
  }
}
