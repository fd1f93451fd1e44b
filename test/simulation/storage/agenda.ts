/** What happens when: a binary heap, for weeks in which most milliseconds are empty. The same seed gives the same order. */

interface Item {
  readonly at: number;
  /** Of two items of one time the one that was planned first comes first. */
  readonly order: number;
  readonly action: () => void;
}

export class Agenda {
  readonly #heap: Item[] = [];
  #order = 0;
  #now = 0;

  /** Milliseconds since the beginning. */
  get now(): number {
    return this.#now;
  }

  after(delayMs: number, action: () => void): void {
    const item = { at: this.#now + Math.max(0, Math.round(delayMs)), order: this.#order++, action };
    let at = this.#heap.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(item, this.#heap[parent]!)) break;
      this.#heap[at] = this.#heap[parent]!;
      at = parent;
    }
    this.#heap[at] = item;
  }

  runUntil(end: number): void {
    while (this.#heap.length > 0 && this.#heap[0]!.at <= end) {
      const { at, action } = this.#pop();
      this.#now = at;
      action();
    }
    this.#now = end;
  }

  #pop(): Item {
    const first = this.#heap[0]!;
    const item = this.#heap.pop()!;
    const { length } = this.#heap;
    if (length === 0) return first;
    let at = 0;
    for (let child = 1; child < length; child = 2 * at + 1) {
      if (child + 1 < length && isBefore(this.#heap[child + 1]!, this.#heap[child]!)) child += 1;
      if (!isBefore(this.#heap[child]!, item)) break;
      this.#heap[at] = this.#heap[child]!;
      at = child;
    }
    this.#heap[at] = item;
    return first;
  }
}

function isBefore(a: Item, b: Item): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
