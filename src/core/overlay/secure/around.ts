/** Nodes around a place of the ring, l/2 on each side, as a leaf set has them; of a key, or of ourselves. */
import { equalBytes } from '../../codec/bytes.ts';
import { compareClockwise, placeOf, PLACES, placesUp, type Id, type NodeId } from '../../codec/id.ts';
import { LEAF_SIDE, sortedByDistance, type Placed } from '../leaf-set.ts';

/** Fewer say nothing about density. */
const SIDE_MIN = LEAF_SIDE / 2;

export class Around<T extends Placed> {
  readonly centre: Id;
  /** Each nearest first; in a ring of few nodes the same node is on both. */
  readonly #above: T[] = [];
  readonly #below: T[] = [];

  constructor(centre: Id, nodes: Iterable<T> = []) {
    this.centre = centre;
    for (const node of nodes) this.add(node);
  }

  /** Takes the node if it is one of the nearest of its side and not the centre itself. Its id must be new. */
  add(node: T): void {
    if (equalBytes(node.nodeId, this.centre)) return;
    insert(this.#above, node, (a, b) => compareClockwise(this.centre, a, b));
    insert(this.#below, node, (a, b) => compareClockwise(this.centre, b, a));
  }

  /** Whether a node with this id, which is not a member, would be taken. */
  wouldEnter(nodeId: NodeId): boolean {
    if (this.#above.length < LEAF_SIDE || this.#below.length < LEAF_SIDE) return true;
    return (
      compareClockwise(this.centre, nodeId, this.#above.at(-1)!.nodeId) < 0 ||
      compareClockwise(this.centre, nodeId, this.#below.at(-1)!.nodeId) > 0
    );
  }

  /** Every node once, the closest to the centre first. */
  members(): T[] {
    return sortedByDistance(this.centre, new Set([...this.#below, ...this.#above]));
  }

  /**
   * The mean distance between neighbours here, as a share of the ring; undefined while there are fewer than SIDE_MIN nodes
   * on a side.
   */
  meanSpacing(): number | undefined {
    if (this.#below.length < SIDE_MIN || this.#above.length < SIDE_MIN) return undefined;
    const centre = placeOf(this.centre);
    const [lowest, highest] = [this.#below.at(-1)!, this.#above.at(-1)!];
    const span = placesUp(placeOf(lowest.nodeId), centre) + placesUp(centre, placeOf(highest.nodeId));
    return span / PLACES / (this.#below.length + this.#above.length);
  }
}

function insert<T extends Placed>(side: T[], node: T, order: (a: NodeId, b: NodeId) => number): void {
  let place = side.length;
  while (place > 0 && order(node.nodeId, side[place - 1]!.nodeId) < 0) place--;
  if (place >= LEAF_SIDE) return;
  side.splice(place, 0, node);
  if (side.length > LEAF_SIDE) side.pop();
}
