/** The part of the ring that our own leaf set tells us all about: its members are linked with us, nobody else lives there. */
import { compareBytes } from '../../codec/bytes.ts';
import {
  compareClockwise,
  placeOf,
  PLACES,
  placesUp,
  ringDistance,
  type Key,
  type NodeId,
} from '../../codec/id.ts';
import { LEAF_SET_SIZE, LEAF_SIDE, type Placed } from '../leaf-set.ts';

export class OwnRange {
  readonly #self: NodeId;
  /** The farthest members; undefined when the leaf set is the whole ring. */
  readonly #ends: { readonly lower: NodeId; readonly upper: NodeId } | undefined;

  constructor(self: NodeId, leafSet: readonly Placed[]) {
    this.#self = self;
    if (leafSet.length < LEAF_SET_SIZE) return;
    const upwards = leafSet.map(({ nodeId }) => nodeId).sort((a, b) => compareClockwise(self, a, b));
    this.#ends = { upper: upwards[LEAF_SIDE - 1]!, lower: upwards[LEAF_SIDE]! };
  }

  /** Mean distance between nodes here, as a share of the ring; undefined when the leaf set is the whole ring. */
  get spacing(): number | undefined {
    if (this.#ends === undefined) return undefined;
    const [lower, self, upper] = [this.#ends.lower, this.#self, this.#ends.upper].map(placeOf);
    return (placesUp(lower!, self!) + placesUp(self!, upper!)) / PLACES / LEAF_SET_SIZE;
  }

  /** Whether no node that we do not know can be closer to the key than this one: it would live beyond both ends. */
  reaches(key: Key, farthest: NodeId): boolean {
    if (this.#ends === undefined) return true;
    const { lower, upper } = this.#ends;
    const isInside = compareClockwise(lower, key, upper) <= 0;
    const reach = ringDistance(key, farthest);
    return [lower, upper].every((end) => isInside && compareBytes(reach, ringDistance(key, end)) <= 0);
  }
}
