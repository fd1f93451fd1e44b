/** Who lives around a key: those who have said so themselves. */
import { equalBytes } from '../../codec/bytes.ts';
import { idText, type Key, type NodeId } from '../../codec/id.ts';
import type { Placed } from '../leaf-set.ts';
import { Around } from './around.ts';
import type { Journey } from './lanes.ts';

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

/** Journeys remembered for a node. */
export const JOURNEYS_MAX = 3;

interface Live extends Placed {
  readonly journeys: Journey[];
}

export class Neighbourhood {
  readonly #live = new Map<string, Live>();
  /** The live nodes around the key, l/2 on each side. */
  readonly around: Around<Live>;
  #atKey: Live | undefined;

  constructor(key: Key) {
    this.around = new Around(key);
  }

  /** A node that has spoken is live. */
  add(nodeId: NodeId, journey: Journey): void {
    const name = idText(nodeId);
    let live = this.#live.get(name);
    if (live === undefined) {
      live = { nodeId, journeys: [] };
      this.#live.set(name, live);
      if (equalBytes(nodeId, this.around.centre)) this.#atKey = live;
      else this.around.add(live);
    }
    if (live.journeys.length < JOURNEYS_MAX) live.journeys.push(journey);
  }

  /** Whether a node of which we have only heard would be one of those around the key. */
  isMissing(nodeId: NodeId): boolean {
    return this.around.wouldEnter(nodeId) && !this.#live.has(idText(nodeId));
  }

  /** Live nodes around the key, the closest first. */
  nearest(): readonly LiveNode[] {
    const members = this.around.members();
    return this.#atKey ? [this.#atKey, ...members] : members;
  }
}
