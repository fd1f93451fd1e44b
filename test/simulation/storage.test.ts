/** Blocks on tabs that are closed most of the time, some of which lie: a small ring for some days. Design, "Promises" 1 and 4. */
import { describe, expect, it } from 'vitest';
import { unavailable } from '../../src/core/storage/planner.ts';
import { Agenda } from './storage/agenda.ts';
import { simulateStorage } from './storage/campaign.ts';
import { simulateFill } from './storage/fill.ts';
import { withDefaults } from './storage/options.ts';

const small = { nodes: 40, days: 1, blocks: 60 } as const;

describe('a ring of 40 tabs that are open 30% of the time', () => {
  it(
    'loses nothing, also when its relay is gone, and reads fail less often than the planner says',
    { timeout: 60_000 },
    () => {
      const figures = simulateStorage(withDefaults({ ...small, relayGoneDays: 0.4 }));
      expect(figures.blocks).toBe(small.blocks);
      expect(figures.lost).toBe(0);
      expect(figures.reads).toBeGreaterThan(9_000);
      expect(figures.unavailableReads / figures.reads).toBeLessThanOrEqual(2 * figures.predictedUnavailable);
      expect(figures.repairPerStoredByte).toBeLessThanOrEqual(2);
      expect(figures.honestNamed).toBe(0);
    },
  );

  it(
    'of which a fifth drop what they sign for: names liars, nobody else, and loses nothing',
    { timeout: 60_000 },
    () => {
      const figures = simulateStorage(withDefaults({ ...small, malicious: 0.2 }));
      expect(figures.lost).toBe(0);
      expect(figures.unavailableReads).toBe(0);
      expect(figures.wrongBytesAccepted).toBe(0);
      expect(figures.liars).toBe(8);
      expect(figures.liarsNamed).toBeGreaterThanOrEqual(6);
      expect(figures.honestNamed).toBe(0);
    },
  );

  it.each(['1', '2', '3'])(
    'amid lost messages, partitions, sleep, torn writes and full disks loses nothing and names nobody (seed %s)',
    { timeout: 60_000 },
    (seed) => {
      const figures = simulateStorage(withDefaults({ ...small, seed, troubles: true }));
      expect(figures.blocks).toBe(small.blocks);
      expect(figures.lost).toBe(0);
      // The relay's disk is full for a while too: then it counts for nothing.
      const alone = unavailable({ p: 0.3, alwaysOn: 0, pAlwaysOn: 0 }, figures.k);
      expect(figures.unavailableReads / figures.reads).toBeLessThanOrEqual(2 * alone);
      expect(figures.wrongBytesAccepted).toBe(0);
      expect(figures.honestNamed).toBe(0);
      expect(figures.repairPerStoredByte).toBeLessThanOrEqual(2);
    },
  );

  it(
    'measures how available its tabs are, and proposes the k that the planner has of that',
    { timeout: 60_000 },
    () => {
      const figures = simulateStorage(withDefaults({ ...small, days: 10, blocks: 5 }));
      expect(Math.abs(figures.measuredAvailability! / 0.3 - 1)).toBeLessThan(0.15);
      expect(Math.abs(figures.proposedK! - figures.k)).toBeLessThanOrEqual(1);
      expect(simulateStorage(withDefaults({ ...small, days: 0.3 })).proposedK).toBeNull();
    },
  );

  it('does the same for the same seed', { timeout: 60_000 }, () => {
    const run = withDefaults({ ...small, days: 0.3, malicious: 0.1 });
    expect(simulateStorage(run)).toEqual(simulateStorage(run));
    expect(simulateStorage({ ...run, seed: '2' })).not.toEqual(simulateStorage(run));
  });
});

describe('a ring of nodes with varied room that is filled', () => {
  it.each(['1', '2', '3'])(
    'is over 95% full before an insert fails, since full nodes divert (PAST §3.3; seed %s)',
    { timeout: 60_000 },
    (seed) => {
      const figures = simulateFill({ nodes: 100, seed, k: 3, scale: 1 });
      expect(figures.utilizationAtFirstFailure).toBeGreaterThan(0.95);
      expect(figures.utilizationWithoutDiversion).toBeLessThan(figures.utilizationAtFirstFailure - 0.2);
      expect(figures.divertedShare).toBeGreaterThan(0);
      expect(figures.divertedShare).toBeLessThan(0.35);
      expect(figures.farShare).toBeLessThan(0.15);
    },
  );
});

describe('the agenda', () => {
  it('keeps to time, and to the order of planning', () => {
    const agenda = new Agenda();
    const seen: string[] = [];
    for (let i = 0; i < 200; i++) {
      const at = (i * 7919) % 100;
      agenda.after(at, () => seen.push(`${String(at).padStart(2, '0')} ${String(i).padStart(3, '0')}`));
    }
    agenda.runUntil(50);
    expect(seen.every((one) => Number(one.slice(0, 2)) <= 50)).toBe(true);
    agenda.runUntil(100);
    expect(seen).toHaveLength(200);
    expect(seen).toEqual([...seen].sort());
  });
});
