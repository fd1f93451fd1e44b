/** A long list that is drawn a screenful at once and the rest frame by frame, so that thousands of rows hold nobody up. */
import { untrack } from 'svelte';

/** Rows that are there at once: more than a tall screen shows. */
export const FIRST_ROWS = 50;
/** Rows that are added in a frame. */
export const ROWS_A_FRAME = 200;

export class GrowingList {
  readonly #length: () => number;
  #rows = $state(FIRST_ROWS);

  /** `length`: of the whole list, as a rune. */
  constructor(length: () => number) {
    this.#length = length;
  }

  /** Another list from now on: it begins with a screenful. */
  restart(): void {
    untrack(() => (this.#rows = FIRST_ROWS));
  }

  /** What is drawn by now; the list itself when that is all of it. */
  of<T>(items: readonly T[]): readonly T[] {
    return items.length <= this.#rows ? items : items.slice(0, this.#rows);
  }

  /** To be an effect: more rows at the next frame, until all are there. */
  grow(): (() => void) | undefined {
    if (this.#rows >= this.#length()) return undefined;
    const frame = requestAnimationFrame(() => (this.#rows += ROWS_A_FRAME));
    return () => cancelAnimationFrame(frame);
  }
}
