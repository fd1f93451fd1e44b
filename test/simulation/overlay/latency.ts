/**
 * How far nodes are from each other: most live in one of a few regions of a plane, the others anywhere; a line of their
 * own takes each a little longer. Symmetrical, the same for ever, 2 to 100 ms one way.
 */
import type { SeededRandom } from '../../../src/adapters/memory/random.ts';

const REGIONS = 6;
/** Of a hundred nodes, those that live in a region. */
const IN_REGIONS_PERCENT = 80;
/** Side of the plane. */
const PLANE = 10_000;
/** Half a side of a region. */
const REGION = 500;
const MS_MIN = 2;
/** From corner to corner. */
const MS_ACROSS = 82;
/** The last mile of each end. */
const ACCESS_MS_MAX = 8;
/** Delays vary by up to this share of them. */
const JITTER_SHARE = 0.1;
const DIAGONAL = PLANE * Math.sqrt(2);

export class Latency {
  readonly #random: SeededRandom;
  readonly #centres: readonly (readonly [number, number])[];
  #x = new Uint16Array(1_024);
  #y = new Uint16Array(1_024);
  #access = new Uint8Array(1_024);
  #count = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
    this.#centres = Array.from({ length: REGIONS }, () => [this.#coordinate(), this.#coordinate()]);
  }

  get bytes(): number {
    return this.#x.length * 5;
  }

  /** Gives the next node a place; nodes come in the order of their numbers. */
  add(): void {
    if (this.#count === this.#x.length) this.#grow();
    const [x, y] = this.#somewhere();
    this.#x[this.#count] = x;
    this.#y[this.#count] = y;
    this.#access[this.#count] = this.#random.below(ACCESS_MS_MAX + 1);
    this.#count++;
  }

  /** One way, in whole milliseconds, without jitter. */
  between(a: number, b: number): number {
    const [dx, dy] = [this.#x[a]! - this.#x[b]!, this.#y[a]! - this.#y[b]!];
    const far = Math.sqrt(dx * dx + dy * dy) / DIAGONAL;
    return MS_MIN + Math.round(far * MS_ACROSS) + this.#access[a]! + this.#access[b]!;
  }

  /** One way for one message, with jitter. */
  sample(a: number, b: number): number {
    const ms = this.between(a, b);
    return ms + Math.floor(this.#random.number() * (1 + ms * JITTER_SHARE));
  }

  #somewhere(): [number, number] {
    if (this.#random.below(100) >= IN_REGIONS_PERCENT) return [this.#coordinate(), this.#coordinate()];
    const [x, y] = this.#centres[this.#random.below(REGIONS)]!;
    return [this.#near(x), this.#near(y)];
  }

  #coordinate(): number {
    return this.#random.below(PLANE);
  }

  #near(centre: number): number {
    const at = centre - REGION + this.#random.below(2 * REGION);
    return Math.min(PLANE - 1, Math.max(0, at));
  }

  #grow(): void {
    const length = 2 * this.#x.length;
    const [x, y, access] = [new Uint16Array(length), new Uint16Array(length), new Uint8Array(length)];
    x.set(this.#x);
    y.set(this.#y);
    access.set(this.#access);
    [this.#x, this.#y, this.#access] = [x, y, access];
  }
}
