/** The routing table: one node for each prefix of our own id and each next digit. Rowstron & Druschel 2001, §2.1. */
import { assert } from '../codec/assert.ts';
import { equalBytes } from '../codec/bytes.ts';
import { DIGIT_BITS, digitOf, ID_DIGITS, sharedDigits, type Key, type NodeId } from '../codec/id.ts';
import type { Placed } from './leaf-set.ts';

/** Columns of a row: 2^b. */
export const COLUMNS = 2 ** DIGIT_BITS;

interface Slot<T> {
  readonly node: T;
  /** Milliseconds; Infinity before it was measured. */
  readonly rttMs: number;
}

/**
 * Row n holds nodes that share the first n digits with `self` and differ in the next one, which is the column. Of several
 * that fit a slot the one nearest in the network (RTT as the proximity metric, §2.5) is kept. Rows are made on demand: a ring of N
 * nodes fills about log16(N) of them.
 * Invariant: an entry sits in the row and column of its own id; so there are at most 64 × 15 entries.
 */
export class RoutingTable<T extends Placed> {
  readonly self: NodeId;
  readonly #rows: ((Slot<T> | undefined)[] | undefined)[] = [];
  #size = 0;

  constructor(self: NodeId) {
    this.self = self;
  }

  get size(): number {
    return this.#size;
  }

  /** Takes the node if its slot is empty, its own, or held by one farther away in the network. Whether it is in now. */
  add(node: T, rttMs: number = Infinity): boolean {
    const row = sharedDigits(this.self, node.nodeId);
    if (row === ID_DIGITS) return false;
    const column = digitOf(node.nodeId, row);
    assert(column !== digitOf(this.self, row), 'an entry differs from us in the digit of its row');
    const slots = (this.#rows[row] ??= new Array<Slot<T> | undefined>(COLUMNS).fill(undefined));
    const held = slots[column];
    if (held === undefined) this.#size++;
    else if (!equalBytes(held.node.nodeId, node.nodeId) && held.rttMs <= rttMs) return false;
    slots[column] = { node, rttMs };
    return true;
  }

  /** Whether it was there. */
  remove(nodeId: NodeId): boolean {
    const row = sharedDigits(this.self, nodeId);
    const slots = this.#rows[row];
    const column = row === ID_DIGITS ? 0 : digitOf(nodeId, row);
    const held = slots?.[column];
    if (slots === undefined || held === undefined || !equalBytes(held.node.nodeId, nodeId)) return false;
    slots[column] = undefined;
    this.#size--;
    return true;
  }

  has(nodeId: NodeId): boolean {
    const held = this.next(nodeId);
    return held !== undefined && equalBytes(held.nodeId, nodeId);
  }

  /** Whether the slot for a node with this id is empty. */
  lacks(nodeId: NodeId): boolean {
    return !equalBytes(nodeId, this.self) && this.next(nodeId) === undefined;
  }

  /** The entry that shares at least one digit more with the key than we do (§2.2, line 7). */
  next(key: Key): T | undefined {
    const row = sharedDigits(this.self, key);
    return row === ID_DIGITS ? undefined : this.#rows[row]?.[digitOf(key, row)]?.node;
  }

  /** Entries of row n: they share the first n digits with us. */
  row(n: number): readonly T[] {
    return (this.#rows[n] ?? []).flatMap((slot) => (slot === undefined ? [] : [slot.node]));
  }

  /** Rows that were ever used: 0 to 64. */
  get rowCount(): number {
    return this.#rows.length;
  }

  /** All entries, those with the shortest common prefix first. */
  *entries(): Generator<T> {
    for (const slots of this.#rows) for (const slot of slots ?? []) if (slot !== undefined) yield slot.node;
  }
}
