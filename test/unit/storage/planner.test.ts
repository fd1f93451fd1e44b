/** The planner against the paper's table (k = 5), its algebra, and a seeded simulation of each cause of loss. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import {
  actionSucceeds,
  copiesFormula,
  COPIES_MAX,
  lossByAbsence,
  lossByNewcomers,
  lossByReturn,
  lossByReturnOfClosest,
  lowWaterOf,
  missedByReader,
  planCopies,
  unavailable,
} from '../../../src/core/storage/planner.ts';

/** Order of magnitude: the exponent of 10, rounded. */
const magnitude = (x: number): number => Math.round(Math.log10(x));

describe('the table of "Results", Kangasharju et al., k = 5', () => {
  it.each([
    [0.99, 1e-10],
    [0.9, 1e-5],
    [0.5, 0.03],
    [0.3, 0.17],
  ])('p = %f: p_l1 = %f', (p, expected) => {
    expect(lossByAbsence(p, 5) / expected).toBeCloseTo(1, 1);
  });

  it('p_l2 is nothing at 0.99, 10^-5 at 0.9, and 10^-4 to 10^-3 at 0.5 and 0.3', () => {
    expect(lossByReturnOfClosest(0.99, 5)).toBeLessThan(1e-10);
    expect(magnitude(lossByReturnOfClosest(0.9, 5))).toBe(-5);
    for (const p of [0.5, 0.3]) {
      expect(lossByReturnOfClosest(p, 5)).toBeGreaterThan(1e-4);
      expect(lossByReturnOfClosest(p, 5)).toBeLessThan(1e-3);
    }
  });

  it('the first case dominates clearly, by the printed sum too', () => {
    for (const p of [0.9, 0.5, 0.3]) {
      expect(lossByReturn(p, 5, 1000)).toBeLessThan(lossByReturnOfClosest(p, 5));
      expect(lossByReturnOfClosest(p, 5)).toBeLessThan(lossByAbsence(p, 5));
    }
  });

  it.each([
    [1e2, 1e-10],
    [1e3, 1e-15],
    [1e4, 1e-20],
  ])('%f peers for each newcomer: p_l3 is at most %f', (ratio, bound) => {
    const loss = lossByNewcomers(1000, 5, 1000 * ratio);
    expect(loss).toBeLessThan(bound);
    // Σ C(N, i) / I^i is (N/I)^5 / 5! and a little less.
    expect(loss / (bound / 120)).toBeCloseTo(1, 1);
  });
});

describe('k = log(1 − √p_t) / log(1 − p), "What the user sees?"', () => {
  it('is the k with which the user sees p_t', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.2, max: 0.99, noNaN: true }),
        fc.double({ min: 0.5, max: 0.9999, noNaN: true }),
        (p, target) => {
          const exact = copiesFormula(target, p);
          const planned = planCopies(target, { p, alwaysOn: 0, pAlwaysOn: 0 });
          if (exact > COPIES_MAX) return;
          expect(planned).toBeGreaterThan(exact - 1e-6);
          expect(planned).toBeLessThan(Math.max(1, exact + 1) + 1e-6);
          expect(actionSucceeds(p, planned)).toBeGreaterThanOrEqual(target - 1e-9);
        },
      ),
    );
  });

  it('is small when peers are mostly up, and grows slowly with the target', () => {
    expect(Math.ceil(copiesFormula(0.999, 0.9))).toBe(4);
    expect(Math.ceil(copiesFormula(0.9999, 0.9))).toBe(5);
    expect(Math.ceil(copiesFormula(0.99, 0.3))).toBe(15);
  });

  it('counts what is always on', () => {
    expect(unavailable({ p: 0.3, alwaysOn: 1, pAlwaysOn: 1 }, 3)).toBe(0);
    expect(unavailable({ p: 0.3, alwaysOn: 1, pAlwaysOn: 0.9 }, 3)).toBeCloseTo(0.0343, 10);
    const withRelay = planCopies(0.99, { p: 0.3, alwaysOn: 1, pAlwaysOn: 0.99 });
    expect(withRelay).toBeLessThan(planCopies(0.99, { p: 0.3, alwaysOn: 0, pAlwaysOn: 0 }));
    expect(planCopies(0.999999, { p: 0.001, alwaysOn: 0, pAlwaysOn: 0 })).toBe(COPIES_MAX);
  });
});

describe('a simulation with a seed', () => {
  const RUNS = 40_000;
  const random = new SeededRandom('planner');
  const share = (happens: () => boolean): number => {
    let count = 0;
    for (let run = 0; run < RUNS; run++) if (happens()) count += 1;
    return count / RUNS;
  };
  /** Four standard deviations of a share that is `expected`. */
  const close = (measured: number, expected: number): void =>
    expect(Math.abs(measured - expected)).toBeLessThan(4 * Math.sqrt(expected / RUNS));

  it.each([
    [0.3, 3],
    [0.5, 4],
    [0.7, 2],
  ])('p = %f, k = %i: finds causes 1 and 2, and what a reader of k peers misses', (p, k) => {
    const counts = { absent: 0, returned: 0, missed: 0 };
    for (let run = 0; run < RUNS; run++) {
      const peers = Array.from({ length: 60 }, () => [random.number() < p, random.number() < p] as const);
      const written = new Set(peers.filter(([then]) => then).slice(0, k));
      const read = peers.filter(([, now]) => now).slice(0, k);
      if ([...written].every(([, now]) => !now)) counts.absent += 1;
      if (peers.slice(0, k).every(([then, now]) => !then && now)) counts.returned += 1;
      if (!read.some((peer) => written.has(peer))) counts.missed += 1;
    }
    close(counts.absent / RUNS, lossByAbsence(p, k));
    close(counts.returned / RUNS, lossByReturnOfClosest(p, k));
    close(counts.missed / RUNS, missedByReader(p, k));
  });

  it('finds what the sums of causes 2 and 3 count', () => {
    const hits = (n: number, chance: number): number => {
      let count = 0;
      for (let i = 0; i < n; i++) if (random.number() < chance) count += 1;
      return count;
    };
    // The sums leave out the factor (1 − x)^(n − i), which is nearly 1 where they are meant to be used.
    const [newcomers, peers] = [20, 200];
    const found = share(() => hits(newcomers, 1 / peers) >= 1);
    expect(found / lossByNewcomers(newcomers, 1, peers)).toBeGreaterThan(0.85);
    expect(found / lossByNewcomers(newcomers, 1, peers)).toBeLessThan(1.05);
    const back = share(() => hits(100, 0.25 / peers) >= 1);
    expect(back / lossByReturn(0.5, 1, peers)).toBeGreaterThan(0.85);
    expect(back / lossByReturn(0.5, 1, peers)).toBeLessThan(1.05);
  });
});

describe('the low-water mark', () => {
  it.each([
    [1, 0, 1],
    [1, 1, 2],
    [3, 1, 3],
    [5, 1, 3],
    [6, 1, 2],
    [9, 1, 2],
    [16, 0, 2],
  ])('of k = %d and %d always-on copies is %d', (k, alwaysOn, expected) => {
    expect(lowWaterOf(k, alwaysOn)).toBe(expected);
  });

  it('follows k from where a set of many copies is planned: nodes that are up less than 45% of the time', () => {
    const ring = (p: number): Parameters<typeof planCopies>[1] => ({ p, alwaysOn: 0, pAlwaysOn: 0 });
    expect(lowWaterOf(planCopies(0.9, ring(0.46)), 1)).toBe(3);
    expect(lowWaterOf(planCopies(0.9, ring(0.44)), 1)).toBe(2);
  });
});
