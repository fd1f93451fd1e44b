/** The leaf set: the nodes numerically closest to one place, half on each side. Rowstron & Druschel 2001, §2.1. */
import { assert } from '../codec/assert.ts';
import { equalBytes } from '../codec/bytes.ts';
import {
  compareClockwise,
  compareDistance,
  comparePlacesUp,
  placeOf,
  type Key,
  type NodeId,
} from '../codec/id.ts';
import { LEAF, type PeerIndex, type PeerTable } from './peer-table.ts';

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
const SIDES: readonly Side[] = ['smaller', 'larger'];

/**
 * Keeps the l nodes numerically closest to `centre`, l/2 on each side (§2.1). The ring wraps around, so in a ring of
 * few nodes the same node is on both sides.
 * Invariant 1: each side has at most l/2 entries. Invariant 2: each side is sorted by distance, nearest first, without
 * repetition. Invariant 3: the centre is not a member.
 */
export class LeafSet {
  readonly centre: NodeId;
  readonly perSide: number;
  readonly #place: number;
  readonly #peers: PeerTable;
  readonly #smaller: PeerIndex[] = [];
  readonly #larger: PeerIndex[] = [];
  #members: readonly PeerIndex[] = [];

  /** `perSide` ≥ 1. */
  constructor(peers: PeerTable, centre: NodeId, perSide: number = LEAF_SIDE) {
    assert(perSide >= 1, 'a leaf set has at least one entry a side');
    this.#peers = peers;
    this.centre = centre;
    this.#place = placeOf(centre);
    this.perSide = perSide;
  }

  /** Takes the node if it belongs here. Whether the set changed. */
  add(p: PeerIndex): boolean {
    if (this.#isCentre(this.#peers.nodeId(p), this.#peers.place(p))) return false;
    const below = this.#insert('smaller', p);
    const above = this.#insert('larger', p);
    if (below || above) this.#gather();
    return below || above;
  }

  /** Whether it was there. */
  remove(p: PeerIndex): boolean {
    const below = drop(this.#smaller, p);
    const above = drop(this.#larger, p);
    if (below || above) this.#gather();
    return below || above;
  }

  has(p: PeerIndex): boolean {
    return this.#peers.is(p, LEAF);
  }

  /** Whether adding a node with this id, which is not a member, would change the set. */
  wouldEnter(nodeId: NodeId): boolean {
    return this.#wouldEnter(nodeId, placeOf(nodeId));
  }

  /** Whether this peer is a member, or would be if it were added. */
  belongs(p: PeerIndex): boolean {
    return this.has(p) || this.#wouldEnter(this.#peers.nodeId(p), this.#peers.place(p));
  }

  /** Every member once: the smaller side, nearest first, then what only the larger side has. A new list after each change. */
  members(): readonly PeerIndex[] {
    return this.#members;
  }

  /** One side, nearest first. */
  side(side: Side): readonly PeerIndex[] {
    return side === 'smaller' ? this.#smaller : this.#larger;
  }

  /** Whether it is the nearest member of one side. */
  isAdjacent(p: PeerIndex): boolean {
    return this.#smaller[0] === p || this.#larger[0] === p;
  }

  /** Whether a node with this id, which is not a member, would be the nearest of one side. */
  wouldBeAdjacent(nodeId: NodeId): boolean {
    return SIDES.some((side) => {
      const nearest = this.side(side)[0];
      return nearest === undefined || this.#order(side, nodeId, placeOf(nodeId), nearest) < 0;
    });
  }

  /**
   * Whether the key lies in the range of the leaf set, so that its root is a member or the centre (§2.2, line 1).
   * A side that is not full means that we know of no node beyond it: then the range is the whole ring.
   */
  covers(key: Key): boolean {
    const [lowest, highest] = [this.#smaller[this.perSide - 1], this.#larger[this.perSide - 1]];
    if (lowest === undefined || highest === undefined) return true;
    const place = placeOf(key);
    if (this.#order('larger', key, place, highest) <= 0) return true;
    const up = comparePlacesUp(this.#peers.place(lowest), place, this.#place);
    return (up || compareClockwise(this.#peers.nodeId(lowest), key, this.centre)) <= 0;
  }

  /** The side on which a node at this id would be nearer. */
  sideOf(nodeId: NodeId): Side {
    return halfway(this.centre, nodeId) ? 'larger' : 'smaller';
  }

  /** Negative when the node of this id and place is nearer than `p` on this side. */
  #order(side: Side, nodeId: NodeId, place: number, p: PeerIndex): number {
    const roughly = comparePlacesUp(this.#place, place, this.#peers.place(p));
    const order = roughly || compareClockwise(this.centre, nodeId, this.#peers.nodeId(p));
    return side === 'larger' ? order : -order;
  }

  #isCentre(nodeId: NodeId, place: number): boolean {
    return place === this.#place && equalBytes(nodeId, this.centre);
  }

  #wouldEnter(nodeId: NodeId, place: number): boolean {
    if (this.#isCentre(nodeId, place)) return false;
    return this.#hasRoom('smaller', nodeId, place) || this.#hasRoom('larger', nodeId, place);
  }

  #hasRoom(side: Side, nodeId: NodeId, place: number): boolean {
    const entries = this.side(side);
    if (entries.length < this.perSide) return true;
    return this.#order(side, nodeId, place, entries[entries.length - 1]!) < 0;
  }

  #insert(side: Side, p: PeerIndex): boolean {
    const entries = side === 'smaller' ? this.#smaller : this.#larger;
    const [nodeId, place] = [this.#peers.nodeId(p), this.#peers.place(p)];
    if (entries.includes(p) || !this.#hasRoom(side, nodeId, place)) return false;
    let at = entries.length;
    while (at > 0 && this.#order(side, nodeId, place, entries[at - 1]!) < 0) at--;
    entries.splice(at, 0, p);
    if (entries.length > this.perSide) entries.pop();
    this.#checkInvariants(side, at);
    return true;
  }

  #gather(): void {
    for (const p of this.#members) this.#peers.mark(p, LEAF, false);
    const larger = this.#larger.filter((p) => !this.#smaller.includes(p));
    this.#members = [...this.#smaller, ...larger];
    for (const p of this.#members) this.#peers.mark(p, LEAF, true);
  }

  #checkInvariants(side: Side, at: number): void {
    const entries = this.side(side);
    assert(entries.length <= this.perSide, 'a side of the leaf set holds at most l/2 nodes');
    for (const i of [at, at + 1]) {
      if (i === 0 || i >= entries.length) continue;
      const before = entries[i - 1]!;
      const order = this.#order(side, this.#peers.nodeId(before), this.#peers.place(before), entries[i]!);
      assert(order < 0, 'a side of the leaf set is sorted by distance');
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

function drop(entries: PeerIndex[], p: PeerIndex): boolean {
  const at = entries.indexOf(p);
  if (at >= 0) entries.splice(at, 1);
  return at >= 0;
}

/** Whether walking up from one id to the other is the shorter way. */
function halfway(from: NodeId, to: NodeId): boolean {
  const opposite = from.slice() as NodeId;
  opposite[0] = opposite[0]! ^ 128;
  return compareClockwise(from, to, opposite) < 0;
}
