/**
 * Which links to keep when there are more than the budget, in one order: the leaf set, always-on nodes, links that a layer above
 * protects and those with a request under way are never closed; of the others go first those that no table needs, then those
 * that only the constrained table needs, then entries of the routing table, and last whatever was used a moment ago: somebody
 * opened it because he needs it. Of equals the longest silent.
 */
import type { NodeId } from '../codec/id.ts';
import type { MachineState } from './machine-state.ts';
import { CONSTRAINED, LEAF, PROTECTED, REMEMBERED, ROUTE, type PeerIndex } from './peer-table.ts';
import { NO_ENTRIES, withEntry, withoutEntry } from './sparse-map.ts';

/** A link that was used so recently is in use. */
const USED_MS = 5_000;
/** Links that the layers above may protect. */
export const PROTECTED_MAX = 16;

export class Budget {
  readonly #state: MachineState;
  readonly #isBusy: (p: PeerIndex) => boolean;
  readonly #close: (p: PeerIndex, now: number) => void;
  /** How often each protected peer is protected. */
  #protections: ReadonlyMap<PeerIndex, number> = NO_ENTRIES;

  constructor(
    state: MachineState,
    isBusy: (p: PeerIndex) => boolean,
    close: (p: PeerIndex, now: number) => void,
  ) {
    this.#state = state;
    this.#isBusy = isBusy;
    this.#close = close;
  }

  /** Closes what is over the budget. */
  trim(now: number): void {
    const { peers, linksMax } = this.#state;
    while (peers.linked.length > linksMax) {
      let least: PeerIndex | undefined;
      for (const p of peers.linked) {
        if (peers.is(p, LEAF | REMEMBERED | PROTECTED) || this.#isBusy(p)) continue;
        if (least === undefined || this.#isWorthLess(p, least, now)) least = p;
      }
      if (least === undefined) return;
      this.#close(least, now);
    }
  }

  #isWorthLess(a: PeerIndex, b: PeerIndex, now: number): boolean {
    const { peers } = this.#state;
    return (this.#worth(a, now) - this.#worth(b, now) || peers.heardAt(a) - peers.heardAt(b)) < 0;
  }

  /** Counted: a link is free again when all who protected it have let go. */
  protect(nodeId: NodeId, on: boolean): void {
    const { peers } = this.#state;
    const p = peers.find(nodeId);
    if (p === undefined) return;
    const count = (this.#protections.get(p) ?? 0) + (on ? 1 : -1);
    if (count > 1 || (count === 1 && (!on || this.#protections.size < PROTECTED_MAX)))
      this.#protections = withEntry(this.#protections, p, count);
    if (count <= 0) this.#protections = withoutEntry(this.#protections, p);
    peers.mark(p, PROTECTED, this.#protections.has(p));
  }

  #worth(p: PeerIndex, now: number): number {
    const { peers } = this.#state;
    if (peers.heardAt(p) + USED_MS > now) return 3;
    if (peers.is(p, ROUTE)) return 2;
    return peers.is(p, CONSTRAINED) ? 1 : 0;
  }
}
