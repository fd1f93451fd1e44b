/** Keeps blocks that are being written for a message apart from those that are given up: a block of one may be one of the other. */
import { Serial } from '../post/bounded.ts';

export class KeepGate {
  readonly #releases = new Serial();
  #keeping = 0;

  /** Runs `work`, which keeps blocks that nothing names yet; nothing is given up meanwhile. */
  async keeping<T>(work: () => Promise<T>): Promise<T> {
    this.#keeping += 1;
    try {
      await this.#releases.idle();
      return await work();
    } finally {
      this.#keeping -= 1;
    }
  }

  /** Runs `work`, which gives blocks up, unless something is being kept: then it resolves with undefined. */
  releasing<T>(work: () => Promise<T>): Promise<T | undefined> {
    return this.#releases.run(() => (this.#keeping > 0 ? Promise.resolve(undefined) : work()));
  }
}
