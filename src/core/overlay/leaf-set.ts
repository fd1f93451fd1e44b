/** The leaf set: the nodes numerically closest to one place, half on each side. Rowstron & Druschel 2001, §2.1. */
import { assert } from '../codec/assert.ts';
import { compareBytes, equalBytes } from '../codec/bytes.ts';
import { clockwise, compareDistance, idText, type Id, type Key, type NodeId } from '../codec/id.ts';

/** Anything that has a place on the ring. */
export interface Placed {
  readonly nodeId: NodeId;
}

/** Pastry's l: entries of a leaf set. */
export const LEAF_SET_SIZE = 16;
/** l/2: entries on each side. */
export const LEAF_SIDE = LEAF_SET_SIZE / 2;

/** `smaller`: walking down from the centre; `larger`: walking up. */
export type Side = 'smaller' | 'larger';

interface Entry<T> {
  readonly node: T;
  /** How far to walk from the centre on this side: 32 bytes. */
  readonly distance: Id;
}

interface Place {
  readonly index: number;
  readonly distance: Id;
  readonly known: boolean;
}

/**
 * Keeps the l nodes numerically closest to `centre`, l/2 on each side (§2.1). The ring wraps around, so in a ring of
 * few nodes the same node is on both sides.
 * Invariant 1: each side has at most l/2 entries. Invariant 2: each side is sorted by distance, nearest first, without
 * repetition. Invariant 3: the centre is not a member.
 */
export class LeafSet<T extends Placed> {
  readonly centre: NodeId;
  readonly perSide: number;
  readonly #sides: Readonly<Record<Side, Entry<T>[]>> = { smaller: [], larger: [] };
  #members: readonly T[] | undefined;

  /** `perSide` ≥ 1. */
  constructor(centre: NodeId, perSide: number = LEAF_SIDE) {
    assert(perSide >= 1, 'a leaf set has at least one entry a side');
    this.centre = centre;
    this.perSide = perSide;
  }

  /** Takes the node if it belongs here, replacing an entry of the same id. Whether the set of ids changed. */
  add(node: T): boolean {
    if (equalBytes(node.nodeId, this.centre)) return false;
    const below = this.#insert('smaller', node);
    const above = this.#insert('larger', node);
    return below || above;
  }

  /** Whether it was there. */
  remove(nodeId: NodeId): boolean {
    const below = this.#drop('smaller', nodeId);
    const above = this.#drop('larger', nodeId);
    return below || above;
  }

  has(nodeId: NodeId): boolean {
    return this.#place('smaller', nodeId).known || this.#place('larger', nodeId).known;
  }

  /** Whether adding this node would change the set of ids. */
  wouldEnter(nodeId: NodeId): boolean {
    if (equalBytes(nodeId, this.centre)) return false;
    return this.#hasRoom(this.#place('smaller', nodeId)) || this.#hasRoom(this.#place('larger', nodeId));
  }

  /** Every member once: the smaller side, nearest first, then what only the larger side has. */
  members(): readonly T[] {
    if (this.#members === undefined) {
      const seen = new Set<string>();
      this.#members = [...this.#sides.smaller, ...this.#sides.larger]
        .filter(({ node }) => !seen.has(idText(node.nodeId)) && seen.add(idText(node.nodeId)))
        .map(({ node }) => node);
    }
    return this.#members;
  }

  /** One side, nearest first. */
  side(side: Side): readonly T[] {
    return this.#sides[side].map(({ node }) => node);
  }

  /**
   * Whether the key lies in the range of the leaf set, so that its root is a member or the centre (§2.2, line 1).
   * A side that is not full means that we know of no node beyond it: then the range is the whole ring.
   */
  covers(key: Key): boolean {
    const { smaller, larger } = this.#sides;
    if (smaller.length < this.perSide || larger.length < this.perSide) return true;
    return (
      compareBytes(clockwise(this.centre, key), larger.at(-1)!.distance) <= 0 ||
      compareBytes(clockwise(key, this.centre), smaller.at(-1)!.distance) <= 0
    );
  }

  /** The side on which a node at this id would be nearer. */
  sideOf(nodeId: NodeId): Side {
    const up = clockwise(this.centre, nodeId);
    const down = clockwise(nodeId, this.centre);
    return compareBytes(up, down) < 0 ? 'larger' : 'smaller';
  }

  /** Where a node is, or would be: distances differ when ids do. */
  #place(side: Side, nodeId: NodeId): Place {
    const entries = this.#sides[side];
    const distance = side === 'larger' ? clockwise(this.centre, nodeId) : clockwise(nodeId, this.centre);
    let [low, high] = [0, entries.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const order = compareBytes(entries[middle]!.distance, distance);
      if (order === 0) return { index: middle, distance, known: true };
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return { index: low, distance, known: false };
  }

  #hasRoom({ index, known }: Place): boolean {
    return !known && index < this.perSide;
  }

  #insert(side: Side, node: T): boolean {
    const entries = this.#sides[side];
    const place = this.#place(side, node.nodeId);
    const { index, distance } = place;
    if (!place.known && !this.#hasRoom(place)) return false;
    this.#members = undefined;
    entries.splice(index, place.known ? 1 : 0, { node, distance });
    if (entries.length > this.perSide) entries.pop();
    this.#checkInvariants(entries, index);
    return !place.known;
  }

  #drop(side: Side, nodeId: NodeId): boolean {
    const { index, known } = this.#place(side, nodeId);
    if (!known) return false;
    this.#sides[side].splice(index, 1);
    this.#members = undefined;
    return true;
  }

  #checkInvariants(entries: readonly Entry<T>[], place: number): void {
    assert(entries.length <= this.perSide, 'a side of the leaf set holds at most l/2 nodes');
    for (const i of [place, place + 1]) {
      if (i === 0 || i >= entries.length) continue;
      const ordered = compareBytes(entries[i - 1]!.distance, entries[i]!.distance) < 0;
      assert(ordered, 'a side of the leaf set is sorted by distance');
    }
  }
}

/** The one of `nodes` closest to the key; undefined when there are none. */
export function closestTo<T extends Placed>(key: Key, nodes: Iterable<T>): T | undefined {
  let best: T | undefined;
  for (const node of nodes)
    if (best === undefined || compareDistance(key, node.nodeId, best.nodeId) < 0) best = node;
  return best;
}

/** Closest to the key first. */
export function sortedByDistance<T extends Placed>(key: Key, nodes: Iterable<T>): T[] {
  return [...nodes].sort((a, b) => compareDistance(key, a.nodeId, b.nodeId));
}
