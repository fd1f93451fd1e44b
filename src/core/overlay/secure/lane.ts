/** One way out, and the nodes that were named on it but have not spoken: each lane finds out for itself who of them lives. */
import { compareDistance, idText, type Key, type NodeId } from '../../codec/id.ts';
import { onTo, type Journey } from './lanes.ts';
import type { Neighbourhood, Statement } from './neighbourhood.ts';

/** Times that one lane is used again for nodes that were named on it. */
export const PURSUITS_A_LANE = 4;

interface Named {
  readonly nodeId: NodeId;
  /** Who named it, by how to reach it; tried one after the other. */
  readonly journeys: Journey[];
  namers: number;
}

export class Lane {
  readonly journey: Journey;
  /** Used again just now. */
  isBusy = false;
  #heardNeighbours: boolean;
  #pursuits = 0;
  readonly #named = new Map<string, Named>();

  /** `withNeighbours`: what its first question asks for. */
  constructor(journey: Journey, withNeighbours: boolean) {
    this.journey = journey;
    this.#heardNeighbours = withNeighbours;
  }

  get pursuits(): number {
    return this.#pursuits;
  }

  /** Takes an answer: the node asked and, after its own, its neighbours' statements. */
  hear([own, ...others]: readonly Statement[], journey: Journey, found: Neighbourhood): void {
    if (own === undefined) return;
    found.add(own.nodeId, journey);
    this.#name(own, journey, found);
    for (const statement of others) {
      const onwards = onTo(journey, statement.nodeId);
      if (onwards === undefined) continue;
      found.add(statement.nodeId, onwards);
      this.#name(statement, onwards, found);
    }
  }

  /**
   * The next question of this lane, if any: first to the same node with its neighbours, then to nodes that were named, those
   * that most have named first: of liars among honest neighbours there are few.
   */
  pursue(key: Key, found: Neighbourhood): Journey | undefined {
    if (this.isBusy || this.#pursuits >= PURSUITS_A_LANE) return undefined;
    const next = this.#nextMissing(key, found);
    if (next === undefined) return undefined;
    this.#pursuits += 1;
    this.isBusy = true;
    if (this.#heardNeighbours) return next.journeys.shift();
    this.#heardNeighbours = true;
    return this.journey;
  }

  #name({ nearest }: Statement, namer: Journey, found: Neighbourhood): void {
    for (const nodeId of nearest) {
      if (!found.isMissing(nodeId)) continue;
      const journey = onTo(namer, nodeId);
      if (journey === undefined) continue;
      const name = idText(nodeId);
      const named = this.#named.get(name) ?? { nodeId, journeys: [], namers: 0 };
      this.#named.set(name, named);
      named.namers += 1;
      named.journeys.push(journey);
    }
  }

  #nextMissing(key: Key, found: Neighbourhood): Named | undefined {
    let best: Named | undefined;
    for (const [name, named] of this.#named) {
      if (!found.isMissing(named.nodeId) || named.journeys.length === 0) this.#named.delete(name);
      else if (best === undefined || isBetter(key, named, best)) best = named;
    }
    return best;
  }
}

function isBetter(key: Key, a: Named, b: Named): boolean {
  if (a.namers !== b.namers) return a.namers > b.namers;
  return compareDistance(key, a.nodeId, b.nodeId) < 0;
}
