/** Who lives around a key: those who have said so themselves. */
import { compareDistance, idText, type Key, type NodeId } from '../../codec/id.ts';
import type { Placed } from '../leaf-set.ts';
import type { Journey } from './journeys.ts';

/** A node's own word, signature and certificate checked. */
export interface Statement {
  readonly nodeId: NodeId;
  /** Members of its leaf set near the key. */
  readonly nearest: readonly NodeId[];
}

/** A live node and the journeys that reach it. */
export interface LiveNode extends Placed {
  readonly journeys: readonly Journey[];
}

/**
 * Live nodes closest to a key that a look-up wants to know. A leaf set has 8 on each side of its owner: of 12 closest to a key,
 * the root mostly has all.
 */
export const NEIGHBOURS = 12;
/** Journeys remembered for a node. */
const JOURNEYS_MAX = 3;

interface Live extends Placed {
  readonly journeys: Journey[];
}

export class Neighbourhood {
  readonly key: Key;
  readonly #live = new Map<string, Live>();
  /** The closest of them, at most NEIGHBOURS, the closest first. */
  readonly #closest: Live[] = [];

  constructor(key: Key) {
    this.key = key;
  }

  /** Live nodes closest to the key, the closest first. */
  get closest(): readonly LiveNode[] {
    return this.#closest;
  }

  get isFull(): boolean {
    return this.#closest.length === NEIGHBOURS;
  }

  /** A node that has spoken is live. */
  add(nodeId: NodeId, journey: Journey): void {
    const name = idText(nodeId);
    let live = this.#live.get(name);
    if (live === undefined) {
      live = { nodeId, journeys: [] };
      this.#live.set(name, live);
      this.#closest.splice(this.rankOf(nodeId), 0, live);
      if (this.#closest.length > NEIGHBOURS) this.#closest.pop();
    }
    if (live.journeys.length < JOURNEYS_MAX) live.journeys.push(journey);
  }

  /** Whether a node of which we have only heard would be one of the closest. */
  isMissing(nodeId: NodeId): boolean {
    const last = this.#closest.at(-1);
    if (this.isFull && compareDistance(this.key, nodeId, last!.nodeId) >= 0) return false;
    return !this.#live.has(idText(nodeId));
  }

  /** How many of the closest are closer to the key than this one. */
  rankOf(nodeId: NodeId): number {
    let rank = this.#closest.length;
    while (rank > 0 && compareDistance(this.key, nodeId, this.#closest[rank - 1]!.nodeId) < 0) rank--;
    return rank;
  }
}
