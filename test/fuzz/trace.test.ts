/** Traces that anybody may have written: a sentence or a ring that plays, never an exception. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import '../support/english.ts';
import { utf8 } from '../../src/core/codec/bytes.ts';
import { figuresOf, sendsBefore } from '../../src/app/ring-player/figures.ts';
import { flyingAt, kindsOf, longestDelay, shownLookups } from '../../src/app/ring-player/flying.ts';
import { Circle } from '../../src/app/ring-player/layout.ts';
import { hopsOf, reached } from '../../src/app/ring-player/lookup-path.ts';
import { momentsOf } from '../../src/app/ring-player/moments.ts';
import { inIdOrder, Neighbourhoods } from '../../src/app/ring-player/neighbours.ts';
import { RingState } from '../../src/app/ring-player/ring-state.ts';
import { eventNames, type Trace, type TraceEvent } from '../../src/app/ring-player/trace.ts';
import { readTrace } from '../../src/app/ring-player/trace-reader.ts';
import { readStream } from '../../src/app/ring-player/load.ts';
import { viewOf } from '../../src/app/ring-player/view.ts';
import { namesOf } from '../../src/app/ring-player/words.ts';
import { headerOf, story, traceText } from '../unit/app/ring-player/sample-trace.ts';
import { anyBytes, mutated } from './mutations.ts';

const NODES = 6;
const header = headerOf(NODES, 60_000);
const valid = utf8(traceText(header, story(NODES).slice(0, 60)));

function reading() {
  return { progress: () => undefined, signal: new AbortController().signal };
}

async function check(bytes: Uint8Array): Promise<void> {
  const stream = new Blob([bytes.slice()]).stream();
  const result = await readStream(stream, reading());
  if (result.ok) playThrough(result.value);
  else expect(result.reason).toMatch(/^[A-ZÄ-Þ“].*\.$/s);
}

/** Everything that the page works out, all along. */
function playThrough(trace: Trace): void {
  const circle = new Circle(trace.nodes);
  expect(circle.angles.every((angle) => Number.isFinite(angle))).toBe(true);
  const order = inIdOrder(trace);
  const prepared = {
    names: namesOf(trace.nodes),
    order,
    moments: momentsOf(trace),
    sends: sendsBefore(trace),
  };
  const state = new RingState(trace);
  for (let ms = 0; ms <= trace.endMs; ms += Math.max(1, trace.endMs / 7)) {
    state.advance(ms);
    const figures = figuresOf(state, new Neighbourhoods(state, order), prepared.sends);
    expect(Object.values(figures.nodes).reduce((sum, count) => sum + count, 0)).toBe(trace.nodes.length);
    expect(figures.whole).toBeLessThanOrEqual(figures.live);
    expect(figures.answered + figures.lost + figures.underWay).toBeLessThanOrEqual(figures.asked);
    const flying = flyingAt(state, kindsOf(trace), 500, longestDelay(trace));
    expect(flying.every(({ share }) => share >= 0 && share <= 1)).toBe(true);
    for (const lookup of shownLookups(state, 500)) {
      const traced = trace.lookups[lookup]!;
      expect(trace.nodes[reached(traced, hopsOf(trace, traced, ms), ms)]).toBeDefined();
    }
    expect(viewOf(state, prepared, 0, trace.lookups.length > 0 ? 0 : undefined).scene).not.toBe('');
  }
}

test('any bytes are refused in a sentence', async () => {
  await fc.assert(fc.asyncProperty(anyBytes, check));
});

test('a good trace that was tampered with is refused, or plays', async () => {
  await fc.assert(fc.asyncProperty(mutated([valid]), check), { numRuns: 300 });
});

const small = fc.integer({ min: -1, max: NODES });
const field = fc.oneof(
  small,
  fc.constantFrom<unknown>(NaN, 1.5, '', null, [], {}, true, 'lookup', '0123456789abc', 2 ** 53),
);
const line = fc.record(
  {
    t: fc.oneof(fc.nat(60_000), field),
    e: fc.oneof(fc.constantFrom(...eventNames), fc.string()),
    ...Object.fromEntries(
      ['n', 'a', 'b', 'k', 'd', 'id', 'key', 'root', 'hops', 'right', 'groups'].map((name) => [name, field]),
    ),
  },
  { requiredKeys: ['t', 'e'] },
);

test('lines of any fields are refused in a sentence', () => {
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 5 }), (lines) => {
      const result = readTrace([header, ...lines].map((one) => JSON.stringify(one)).join('\n'));
      if (result.ok) playThrough(result.value);
      else expect(result.reason).toMatch(/^Line \d+.*\.$/);
    }),
  );
});

const node = fc.nat(NODES - 1);
const key = fc.stringMatching(/^[0-9a-f]{13}$/);
/** Events that fit the schema, in any order: links of the dead, answers to nobody, partitions in partitions. */
const event: fc.Arbitrary<TraceEvent> = fc.oneof(
  fc.record({
    t: fc.nat(5_000),
    e: fc.constantFrom('up', 'ready', 'unready', 'leave', 'crash', 'sleep', 'wake'),
    n: node,
  }),
  fc
    .record({ t: fc.nat(5_000), e: fc.constantFrom('link', 'unlink'), a: node, b: node })
    .filter(({ a, b }) => a !== b),
  fc
    .record({
      t: fc.nat(5_000),
      e: fc.constant('send'),
      a: node,
      b: node,
      k: fc.constantFrom('lookup', 'reply', 'x'),
      d: fc.nat(60_000),
    })
    .filter(({ a, b }) => a !== b),
  fc.record({ t: fc.nat(5_000), e: fc.constant('lookup'), n: node, id: fc.nat(), key }),
  fc.record({
    t: fc.nat(5_000),
    e: fc.constant('cut'),
    groups: fc.array(fc.nat(7), { minLength: NODES, maxLength: NODES }),
  }),
  fc.record({ t: fc.nat(5_000), e: fc.constant('heal') }),
) as fc.Arbitrary<TraceEvent>;

test('events in an order that makes no sense still play', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(event, { maxLength: 40, selector: (one) => ('id' in one ? one.id : one) }),
      (events) => {
        const sorted = [...events].sort((x, y) => x.t - y.t);
        const ends = sorted.flatMap((one): TraceEvent[] =>
          one.e === 'lookup'
            ? [{ t: 5_000, e: 'answer', n: one.n, id: one.id, root: 0, hops: 3, right: false }]
            : [],
        );
        const result = readTrace(traceText(header, [...sorted, ...ends]));
        expect(result.ok).toBe(true);
        if (result.ok) playThrough(result.value);
      },
    ),
  );
});
