/**
 * How many copies a ring needs: the reliability analysis of Kangasharju, Ross & Turner, "Secure and Resilient Peer-to-Peer
 * Email" (P2P 2003). Peers are up with probability p, independently; an object is written to the k closest peers that are up.
 */
import { assert } from '../codec/assert.ts';

/** Copies that the planner proposes at most: more than that a replica set cannot name. */
export const COPIES_MAX = 64;
/** Objects that one action of a user needs: reading and sending need 2 ("What the user sees?"). */
export const OBJECTS_PER_ACTION = 2;

/** p_l1 = (1 − p)^k: all k peers are down when the object is read. "3 causes of loss", 1. */
export function lossByAbsence(p: number, k: number): number {
  checkShare(p);
  checkCopies(k);
  return (1 - p) ** k;
}

/**
 * p_l2 ≈ Σ_{i=k}^{(1−p)I} C((1−p)I, i) (p(1−p)/I)^i: closer peers, down when the object was written, are up when it is read.
 * "3 causes of loss", 2, as it is printed; `peers` is I.
 */
export function lossByReturn(p: number, k: number, peers: number): number {
  checkShare(p);
  checkCopies(k);
  return powerTail(Math.floor((1 - p) * peers), k, (p * (1 - p)) / peers);
}

/**
 * The same cause as its words say it: each of the k closest peers was down at the writing and is up at the reading,
 * (p(1 − p))^k. It fits the paper's table, which the printed sum does not: at p = 0.9 and k = 5 the table has 10^-5.
 */
export function lossByReturnOfClosest(p: number, k: number): number {
  checkShare(p);
  checkCopies(k);
  return (p * (1 - p)) ** k;
}

/**
 * p_l3 ≈ Σ_{i=k}^{N} C(N, i) / I^i: at least k of N new peers come to lie closer than the copies. "3 causes of loss", 3.
 * `newcomers` is N, `peers` is I.
 */
export function lossByNewcomers(newcomers: number, k: number, peers: number): number {
  checkCopies(k);
  return powerTail(newcomers, k, 1 / peers);
}

/**
 * Probability that the k closest peers that are up at the reading are none of the k that were written to (causes 1 and 2
 * together, for a reader who asks k peers and no more, long after the writing): exact, where the paper approximates.
 *
 * In the order of distance only peers that are up at either time count; such a peer is up at one of them alone with
 * probability a = (1 − p)/(2 − p) for each time. The object is missed if no peer is up at both before k were up at one.
 */
export function missedByReader(p: number, k: number): number {
  checkShare(p);
  checkCopies(k);
  const a = (1 - p) / (2 - p);
  let [sum, ways] = [0, 1];
  for (let others = 0; others < k; others++) {
    sum += ways * a ** (k + others);
    ways = (ways * (k + others)) / (others + 1);
  }
  return 2 * sum;
}

/** p_t = (1 − (1 − p)^k)^2: an action of the user succeeds. "What the user sees?". */
export function actionSucceeds(p: number, k: number): number {
  return (1 - lossByAbsence(p, k)) ** OBJECTS_PER_ACTION;
}

/** k = log(1 − √p_t) / log(1 − p), not rounded: copies for a target p_t, 0 < p_t < 1. "What the user sees?". */
export function copiesFormula(target: number, p: number): number {
  assert(p > 0 && p < 1 && target > 0 && target < 1, 'shares between 0 and 1');
  return Math.log(1 - target ** (1 / OBJECTS_PER_ACTION)) / Math.log(1 - p);
}

/** Live copies under which more are made: two may vanish at once while one is copied. */
export const LOW_WATER = 3;
/** From so many copies on, planned for nodes that are up less than 45% of the time, it is this. */
export const MANY_COPIES = 6;
export const LOW_WATER_OF_MANY = 2;

/**
 * The low-water mark of a ring with k copies on tabs and `alwaysOn` on others. Many copies are planned where nodes are mostly
 * down: of a whole set few are live at any time (k p, at most 3 where `copiesFormula` gave k for 0.9), the others are on disks
 * that come back. Asking for three of them live made 31 copies of each block in a month of simulation, and protected nothing.
 */
export function lowWaterOf(k: number, alwaysOn: number): number {
  checkCopies(k);
  return Math.min(k + alwaysOn, k < MANY_COPIES ? LOW_WATER : LOW_WATER_OF_MANY);
}

/** Replicas of a ring: what its peers and its always-on nodes are like. */
export interface RingAvailability {
  /** Share of time that a peer is up: 0 < p < 1. */
  readonly p: number;
  /** Always-on replicas of each object, and the share of time that one of them is up. */
  readonly alwaysOn: number;
  readonly pAlwaysOn: number;
}

/** Probability that an object with k copies on peers, and one on each always-on replica, is out of reach just now. */
export function unavailable({ p, alwaysOn, pAlwaysOn }: RingAvailability, k: number): number {
  checkShare(pAlwaysOn);
  return lossByAbsence(p, k) * (1 - pAlwaysOn) ** alwaysOn;
}

/**
 * The least k with which an action succeeds with probability `target`: the paper's formula rounded up, always-on replicas
 * counted. At least 1, at most COPIES_MAX.
 */
export function planCopies(target: number, ring: RingAvailability): number {
  assert(ring.p > 0 && ring.p < 1 && target > 0 && target < 1, 'shares between 0 and 1');
  for (let k = 1; k < COPIES_MAX; k++)
    if ((1 - unavailable(ring, k)) ** OBJECTS_PER_ACTION >= target) return k;
  return COPIES_MAX;
}

/** Σ_{i=from}^{n} C(n, i) x^i, for small x: term by term, so that nothing overflows. */
function powerTail(n: number, from: number, x: number): number {
  let [sum, term] = [0, 1];
  for (let i = 1; i <= n; i++) {
    term *= ((n - i + 1) / i) * x;
    if (i >= from) sum += term;
    if (i >= from && term < sum * Number.EPSILON) break;
  }
  return sum;
}

function checkShare(p: number): void {
  assert(p >= 0 && p <= 1, 'a share is between 0 and 1');
}

function checkCopies(k: number): void {
  assert(Number.isSafeInteger(k) && k >= 1, 'at least one copy');
}
