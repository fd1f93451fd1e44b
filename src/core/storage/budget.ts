/** A budget of bytes a second, for work that users must not notice. */

/** Saves what is not used up to `burstBytes`. A thing bigger than what is left is allowed, and paid for afterwards. */
export class Budget {
  readonly #bytesPerSecond: number;
  readonly #burstBytes: number;
  #left: number;
  #at: number;

  constructor(bytesPerSecond: number, burstBytes: number, now: number) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#burstBytes = burstBytes;
    this.#left = burstBytes;
    this.#at = now;
  }

  /** Milliseconds until something may be spent: 0 is now. */
  waitMs(now: number): number {
    this.#earn(now);
    return this.#left > 0 ? 0 : Math.ceil(((1 - this.#left) * 1000) / this.#bytesPerSecond);
  }

  spend(bytes: number, now: number): void {
    this.#earn(now);
    this.#left -= bytes;
  }

  /** A clock that goes backwards earns nothing. */
  #earn(now: number): void {
    const earned = (Math.max(0, now - this.#at) * this.#bytesPerSecond) / 1000;
    this.#left = Math.min(this.#burstBytes, this.#left + earned);
    this.#at = now;
  }
}
