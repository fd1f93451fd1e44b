/** The trace that the build makes for the app's page of the ring: it can be played, and tells the whole story. */
import { expect, test } from 'vitest';
import '../support/english.ts';
import { momentsOf } from '../../src/app/ring-player/moments.ts';
import { stateAt } from '../../src/app/ring-player/ring-state.ts';
import { readTrace } from '../../src/app/ring-player/trace-reader.ts';
import { demonstration } from './overlay/demonstration.ts';

test('a ring forms, is repaired after five neighbours crash, parts in two, and becomes one again', () => {
  const result = readTrace(demonstration());
  expect(result).toMatchObject({ ok: true });
  if (!result.ok) return;
  const trace = result.value;
  expect(momentsOf(trace).map(({ kind }) => kind)).toEqual([
    'join',
    'ready',
    'crash',
    'whole',
    'cut',
    'whole',
    'heal',
    'whole',
  ]);
  const { lookups, links, underWay } = stateAt(trace, trace.endMs);
  expect(underWay.size).toBe(0);
  expect(lookups.lost).toBeLessThan(lookups.asked / 20);
  expect(lookups.answered).toBeGreaterThan(60);
  expect(links.size).toBeGreaterThan(trace.nodes.length * 8);
  // Every answered look-up that took a hop shows its way.
  const shown = trace.lookups.filter(
    ({ sends, end }) => end?.kind !== 'answer' || end.hops === 0 || sends.length > 0,
  );
  expect(shown).toHaveLength(trace.lookups.length);
});
