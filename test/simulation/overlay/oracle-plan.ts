/**
 * Whom each node of a big ring is linked with: what machines come to by themselves, planned at once. Leaf sets (Rowstron &
 * Druschel 2001, §2.1), a home relay, and for the routing table those nodes of a slot that are closest to the slot's point
 * (Castro et al. 2002, §4.1), since that is mutual for most pairs: one link serves both ends.
 */
import { digitOf, ID_DIGITS, sharedDigits, type Id, type NodeId } from '../../../src/core/codec/id.ts';
import { LINKS_MAX } from '../../../src/core/codec/limits.ts';
import { LEAF_SIDE } from '../../../src/core/overlay/leaf-set.ts';
import type { Contact } from '../../../src/core/overlay/contact.ts';
import { bootstrapOf, type Ring } from './ring.ts';
import { SortedRing } from './truth.ts';
import type { World } from './world.ts';

const COLUMNS = 16;
/** Links that a node makes for speed stop before the budget, so that others find room with it. */
const LINKS_OWN_MAX = LINKS_MAX - 6;
const RELAY_LINKS_MAX = 1_024;
const NOBODY = -1;

export class OraclePlan {
  readonly ring: SortedRing;
  /** Rows that a routing table of this ring has: in deeper ones hardly a slot is filled. */
  readonly rows: number;
  readonly #world: World;

  constructor(world: World, { relays, tabs }: Ring) {
    this.#world = world;
    this.ring = new SortedRing(world.directory);
    for (const { index } of [...relays, ...tabs]) this.ring.add(index);
    this.rows = rowsOf(this.ring.size);
    for (const { index } of [...relays, ...tabs])
      for (const other of this.leafSet(index)) this.#link(index, other);
    for (const node of [...relays, ...tabs])
      for (const contact of bootstrapOf(node, relays)) this.#link(node.index, this.#indexOf(contact));
    this.#linkRows([...tabs.map(({ index }) => index)]);
  }

  leafSet(node: number): readonly number[] {
    return this.ring.neighbours(node, LEAF_SIDE);
  }

  /** The entry of a routing-table slot that is closest to its point; −1: the slot has none. */
  entry(node: number, row: number, column: number): number {
    const id = this.#world.directory.id(node);
    if (digitOf(id, row) === column) return NOBODY;
    const point = withDigit(id, row, column);
    const place = this.ring.placeIn(point);
    const [below, above] = [this.ring.at(place - 1), this.ring.at(place)];
    const fits = (other: number): boolean => sharedDigits(point, this.#world.directory.id(other)) > row;
    if (!fits(below)) return fits(above) ? above : NOBODY;
    if (!fits(above)) return below;
    return this.#world.directory.compareCloseness(point, below, above) < 0 ? below : above;
  }

  /** Entries of one row. */
  row(node: number, row: number): readonly number[] {
    if (row >= this.rows) return [];
    const entries = Array.from({ length: COLUMNS }, (_, column) => this.entry(node, row, column));
    return entries.filter((entry) => entry !== NOBODY);
  }

  /** Contacts that a join brings: the leaf set, then the table, the longest common prefix first. */
  known(node: number, max: number): readonly number[] {
    const known = new Set(this.leafSet(node));
    for (let row = this.rows - 1; row >= 0; row--)
      for (const entry of this.row(node, row)) if (known.size < max) known.add(entry);
    return [...known];
  }

  /** Whether the node takes another link. */
  hasRoom(node: number): boolean {
    const { links, population } = this.#world;
    return links.count(node) < (population.relay[node] === 1 ? RELAY_LINKS_MAX : LINKS_MAX);
  }

  #indexOf({ nodeId }: Contact): number {
    return this.#world.directory.find(nodeId);
  }

  /** First the links that serve both ends, then those that serve one, row by row from the longest common prefix. */
  #linkRows(nodes: readonly number[]): void {
    for (const mutualOnly of [true, false])
      for (let row = this.rows - 1; row >= 0; row--)
        for (let column = 0; column < COLUMNS; column++)
          for (const node of nodes) this.#linkEntry(node, row, column, mutualOnly);
  }

  #linkEntry(node: number, row: number, column: number, mutualOnly: boolean): void {
    const { links, directory } = this.#world;
    const entry = this.entry(node, row, column);
    if (entry === NOBODY || links.numberOf(node, entry) !== 0) return;
    const mutual = this.entry(entry, row, digitOf(directory.id(node), row)) === node;
    if (mutualOnly && !mutual) return;
    if (links.count(node) >= LINKS_OWN_MAX || !this.hasRoom(entry)) return;
    this.#link(node, entry);
  }

  #link(a: number, b: number): void {
    const { links } = this.#world;
    if (links.numberOf(a, b) !== 0) return;
    const number = links.nextNumber();
    links.put(a, b, number);
    links.put(b, a, number);
  }
}

/** log16 of the number of nodes, rounded up. */
function rowsOf(nodes: number): number {
  let [rows, reach] = [0, 1];
  while (reach < nodes && rows < ID_DIGITS) {
    reach *= COLUMNS;
    rows++;
  }
  return Math.max(1, rows);
}

/** The point of a slot: the id with another digit. */
function withDigit(id: NodeId, row: number, digit: number): Id {
  const point = id.slice() as Id;
  const byte = point[row >> 1]!;
  point[row >> 1] = row % 2 === 0 ? (digit << 4) | (byte & 15) : (byte & 0xf0) | digit;
  return point;
}
