/** Many secure look-ups of random keys by random honest nodes, over a few rings, and what became of them. */
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import type { Key } from '../../../src/core/codec/id.ts';
import { LINKS_MAX } from '../../../src/core/codec/limits.ts';
import { StaticRing } from './static-ring.ts';
import { tryLookup, type Malice, type Trial, type World } from './trial.ts';

export interface CampaignOptions {
  readonly nodes: number;
  /** Share of malicious nodes, 0 to 1. */
  readonly malicious: number;
  readonly seed: number;
  readonly lookups: number;
  readonly malice: Malice;
  readonly k: number;
}

export interface SecureFigures extends CampaignOptions {
  /** Share of look-ups whose result has every honest replica. */
  readonly reached: number;
  /** Share of look-ups after which every honest replica can be sent something. */
  readonly delivered: number;
  /** Look-ups that ended with a replica set that is not whole. */
  readonly wrong: number;
  /** Look-ups that said that they could not tell. */
  readonly uncertain: number;
  /** Shares of look-ups that ended in each round. */
  readonly audits: number;
  readonly redundant: number;
  readonly detours: number;
  readonly meanQuestions: number;
  readonly meanHops: number;
  readonly medianMs: number;
  readonly p99Ms: number;
}

/** Rows of the constrained table. */
const LINKED_ROWS = 2;
/** Look-ups made in one ring before another one is drawn. */
const LOOKUPS_A_RING = 500;

export function simulateSecure(options: CampaignOptions): SecureFigures {
  const random = new SeededRandom(options.seed);
  const trials: Trial[] = [];
  while (trials.length < options.lookups) {
    const ring = new StaticRing(options.nodes, options.malicious, random);
    const world: World = { ...options, ring, random, otherLinks: (from) => otherLinks(ring, from) };
    const count = Math.min(LOOKUPS_A_RING, options.lookups - trials.length);
    for (let i = 0; i < count;) {
      const from = random.below(ring.size);
      const key = random.bytes(32) as Key;
      // What our own leaf set covers needs no look-up.
      if (ring.isMalicious[from] || ring.covers(from, key)) continue;
      trials.push(tryLookup(world, from, key));
      i++;
    }
  }
  return { ...options, ...figuresOf(trials) };
}

/** The rows of the constrained table that a node has links for. */
function otherLinks(ring: StaticRing, from: number): readonly number[] {
  const leaves = new Set(ring.leaves(from));
  const others = ring.constrainedRows(from, LINKED_ROWS).filter((i) => !leaves.has(i));
  return others.slice(0, LINKS_MAX - leaves.size);
}

function figuresOf(trials: readonly Trial[]): Omit<SecureFigures, keyof CampaignOptions> {
  const share = (is: (trial: Trial) => boolean): number => trials.filter(is).length / trials.length;
  const mean = (of: (trial: Trial) => number): number =>
    trials.reduce((sum, trial) => sum + of(trial), 0) / trials.length;
  const endedIn = (round: string) => share(({ outcome }) => outcome.ok && outcome.round === round);
  const times = trials.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  return {
    reached: share(({ isReached }) => isReached),
    delivered: share(({ isDelivered }) => isDelivered),
    wrong: trials.filter(({ outcome, isReached }) => outcome.ok && !isReached).length,
    uncertain: trials.filter(({ outcome }) => !outcome.ok).length,
    audits: endedIn('audits'),
    redundant: endedIn('redundant'),
    detours: endedIn('detours'),
    meanQuestions: mean(({ questions }) => questions),
    meanHops: mean(({ hops }) => hops),
    medianMs: times[Math.floor(times.length / 2)]!,
    p99Ms: times[Math.floor(times.length * 0.99)]!,
  };
}
