/** Which messages are of one thread: a union-find over their shared ids (Tarjan 1975). */

export interface Merged {
  readonly from: string;
  readonly into: string;
}

export class ThreadKeys {
  readonly #parents = new Map<string, string>();
  readonly #sizes = new Map<string, number>();

  clear(): void {
    this.#parents.clear();
    this.#sizes.clear();
  }

  /** The id that stands for the thread of this one. */
  keyOf(id: string): string {
    let key = id;
    for (let parent = this.#parents.get(key); parent !== undefined; parent = this.#parents.get(key))
      key = parent;
    // Short ways for the next time.
    for (let one = id; one !== key;) {
      const parent = this.#parents.get(one)!;
      this.#parents.set(one, key);
      one = parent;
    }
    return key;
  }

  /** `id` answers `answered`: tells which threads became one. */
  join(id: string, answered: string | undefined): readonly Merged[] {
    if (answered === undefined) return [];
    const [a, b] = [this.keyOf(id), this.keyOf(answered)];
    if (a === b) return [];
    const [sizeA, sizeB] = [this.#sizes.get(a) ?? 1, this.#sizes.get(b) ?? 1];
    const merged = sizeA > sizeB ? { from: b, into: a } : { from: a, into: b };
    this.#parents.set(merged.from, merged.into);
    this.#sizes.set(merged.into, sizeA + sizeB);
    return [merged];
  }
}
