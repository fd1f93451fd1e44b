/** How often the density test errs (Castro et al. 2002, §5.2): for the thresholds of secure routing, and some others. */
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import type { Key } from '../../../src/core/codec/id.ts';
import { sparseness } from '../../../src/core/overlay/secure/density.ts';
import { NEIGHBOURS } from '../../../src/core/overlay/secure/neighbourhood.ts';
import { OwnRange } from '../../../src/core/overlay/secure/own-range.ts';
import { SPARSENESS_MAX } from '../../../src/core/overlay/secure/secure-lookup.ts';
import { StaticRing } from './static-ring.ts';

/** Samples from one ring. */
const OF_ONE_RING = 200;
/** Thresholds that are not used, for comparison. */
const OTHERS = [1.6, 2.5, 3];

export interface DensityRow {
  readonly gamma: number;
  /** The round of a look-up that uses it. */
  readonly round: string;
  /** Share of honest neighbourhoods that look too thin. */
  readonly falseAlarms: number;
  /** Share of coalitions that show only their own nodes and look dense enough. */
  readonly coalitionsMissed: number;
}

/** `malicious`: share of nodes, 0 to 1; `samples`: keys, each seen from another node. */
export function densityErrors(
  nodes: number,
  malicious: number,
  samples: number,
  seed: number,
): readonly DensityRow[] {
  const random = new SeededRandom(seed);
  const whole: number[] = [];
  const liars: number[] = [];
  while (whole.length < samples) {
    const ring = new StaticRing(nodes, malicious, random);
    for (let i = 0; i < OF_ONE_RING; i++) {
      const from = random.below(ring.size);
      const key = random.bytes(32) as Key;
      const leaves = ring.leaves(from).map((leaf) => ({ nodeId: ring.ids[leaf]! }));
      const spacing = new OwnRange(ring.ids[from]!, leaves).spacing!;
      const thinness = (among?: readonly number[]): number => {
        const closest = ring.nearest(key, NEIGHBOURS, among).map((node) => ({ nodeId: ring.ids[node]! }));
        return sparseness(key, closest, spacing);
      };
      whole.push(thinness());
      liars.push(thinness(ring.malicious));
    }
  }
  const used = Object.entries(SPARSENESS_MAX).filter(([, gamma]) => gamma > 0);
  const others = OTHERS.map((gamma): [string, number] => ['', gamma]);
  return [...used, ...others].map(([round, gamma]) => ({
    gamma,
    round,
    falseAlarms: share(whole, (x) => x > gamma),
    coalitionsMissed: share(liars, (x) => x <= gamma),
  }));
}

function share(of: readonly number[], is: (x: number) => boolean): number {
  return Number((of.filter(is).length / of.length).toFixed(5));
}
