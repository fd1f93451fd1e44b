import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import '../../../support/english.ts';
import { figuresOf, sendsBefore } from '../../../../src/app/ring-player/figures.ts';
import { flyingAt, kindsOf, longestDelay, shownLookups } from '../../../../src/app/ring-player/flying.ts';
import {
  followedUntil,
  lookupAfter,
  pace,
  TRAVELLING_SPEED,
} from '../../../../src/app/ring-player/following.ts';
import { hopsOf, reached } from '../../../../src/app/ring-player/lookup-path.ts';
import { momentAt, momentsOf } from '../../../../src/app/ring-player/moments.ts';
import { inIdOrder, Neighbourhoods } from '../../../../src/app/ring-player/neighbours.ts';
import { rowsOf } from '../../../../src/app/ring-player/node-rows.ts';
import { RingState, stateAt } from '../../../../src/app/ring-player/ring-state.ts';
import type { Trace } from '../../../../src/app/ring-player/trace.ts';
import { viewOf } from '../../../../src/app/ring-player/view.ts';
import { namesOf } from '../../../../src/app/ring-player/words.ts';
import { headerOf, story } from './sample-trace.ts';
import { traceOf } from './trace-of.ts';

const NODES = 40;
const trace = traceOf(headerOf(NODES, 60_000), story(NODES));
const order = inIdOrder(trace);
const figuresAt = (ms: number) => {
  const state = stateAt(trace, ms);
  return figuresOf(state, new Neighbourhoods(state, order), sendsBefore(trace));
};

/** Everything about a state that can be seen. */
function seen(state: RingState): unknown {
  const { status, changedAtMs, links, lookups, underWay, cut, sent, version, next } = state;
  return { status, changedAtMs, links, lookups, underWay, cut, sent, version, next };
}

describe('the state at a time', () => {
  test('is the same in one leap and in many steps', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(60_000), { minLength: 1, maxLength: 12 }), (times) => {
        const stepping = new RingState(trace);
        for (const ms of times.sort((a, b) => a - b)) {
          stepping.advance(ms);
          expect(seen(stepping)).toEqual(seen(stateAt(trace, ms)));
        }
      }),
      { numRuns: 40 },
    );
  });

  test('follows a node’s life', () => {
    const life = traceOf(headerOf(2, 100), [
      { t: 10, e: 'up', n: 1 },
      { t: 20, e: 'ready', n: 1 },
      { t: 30, e: 'unready', n: 1 },
      { t: 40, e: 'sleep', n: 1 },
      { t: 50, e: 'wake', n: 1 },
      { t: 60, e: 'leave', n: 1 },
      { t: 70, e: 'up', n: 1 },
      { t: 80, e: 'crash', n: 1 },
    ]);
    const at = (ms: number): string => stateAt(life, ms).statusOf(1);
    expect([9, 10, 20, 30, 40, 50, 60, 70, 80].map(at)).toEqual([
      'absent',
      'joining',
      'ready',
      'joining',
      'asleep',
      'joining',
      'left',
      'joining',
      'crashed',
    ]);
    expect(stateAt(life, 80).changedAtMs[1]).toBe(80);
    expect(stateAt(life, 25).isLive(1)).toBe(true);
    expect(stateAt(life, 45).isLive(1)).toBe(false);
  });

  test('a link is one from both ends, and silent when an end is gone or cut off', () => {
    const state = stateAt(trace, 19_999);
    expect(state.linked(4, 5)).toBe(true);
    expect(state.linked(5, 4)).toBe(true);
    expect(state.reaches(3, 4)).toBe(true);
    state.advance(20_000);
    expect(state.linked(3, 4)).toBe(true);
    expect(state.reaches(3, 4)).toBe(false);
    expect(state.reaches(4, 5)).toBe(true);
    state.advance(30_000);
    expect([state.reaches(4, 5), state.reaches(4, 6)]).toEqual([false, true]);
    state.advance(40_000);
    expect(state.reaches(4, 5)).toBe(true);
    expect(state.cut).toMatchObject({ cutAtMs: 30_000, healedAtMs: 40_000 });
  });

  test('a look-up of a node that crashes is dropped, and its answer is nobody’s', () => {
    const events = [
      { t: 1, e: 'lookup', n: 0, id: 1, key: '0000000000000' },
      { t: 1, e: 'lookup', n: 1, id: 2, key: '0000000000000' },
      { t: 2, e: 'crash', n: 0 },
      { t: 3, e: 'answer', n: 0, id: 1, root: 1, hops: 1, right: true },
      { t: 4, e: 'lost', n: 1, id: 2 },
    ] as const;
    const state = stateAt(traceOf(headerOf(2, 10), events), 10);
    expect(state.lookups).toEqual({ asked: 2, answered: 0, right: 0, lost: 1, dropped: 1, hops: 0 });
    expect(state.underWay.size).toBe(0);
  });
});

describe('leaf sets (Rowstron & Druschel 2001, §2.2)', () => {
  test('are the nearest eight on either side, around the end of the circle', () => {
    const neighbourhoods = new Neighbourhoods(stateAt(trace, 10_000), order);
    expect(neighbourhoods.leafSetOf(20)).toEqual([
      12, 13, 14, 15, 16, 17, 18, 19, 21, 22, 23, 24, 25, 26, 27, 28,
    ]);
    expect(neighbourhoods.leafSetOf(0)).toEqual([32, 33, 34, 35, 36, 37, 38, 39, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test('of a small ring are all others, each once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 17 }), (count) => {
        const small = traceOf(
          headerOf(count, 60_000),
          story(count).filter(({ e }) => e === 'up'),
        );
        const neighbourhoods = new Neighbourhoods(stateAt(small, 60_000), inIdOrder(small));
        for (let node = 0; node < count; node++) {
          const others = [...Array(count).keys()].filter((other) => other !== node);
          expect([...neighbourhoods.leafSetOf(node)].sort((a, b) => a - b)).toEqual(others);
        }
      }),
    );
  });

  test('leave out the dead, and in a partition the others', () => {
    const dead = new Neighbourhoods(stateAt(trace, 20_000), order);
    expect(dead.leafSetOf(4)).toEqual([33, 34, 35, 36, 37, 38, 39, 0, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(dead.leafSetOf(1)).toEqual([]);
    const halves = new Neighbourhoods(stateAt(trace, 30_000), order);
    expect(halves.leafSetOf(20).every((node) => node % 2 === 0)).toBe(true);
    expect(halves.leafSetOf(20)).toHaveLength(16);
  });
});

describe('figures', () => {
  test('tell the story: all whole, a crash, repair, a cut, two rings, one ring', () => {
    expect(figuresAt(0)).toMatchObject({ live: 1, whole: 0, links: 0, asked: 0, meanHops: undefined });
    expect(figuresAt(10_000)).toMatchObject({ live: 40, whole: 40, links: (NODES * 16) / 2 });
    expect(figuresAt(20_000)).toMatchObject({ live: 37, nodes: { ready: 37, crashed: 3 } });
    expect(figuresAt(20_000).whole).toBeLessThan(37);
    expect(figuresAt(25_000)).toMatchObject({ live: 37, whole: 37 });
    expect(figuresAt(30_000).whole).toBe(0);
    expect(figuresAt(33_000).whole).toBe(37);
    expect(figuresAt(60_000)).toMatchObject({
      live: 37,
      whole: 37,
      asked: 50,
      answered: 50,
      right: 50,
      meanHops: 2,
    });
  });

  test('messages a second are those of the last two seconds', () => {
    expect(figuresAt(9_999).messagesPerSecond).toBe(0);
    expect(figuresAt(12_999).messagesPerSecond).toBe(5);
  });

  test('look-ups under way are neither answered nor lost', () => {
    expect(figuresAt(10_100)).toMatchObject({ asked: 1, answered: 0, underWay: 1 });
    expect(figuresAt(10_180)).toMatchObject({ asked: 1, answered: 1, underWay: 0 });
  });
});

describe('what flies', () => {
  const kinds = kindsOf(trace);
  const flying = (ms: number, leastMs: number) =>
    flyingAt(stateAt(trace, ms), kinds, leastMs, longestDelay(trace));

  test('a message is somewhere on its way from its sending to its arrival', () => {
    const [first] = trace.lookups;
    const [asker, between] = [first!.asker, trace.events.b[first!.sends[0]!] as number];
    expect(flying(10_010, 0)).toEqual([{ from: asker, to: between, kind: 'lookup', share: 0.25 }]);
    expect(flying(10_040, 0).map(({ share }) => share)).toEqual([0, 1]);
    expect(flying(10_041, 0)).toHaveLength(1);
  });

  test('a short way is drawn longer, so that it can be seen', () => {
    expect(flying(10_041, 400)).toHaveLength(2);
    expect(flying(10_100, 400).at(-1)).toMatchObject({ share: 0.25 });
    expect(flying(10_100, 400)[0]!.kind).toBe('answer');
  });

  test('a look-up is shown from its question until a little after its answer', () => {
    const shown = (ms: number) => shownLookups(stateAt(trace, ms), 300);
    expect([9_999, 10_000, 10_180, 10_480, 10_481].map((ms) => shown(ms).length)).toEqual([0, 1, 1, 1, 0]);
  });

  test('the hops of a look-up are numbered from the asker on, its answer’s are not', () => {
    const [first] = trace.lookups;
    const hops = hopsOf(trace, first!, 10_200);
    expect(hops.map(({ number }) => number)).toEqual([1, 2, 0, 0]);
    expect(hopsOf(trace, first!, 10_039)).toHaveLength(1);
    const upTo = (ms: number) => reached(first!, hopsOf(trace, first!, ms), ms);
    expect(upTo(10_039)).toBe(first!.asker);
    expect(upTo(10_040)).toBe(hops[0]!.to);
    expect(upTo(10_090)).toBe(hops[1]!.to);
    expect(upTo(10_180)).toBe(first!.end?.kind === 'answer' && first!.end.root);
  });

  test('a hop that is tried again around a silent node keeps its number', () => {
    const rerouted = traceOf(headerOf(4, 100), [
      { t: 0, e: 'lookup', n: 0, id: 0, key: '0000000000000' },
      { t: 0, e: 'send', a: 0, b: 1, k: 'lookup', d: 5, id: 0 },
      { t: 20, e: 'send', a: 0, b: 2, k: 'lookup', d: 5, id: 0 },
      { t: 25, e: 'send', a: 2, b: 3, k: 'lookup', d: 5, id: 0 },
    ]);
    expect(hopsOf(rerouted, rerouted.lookups[0]!, 100).map(({ number }) => number)).toEqual([1, 1, 2]);
  });
});

describe('following a look-up', () => {
  const waiting = traceOf(headerOf(3, 20_000), [
    { t: 100, e: 'lookup', n: 0, id: 0, key: '0000000000000' },
    { t: 100, e: 'send', a: 0, b: 1, k: 'lookup', d: 40, id: 0 },
    { t: 2_000, e: 'send', a: 0, b: 2, k: 'lookup', d: 40, id: 0 },
    { t: 2_040, e: 'send', a: 2, b: 0, k: 'reply', d: 40, id: 0 },
    { t: 2_080, e: 'answer', n: 0, id: 0, root: 2, hops: 1, right: true },
    { t: 3_000, e: 'lookup', n: 0, id: 1, key: '0000000000000' },
  ]);
  const [first, second] = waiting.lookups;

  test('is slow while a message travels, and waits in real time up to the next one', () => {
    expect(pace(waiting, first!, 120)).toEqual({ speed: TRAVELLING_SPEED, untilMs: 2_080 });
    expect(pace(waiting, first!, 140)).toEqual({ speed: 1, untilMs: 2_000 });
    expect(pace(waiting, first!, 2_000)).toEqual({ speed: TRAVELLING_SPEED, untilMs: 2_080 });
  });

  test('ends with the answer, or when there is none after a while', () => {
    expect(followedUntil(waiting, first!)).toBe(2_080);
    expect(followedUntil(waiting, second!)).toBe(13_000);
    expect(pace(waiting, second!, 5_000)).toEqual({ speed: 1, untilMs: 13_000 });
  });

  test('goes on with the next one that is asked', () => {
    expect([0, 100, 2_999, 3_000].map((ms) => lookupAfter(waiting, ms))).toEqual([0, 1, 1, undefined]);
  });
});

describe('moments', () => {
  const moments = momentsOf(trace);

  test('tell the story in order, with when the ring was whole again', () => {
    expect(moments.map(({ atMs, kind, title }) => [atMs, kind, title])).toEqual([
      [0, 'join', '40 nodes join'],
      [4_400, 'ready', 'All 40 are ready'],
      [20_000, 'crash', '3 nodes crash'],
      [25_000, 'whole', 'Whole after 5.0 s'],
      [30_000, 'cut', 'The network is cut in 2'],
      [33_000, 'whole', 'Whole after 3.0 s'],
      [40_000, 'heal', 'The cut heals'],
      [40_500, 'whole', 'Whole after 0.5 s'],
    ]);
    expect(moments[4]!.text).toContain('Groups of 19 and 18 nodes');
  });

  test('the present moment is the last that has begun', () => {
    expect(momentAt(moments, 20_000)?.kind).toBe('crash');
    expect(momentAt(moments, 24_999)?.kind).toBe('crash');
    expect(momentAt(moments, -1)).toBeUndefined();
  });

  test('daily life is no story: of many crashes only the crowds are told', () => {
    const many: Trace = traceOf(
      headerOf(NODES, 600_000),
      Array.from({ length: 30 }, (_, i) => ({ t: 10_000 * (i + 1), e: 'crash', n: i }) as const),
    );
    expect(momentsOf(many)).toEqual([]);
  });
});

describe('beside the ring', () => {
  const prepared = {
    names: namesOf(trace.nodes),
    order,
    moments: momentsOf(trace),
    sends: sendsBefore(trace),
  };

  test('the chosen node’s leaf set, with who is missing in it, and its other links', () => {
    const { chosen, scene } = viewOf(stateAt(trace, 20_000), prepared, 4, undefined);
    expect(chosen!.leafSet.filter(({ linked }) => !linked).map(({ node }) => node)).toEqual([33, 34, 35]);
    expect(chosen!.further.map(({ node }) => node)).toEqual([1, 2, 3]);
    expect(scene).toBe('A ring: 37 nodes ready, 3 crashed; 320 links.');
    expect(viewOf(stateAt(trace, 31_000), prepared, undefined, undefined).scene).toMatch(
      /^2 rings that cannot/,
    );
  });

  test('the followed look-up in words', () => {
    const at = (ms: number) => viewOf(stateAt(trace, ms), prepared, undefined, 0).lookup;
    expect(at(10_020)).toMatch(/asks for the root of key .{6}…: hop 1\.$/);
    expect(at(10_180)).toMatch(/found in 2 hops, 0\.18 s\. Right: nobody who is there is closer to it\.$/);
  });

  test('a row for each node', () => {
    const rows = rowsOf(stateAt(trace, 20_000), order);
    expect(rows).toHaveLength(NODES);
    expect(rows[4]).toEqual({ node: 4, status: 'ready', links: 16, leaves: 16, leavesLinked: 13 });
    expect(rows[1]).toMatchObject({ status: 'crashed', leaves: 0 });
  });
});
