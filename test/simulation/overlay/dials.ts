/** Dials under way: at most DIALS_MAX a node, in flat arrays. */
import { DIALS_MAX } from '../../../src/core/codec/limits.ts';

const FREE = -1;

export class Dials {
  #targets = new Int32Array(1_024 * DIALS_MAX).fill(FREE);
  #numbers = new Int32Array(1_024 * DIALS_MAX);
  #lastNumber = 0;

  get bytes(): number {
    return this.#targets.length * 8;
  }

  count(from: number): number {
    let count = 0;
    for (let at = from * DIALS_MAX; at < (from + 1) * DIALS_MAX; at++)
      if ((this.#targets[at] ?? FREE) !== FREE) count++;
    return count;
  }

  /** A number for the dial; 0: too many are under way. */
  begin(from: number, to: number): number {
    while ((from + 1) * DIALS_MAX > this.#targets.length) this.#grow();
    const at = this.#slot(from, FREE);
    if (at < 0) return 0;
    this.#targets[at] = to;
    this.#numbers[at] = ++this.#lastNumber;
    return this.#lastNumber;
  }

  /** Whether the dial of this number was still under way. */
  end(from: number, to: number, number: number): boolean {
    const at = this.#slot(from, to);
    if (at < 0 || this.#numbers[at] !== number) return false;
    this.#targets[at] = FREE;
    return true;
  }

  /** The other end was faster; whether there was a dial. */
  cancel(from: number, to: number): boolean {
    const at = this.#slot(from, to);
    if (at < 0) return false;
    this.#targets[at] = FREE;
    return true;
  }

  /** The node is gone. */
  clear(from: number): void {
    this.#targets.fill(FREE, from * DIALS_MAX, (from + 1) * DIALS_MAX);
  }

  #slot(from: number, target: number): number {
    for (let at = from * DIALS_MAX; at < (from + 1) * DIALS_MAX; at++)
      if (this.#targets[at] === target) return at;
    return -1;
  }

  #grow(): void {
    const [targets, numbers] = [this.#targets, this.#numbers];
    this.#targets = new Int32Array(2 * targets.length).fill(FREE);
    this.#targets.set(targets);
    this.#numbers = new Int32Array(2 * numbers.length);
    this.#numbers.set(numbers);
  }
}
