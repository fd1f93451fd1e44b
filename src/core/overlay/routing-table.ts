/** The routing tables: one node for each prefix of our own id and each next digit. Rowstron & Druschel 2001, §2.1. */
import { assert } from '../codec/assert.ts';
import {
  compareDistance,
  DIGIT_BITS,
  digitOf,
  ID_DIGITS,
  sharedDigits,
  type Id,
  type Key,
  type NodeId,
} from '../codec/id.ts';
import { LINKED, type PeerIndex, type PeerTable } from './peer-table.ts';

/** Columns of a row: 2^b. */
export const COLUMNS = 2 ** DIGIT_BITS;

/** Whether `candidate` should take the slot that `held` has. */
export type Preference = (candidate: PeerIndex, held: PeerIndex, row: number) => boolean;

/**
 * Row n holds nodes that share the first n digits with `self` and differ in the next one, which is the column. Of several
 * that fit a slot the preferred one is kept. Rows are made on demand: a ring of N nodes fills about log16(N) of them.
 * Invariant: an entry sits in the row and column of its own id; so there are at most 64 × 15 entries.
 */
export class RoutingTable {
  readonly self: NodeId;
  readonly #peers: PeerTable;
  readonly #prefers: Preference;
  readonly #flag: number;
  /** Peer + 1, or 0; COLUMNS a row. */
  #slots = new Int16Array(2 * COLUMNS);
  #size = 0;

  /** `flag`: what peers that are in the table are marked with. */
  constructor(peers: PeerTable, self: NodeId, flag: number, prefers: Preference) {
    this.#peers = peers;
    this.self = self;
    this.#flag = flag;
    this.#prefers = prefers;
  }

  get size(): number {
    return this.#size;
  }

  /** Takes the node if its slot is empty or it is preferred to who has it. Whether it is in now. */
  add(p: PeerIndex): boolean {
    if (this.has(p)) return true;
    const slot = this.#slotOf(this.#peers.nodeId(p));
    if (slot < 0) return false;
    if (slot >= this.#slots.length) this.#grow(slot);
    const held = this.#slots[slot]! - 1;
    if (held >= 0) {
      if (!this.#prefers(p, held, Math.floor(slot / COLUMNS))) return false;
      this.remove(held);
      this.#peers.tidy(held);
    }
    this.#slots[slot] = p + 1;
    this.#peers.mark(p, this.#flag, true);
    this.#size++;
    return true;
  }

  /** Whether it was there. */
  remove(p: PeerIndex): boolean {
    if (!this.has(p)) return false;
    const slot = this.#slotOf(this.#peers.nodeId(p));
    assert(this.#slots[slot] === p + 1, 'an entry sits in the slot of its id');
    this.#slots[slot] = 0;
    this.#peers.mark(p, this.#flag, false);
    this.#size--;
    return true;
  }

  has(p: PeerIndex): boolean {
    return this.#peers.is(p, this.#flag);
  }

  /** The entry in the slot of this id: it shares at least one digit more with it than we do (§2.2, line 7). */
  next(key: Key): PeerIndex | undefined {
    const slot = this.#slotOf(key);
    const held = slot < 0 || slot >= this.#slots.length ? 0 : this.#slots[slot]!;
    return held === 0 ? undefined : held - 1;
  }

  /** Entries of row n: they share the first n digits with us. */
  row(n: number): readonly PeerIndex[] {
    const found: PeerIndex[] = [];
    for (let slot = n * COLUMNS; slot < Math.min(this.#slots.length, (n + 1) * COLUMNS); slot++)
      if (this.#slots[slot] !== 0) found.push(this.#slots[slot]! - 1);
    return found;
  }

  /** Rows that may have entries: 0 to 64. */
  get rowCount(): number {
    return this.#slots.length / COLUMNS;
  }

  /** All entries, those with the shortest common prefix first. */
  *entries(): Generator<PeerIndex> {
    for (let slot = 0; slot < this.#slots.length; slot++)
      if (this.#slots[slot] !== 0) yield this.#slots[slot]! - 1;
  }

  /** −1 for our own id. */
  #slotOf(id: Id): number {
    const row = sharedDigits(this.self, id);
    return row === ID_DIGITS ? -1 : row * COLUMNS + digitOf(id, row);
  }

  #grow(slot: number): void {
    const wider = new Int16Array((Math.floor(slot / COLUMNS) + 1) * COLUMNS);
    wider.set(this.#slots);
    this.#slots = wider;
  }
}

/**
 * Proximity as in §2.5, with round-trip time as the metric. Who is linked is preferred to who is not: a hop over an open link
 * costs far less than a dial. A held entry stays unless the other is nearer by a clear margin.
 */
export function nearestInNetwork(peers: PeerTable): Preference {
  return (candidate, held) => {
    const [linked, heldLinked] = [peers.is(candidate, LINKED), peers.is(held, LINKED)];
    if (linked !== heldLinked) return linked;
    return peers.rttMs(candidate) < 0.8 * peers.rttMs(held);
  };
}

/**
 * The constrained routing table: in each slot the node closest to the point that has our own id but for the digit of its row.
 * So nobody but chance decides who is in it. Castro et al. 2002, §4.1.
 */
export function closestToPoint(peers: PeerTable, self: NodeId): Preference {
  return (candidate, held, row) => {
    const point = pointOf(self, row, digitOf(peers.nodeId(held), row));
    return compareDistance(point, peers.nodeId(candidate), peers.nodeId(held)) < 0;
  };
}

function pointOf(self: NodeId, row: number, digit: number): Id {
  const point = self.slice() as Id;
  const byte = point[row >> 1]!;
  point[row >> 1] = row % 2 === 0 ? (digit << 4) | (byte & 15) : (byte & 0xf0) | digit;
  return point;
}
