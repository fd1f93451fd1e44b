/**
 * A ring at rest for secure routing: ids in order, and the next hop of every node computed from them as its tables would have
 * it. A share of the nodes is malicious; in ordinary tables they stand wherever they could (Castro et al. 2002, §4: proximity
 * can be forged), in constrained tables and leaf sets only where chance has put them.
 */
import type { SeededRandom } from '../../../src/adapters/memory/random.ts';
import type { Id } from '../../../src/core/codec/id.ts';
import { LEAF_SIDE } from '../../../src/core/overlay/leaf-set.ts';

/** Places are the first six bytes of an id: exact in a double, and enough for a million nodes. */
const PLACE_BYTES = 6;
const DIGITS = PLACE_BYTES * 2;
const RING = 2 ** (8 * PLACE_BYTES);
const HOPS_MAX = 32;

export interface Arrival {
  /** The node that answers; a malicious one answers whatever it likes. */
  readonly at: number;
  readonly hops: number;
}

export class StaticRing {
  readonly ids: readonly Id[];
  readonly isMalicious: readonly boolean[];
  readonly malicious: readonly number[];
  readonly #places: Float64Array;

  constructor(size: number, maliciousShare: number, random: SeededRandom) {
    const ids = Array.from({ length: size }, () => random.bytes(32) as Id);
    this.ids = ids.sort((a, b) => placeOf(a) - placeOf(b));
    this.#places = Float64Array.from(this.ids, placeOf);
    this.isMalicious = this.ids.map(() => random.number() < maliciousShare);
    this.malicious = [...this.ids.keys()].filter((i) => this.isMalicious[i]);
  }

  get size(): number {
    return this.ids.length;
  }

  /** The node `steps` places up the ring, or down. */
  at(index: number, steps: number): number {
    return (((index + steps) % this.size) + this.size) % this.size;
  }

  /** Neighbours on both sides, the leaf set. */
  leaves(index: number): number[] {
    const leaves: number[] = [];
    for (let step = 1; step <= LEAF_SIDE; step++) leaves.push(this.at(index, step), this.at(index, -step));
    return leaves;
  }

  /** The constrained routing table's first rows, as far as they are filled. */
  constrainedRows(index: number, rows: number): number[] {
    const own = this.#places[index]!;
    const entries = new Set<number>();
    for (let row = 0; row < rows; row++) {
      const width = RING / 16 ** (row + 1);
      const rowStart = Math.floor(own / (16 * width)) * (16 * width);
      for (let digit = 0; digit < 16; digit++) {
        const start = rowStart + digit * width;
        const [low, high] = [this.#lowerBound(start), this.#lowerBound(start + width)];
        if (digit !== digitOf(own, row) && low < high)
          entries.add(this.#closest(start + (own % width), low, high));
      }
    }
    return [...entries];
  }

  /** Whether the leaf set of the node reaches over this point. */
  covers(index: number, point: Id): boolean {
    return this.#covers(index, placeOf(point));
  }

  /** The `count` of these nodes closest to the point, closest first; of all nodes when none are given. */
  nearest(point: Id, count: number, among?: readonly number[]): number[] {
    const place = placeOf(point);
    const candidates = among ?? this.#around(place, count);
    return [...candidates]
      .sort((a, b) => this.#distance(a, place) - this.#distance(b, place))
      .slice(0, count);
  }

  /** Where a question ends up; at the first malicious node, if it meets one. */
  route(from: number, point: Id, via: number | undefined, constrained: boolean): Arrival {
    const place = placeOf(point);
    let [at, hops] = [from, 0];
    for (let next: number | undefined = via; hops < HOPS_MAX;) {
      next ??= this.#next(at, place, constrained);
      if (next === at) return { at, hops };
      at = next;
      next = undefined;
      hops++;
      if (this.isMalicious[at]) break;
    }
    return { at, hops };
  }

  /** Rowstron & Druschel 2001, §2.2. */
  #next(at: number, place: number, constrained: boolean): number {
    if (this.#covers(at, place)) return this.#closest(place, 0, this.size);
    const own = this.#places[at]!;
    let row = 0;
    while (row < DIGITS - 1 && digitOf(own, row) === digitOf(place, row)) row++;
    const width = RING / 16 ** (row + 1);
    const start = Math.floor(place / width) * width;
    const [low, high] = [this.#lowerBound(start), this.#lowerBound(start + width)];
    // Nobody with a longer prefix: as far as the leaf set reaches.
    if (low === high) return this.at(at, up(own, place) < RING / 2 ? LEAF_SIDE : -LEAF_SIDE);
    if (constrained) return this.#closest(start + (own % width), low, high);
    for (let i = low; i < high; i++) if (this.isMalicious[i]) return i;
    return low + (at % (high - low));
  }

  #covers(index: number, place: number): boolean {
    if (this.size <= 2 * LEAF_SIDE) return true;
    const low = this.#places[this.at(index, -LEAF_SIDE)]!;
    return up(low, place) <= up(low, this.#places[this.at(index, LEAF_SIDE)]!);
  }

  #around(place: number, count: number): number[] {
    const middle = this.#lowerBound(place);
    const indices = new Set<number>();
    for (let step = -count; step <= count; step++) indices.add(this.at(middle, step));
    return [...indices];
  }

  /** The node closest to the place, of those from `low` up to, not including, `high`. */
  #closest(place: number, low: number, high: number): number {
    const above = this.#lowerBound(place);
    const whole = low === 0 && high === this.size;
    const near = whole
      ? [this.at(above, 0), this.at(above, -1)]
      : [Math.min(Math.max(above, low), high - 1), Math.min(Math.max(above - 1, low), high - 1)];
    return this.#distance(near[0]!, place) < this.#distance(near[1]!, place) ? near[0]! : near[1]!;
  }

  #distance(index: number, place: number): number {
    const distance = Math.abs(this.#places[index]! - place);
    return Math.min(distance, RING - distance);
  }

  /** The first node at the place or above. */
  #lowerBound(place: number): number {
    let [low, high] = [0, this.size];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#places[middle]! < place) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function placeOf(id: Id): number {
  let place = 0;
  for (let i = 0; i < PLACE_BYTES; i++) place = place * 256 + id[i]!;
  return place;
}

function up(from: number, to: number): number {
  return to >= from ? to - from : to - from + RING;
}

function digitOf(place: number, row: number): number {
  return Math.floor(place / 16 ** (DIGITS - 1 - row)) % 16;
}
