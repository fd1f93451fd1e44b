/** Where things stand in the drawing: nodes and keys on the circle, chords between them, rings in a ring when it is cut. */
import type { Cut } from './ring-state.ts';
import { ID_DIGITS } from './trace.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Ids are numbers below this. */
const IDS = 16 ** ID_DIGITS;
const TURN = 2 * Math.PI;
/** How much of each gap is made equal: nodes do not lie on each other, and a wide gap still looks wide. */
const EVENED = 0.4;
/** How far chords bend to the middle; short ones less, so that neighbours' links stay at the rim. */
const BEND = 0.35;
/** The inmost ring of a partition, as a share of the outer radius. */
const INMOST = 0.74;
/**
 * Angles of ids, clockwise from the top, where 0 stands. Gaps between nodes are evened a little; between two nodes angles
 * grow evenly with the number, so that a key still stands nearest to the node that is nearest to it.
 */
export class Circle {
  /** By node. */
  readonly angles: Float64Array;
  /** Sorted. */
  readonly #ids: readonly number[];
  /** Of each sorted id. */
  readonly #sorted: Float64Array;

  /** `nodes`: ids as 13 hexadecimal digits; at least one. */
  constructor(nodes: readonly string[]) {
    const ids = nodes.map(numberOf);
    this.#ids = [...ids].sort((a, b) => a - b);
    const count = ids.length;
    this.#sorted = new Float64Array(count);
    for (let i = 1; i < count; i++)
      this.#sorted[i] = this.#sorted[i - 1]! + this.#gap(this.#ids[i]! - this.#ids[i - 1]!);
    // So far the smallest id stands at the top; 0 belongs there.
    const first = this.#ids[0]!;
    const wrap = IDS - this.#ids[count - 1]! + first;
    const turn = (this.#gap(wrap) * first) / wrap;
    for (let i = 0; i < count; i++) this.#sorted[i]! += turn;
    this.angles = Float64Array.from(ids, (id) => this.#angleOf(id));
  }

  /** The angle of a key of 13 hexadecimal digits. */
  angleOf(key: string): number {
    return this.#angleOf(numberOf(key));
  }

  #gap(ids: number): number {
    return TURN * ((1 - EVENED) * (ids / IDS) + EVENED / this.#ids.length);
  }

  #angleOf(id: number): number {
    const count = this.#ids.length;
    let after = 0;
    for (let end = count; after < end;) {
      const middle = (after + end) >>> 1;
      if (this.#ids[middle]! < id) after = middle + 1;
      else end = middle;
    }
    if (this.#ids[after] === id) return this.#sorted[after]!;
    const [low, lowAngle] =
      after > 0
        ? [this.#ids[after - 1]!, this.#sorted[after - 1]!]
        : [this.#ids[count - 1]! - IDS, this.#sorted[count - 1]! - TURN];
    const [high, highAngle] =
      after < count
        ? [this.#ids[after]!, this.#sorted[after]!]
        : [this.#ids[0]! + IDS, this.#sorted[0]! + TURN];
    return lowAngle + ((highAngle - lowAngle) * (id - low)) / (high - low);
  }
}

/** A point at `radius` around (c, c). */
export function pointAt(angle: number, radius: number, c: number): Point {
  return { x: c + radius * Math.sin(angle), y: c - radius * Math.cos(angle) };
}

/** The point towards which a chord bends; both ends are about `c` away from the middle. */
export function bendOf(from: Point, to: Point, c: number): Point {
  const x = (from.x + to.x) / 2;
  const y = (from.y + to.y) / 2;
  const bend = BEND * Math.min(1, Math.hypot(from.x - to.x, from.y - to.y) / c);
  return { x: x + (c - x) * bend, y: y + (c - y) * bend };
}

/** Where a message is on its chord; `share` of its way, 0 to 1. */
export function pointOnChord(from: Point, bend: Point, to: Point, share: number): Point {
  const left = 1 - share;
  const [p, q, r] = [left * left, 2 * left * share, share * share];
  return { x: p * from.x + q * bend.x + r * to.x, y: p * from.y + q * bend.y + r * to.y };
}

/**
 * The radii of the groups of a partition, as shares of the outer one: a group has its own ring while it is cut off. Rings
 * take `partingMs` to part and to unite.
 */
export function radiiOf(cut: Cut | undefined, nowMs: number, partingMs: number): ReadonlyMap<number, number> {
  if (!cut) return new Map();
  const parted = partedShare(cut, nowMs, partingMs);
  const groups = [...new Set(cut.groups)].sort((a, b) => a - b);
  const step = (1 - INMOST) / Math.max(1, groups.length - 1);
  return new Map(groups.map((group, i) => [group, 1 - i * step * parted]));
}

/** 0: one ring, 1: apart; in between for a moment after the cut and after it has healed. */
function partedShare({ cutAtMs, healedAtMs }: Cut, nowMs: number, partingMs: number): number {
  const since = (ms: number): number => eased(nowMs - ms >= partingMs ? 1 : (nowMs - ms) / partingMs);
  return since(cutAtMs) - (healedAtMs === undefined ? 0 : since(healedAtMs));
}

function eased(share: number): number {
  return 1 - (1 - share) ** 3;
}

/** The nearest of the points to (x, y), at most `reach` away. */
export function nearestTo(points: readonly Point[], x: number, y: number, reach: number): number | undefined {
  let best: number | undefined;
  let least = reach;
  points.forEach((point, i) => {
    const distance = Math.hypot(point.x - x, point.y - y);
    if (distance > least) return;
    [best, least] = [i, distance];
  });
  return best;
}

function numberOf(digits: string): number {
  return Number.parseInt(digits, 16);
}
