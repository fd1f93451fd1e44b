/** Duplicates and gaps of one sender: the rules, and a comparison with a naive twin that remembers everything. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GAP_GRACE_MS, LATE_MAX, OVERTAKING_MAX } from '../../../src/core/multicast/limits.ts';
import { Stream, type MissingRange } from '../../../src/core/multicast/stream.ts';

describe('a stream', () => {
  test('begins with what it hears first; what is a little older may be late', () => {
    const stream = new Stream(1, 100);
    expect(stream.look(1, 100)).toBe('duplicate');
    expect(stream.look(1, 99)).toBe('new');
    expect(stream.take(1, 99, 0)).toEqual([]);
    expect(stream.look(1, 99)).toBe('duplicate');
    expect(stream.look(1, 100 - LATE_MAX)).toBe('new');
    expect(stream.look(1, 100 - LATE_MAX - 1)).toBe('duplicate');
    expect(stream.reportAt).toBeUndefined();
  });

  test('reports a gap once, when what overtook it has waited', () => {
    const stream = new Stream(1, 0);
    expect(stream.take(1, 3, 1_000)).toEqual([]);
    expect(stream.reportAt).toBe(1_000 + GAP_GRACE_MS);
    expect(stream.report(1_000 + GAP_GRACE_MS - 1)).toEqual([]);
    expect(stream.report(1_000 + GAP_GRACE_MS)).toEqual([{ epoch: 1, first: 1, count: 2 }]);
    expect(stream.report(1_000_000)).toEqual([]);
    expect(stream.reportAt).toBeUndefined();
  });

  test('what comes after its gap was reported is new all the same, once', () => {
    const stream = new Stream(1, 0);
    stream.take(1, 3, 0);
    stream.report(GAP_GRACE_MS);
    expect(stream.look(1, 2)).toBe('new');
    stream.take(1, 2, GAP_GRACE_MS);
    expect(stream.look(1, 2)).toBe('duplicate');
    expect(stream.look(1, 1)).toBe('new');
  });

  test('what only changed places is no gap', () => {
    const stream = new Stream(1, 0);
    stream.take(1, 2, 0);
    stream.take(1, 1, 500);
    expect(stream.reportAt).toBeUndefined();
    expect(stream.report(1_000_000)).toEqual([]);
  });

  test('a later epoch begins at 0; an earlier one is stale', () => {
    const stream = new Stream(5, 7);
    expect(stream.look(4, 8)).toBe('stale-epoch');
    expect(stream.take(6, 2, 0)).toEqual([]);
    expect(stream.report(GAP_GRACE_MS)).toEqual([{ epoch: 6, first: 0, count: 2 }]);
    expect(stream.look(5, 8)).toBe('stale-epoch');
  });

  test('the end of an epoch reports what was missing in it', () => {
    const stream = new Stream(5, 0);
    stream.take(5, 2, 0);
    expect(stream.take(6, 0, 1)).toEqual([{ epoch: 5, first: 1, count: 1 }]);
    expect(stream.reportAt).toBeUndefined();
  });

  test('remembers a bounded number of overtakers and of late ones', () => {
    const stream = new Stream(1, 0);
    const gaps: MissingRange[] = [];
    for (let seq = 2; seq <= OVERTAKING_MAX + 2; seq++) gaps.push(...stream.take(1, seq, 0));
    expect(gaps).toEqual([{ epoch: 1, first: 1, count: 1 }]);
    stream.take(1, 1_000_000, 0);
    expect(stream.report(GAP_GRACE_MS)).toHaveLength(1);
    expect(stream.look(1, 999_999)).toBe('new');
    expect(stream.look(1, 1_000_000 - LATE_MAX)).toBe('new');
    expect(stream.look(1, 1_000_000 - LATE_MAX - 1)).toBe('duplicate');
    expect(stream.look(1, 1)).toBe('duplicate');
  });
});

test('against a naive twin: nothing is taken twice, and what came and what was reported missing is everything', () => {
  const happening = fc.record({ seq: fc.nat(40), passMs: fc.nat(GAP_GRACE_MS) });
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 80 }), (happenings) => {
      const stream = new Stream(1, 0);
      const [taken, missing] = [new Set([0]), new Set<number>()];
      let now = 0;
      const note = (gaps: readonly MissingRange[]): void => {
        for (const { first, count } of gaps)
          for (let seq = first; seq < first + count; seq++) {
            expect(taken.has(seq)).toBe(false);
            expect(missing.has(seq)).toBe(false);
            missing.add(seq);
          }
      };
      for (const { seq, passMs } of happenings) {
        now += passMs;
        note(stream.report(now));
        expect(stream.look(1, seq)).toBe(taken.has(seq) ? 'duplicate' : 'new');
        if (taken.has(seq)) continue;
        taken.add(seq);
        note(stream.take(1, seq, now));
      }
      for (let i = 0; i < 50; i++) note(stream.report((now += GAP_GRACE_MS)));
      for (let seq = 0; seq <= Math.max(...taken); seq++)
        expect(taken.has(seq) || missing.has(seq)).toBe(true);
    }),
  );
});
