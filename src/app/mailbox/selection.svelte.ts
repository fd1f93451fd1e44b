/** Which threads of the list are selected: for one act on many. */
import { SvelteSet } from 'svelte/reactivity';
import type { ThreadRow } from '../state/mail-index.ts';

export class Selection {
  readonly #rows: () => readonly ThreadRow[];
  readonly #ids = new SvelteSet<string>();
  /** Where a range begins. */
  #anchor: string | undefined;
  /** Those that are still listed. */
  readonly chosen = $derived.by(() =>
    this.#ids.size === 0 ? [] : this.#rows().filter(({ id }) => this.#ids.has(id)),
  );

  /** `rows`: of the list, as a rune. */
  constructor(rows: () => readonly ThreadRow[]) {
    this.#rows = rows;
  }

  get size(): number {
    return this.chosen.length;
  }

  get isAll(): boolean {
    return this.size > 0 && this.size === this.#rows().length;
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  toggle(id: string): void {
    if (!this.#ids.delete(id)) this.#ids.add(id);
    this.#anchor = id;
  }

  /** All between the one that was toggled last and this one. */
  extendTo(id: string): void {
    const rows = this.#rows();
    const from = rows.findIndex((row) => row.id === this.#anchor);
    const to = rows.findIndex((row) => row.id === id);
    if (from < 0 || to < 0) return this.toggle(id);
    for (const row of rows.slice(Math.min(from, to), Math.max(from, to) + 1)) this.#ids.add(row.id);
  }

  selectAll(): void {
    for (const { id } of this.#rows()) this.#ids.add(id);
  }

  clear(): void {
    this.#ids.clear();
    this.#anchor = undefined;
  }
}
