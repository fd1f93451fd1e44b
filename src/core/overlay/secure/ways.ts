/** Ways past liars: how nodes were reached by look-ups that met some, for requests to these nodes that follow. */
import type { Clock } from '../../codec/clock.ts';
import { idText, type NodeId } from '../../codec/id.ts';
import type { Journey } from './journeys.ts';
import type { LiveNode } from './neighbourhood.ts';

/** Nodes with ways that are remembered, and how long. */
const WAYS_MAX = 256;
const WAYS_MS = 60_000;

interface Known {
  readonly journeys: readonly Journey[];
  readonly until: number;
}

export class Ways {
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  remember({ nodeId, journeys }: LiveNode): void {
    const name = idText(nodeId);
    this.#known.delete(name);
    if (this.#known.size >= WAYS_MAX) this.#known.delete(this.#known.keys().next().value!);
    this.#known.set(name, { journeys, until: this.#clock.now() + WAYS_MS });
  }

  /** The ordinary way will do. */
  forget({ nodeId }: LiveNode): void {
    this.#known.delete(idText(nodeId));
  }

  to(nodeId: NodeId): readonly Journey[] {
    const known = this.#known.get(idText(nodeId));
    return known && known.until > this.#clock.now() ? known.journeys : [];
  }
}
