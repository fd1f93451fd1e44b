/** Who is whose neighbour on the ring just now: the leaf sets as they ought to be (Rowstron & Druschel 2001, §2.2). */
import { LEAF_SIDE } from '../../core/overlay/leaf-set.ts';
import type { RingState } from './ring-state.ts';
import type { Trace } from './trace.ts';

/** The nodes by id, smallest first. */
export function inIdOrder(trace: Trace): readonly number[] {
  return trace.nodes
    .map((_, node) => node)
    .sort((a, b) => (trace.nodes[a]! < trace.nodes[b]! ? -1 : trace.nodes[a]! > trace.nodes[b]! ? 1 : 0));
}

/** For each node that is ready or joining: the nodes that belong into its leaf set, of those it could reach. */
export class Neighbourhoods {
  readonly #rings = new Map<number, number[]>();
  readonly #placeOf = new Map<number, number>();
  readonly #state: RingState;

  /** `order`: see `inIdOrder`. */
  constructor(state: RingState, order: readonly number[]) {
    this.#state = state;
    for (const node of order) {
      if (!state.isLive(node)) continue;
      const group = state.groupOf(node);
      let ring = this.#rings.get(group);
      if (!ring) this.#rings.set(group, (ring = []));
      this.#placeOf.set(node, ring.push(node) - 1);
    }
  }

  /** The nearest on both sides, half a leaf set each, from the farthest smaller to the farthest larger. */
  leafSetOf(node: number): readonly number[] {
    const place = this.#placeOf.get(node);
    if (place === undefined) return [];
    const ring = this.#rings.get(this.#state.groupOf(node))!;
    const others = ring.length - 1;
    const before = Math.min(LEAF_SIDE, Math.floor(others / 2));
    const after = Math.min(LEAF_SIDE, others - before);
    return Array.from({ length: before + after }, (_, i) => {
      const step = i < before ? i - before : i - before + 1;
      return ring[(place + step + ring.length) % ring.length]!;
    });
  }

  /** Whether the node is ready and linked to all who belong into its leaf set. */
  isWhole(node: number): boolean {
    return (
      this.#state.statusOf(node) === 'ready' &&
      this.leafSetOf(node).every((other) => this.#state.linked(node, other))
    );
  }

  /** How many live nodes there are, and how many of them are whole. */
  wholeness(): { readonly live: number; readonly whole: number } {
    let whole = 0;
    for (const node of this.#placeOf.keys()) if (this.isWhole(node)) whole++;
    return { live: this.#placeOf.size, whole };
  }
}
