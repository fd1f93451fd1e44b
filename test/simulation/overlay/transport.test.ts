/** The simulated network: what it loses, repeats, reorders and parts, and what its links and dials take. */
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import type { Role } from '../../../src/core/identity/certificates.ts';
import { DIALS_MAX } from '../../../src/core/codec/limits.ts';
import { Directory } from './directory.ts';
import { EventQueue } from './event-queue.ts';
import { Latency } from './latency.ts';
import { LinkTable } from './link-table.ts';
import { Population } from './population.ts';
import { Traffic } from './traffic.ts';
import { DIAL_ENDED, LINK_DOWN, MESSAGE, Transport, type Faults } from './transport.ts';
import { World } from './world.ts';

const FAULTLESS: Faults = { loss: 0, duplication: 0, reordering: 0, silenceMs: Infinity };
const MESSAGES = 4_000;

interface Happened {
  readonly at: number;
  readonly kind: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly nonce: number | undefined;
}

/** Nodes of these roles, all awake and in reach of each other; nobody is linked. */
function network(faults: Partial<Faults>, roles: readonly Role[] = ['tab', 'tab']) {
  const [ids, directory, population] = [new SeededRandom('ids'), new Directory(), new Population()];
  const [queue, links, latency] = [
    new EventQueue(),
    new LinkTable(),
    new Latency(new SeededRandom('places')),
  ];
  for (const role of roles) {
    population.alive[directory.add(ids.bytes(32), role)] = 1;
    population.add(role === 'relay');
    latency.add();
  }
  const parts = { directory, population, queue, links, latency, traffic: new Traffic(false) };
  const random = new SeededRandom('network');
  const transport = new Transport({ ...parts, random, trace: undefined }, { ...FAULTLESS, ...faults });
  const happens = (ms = 100_000): Happened[] => {
    const all: Happened[] = [];
    for (const end = queue.now + ms; queue.next(end);) {
      const { payload, ...due } = queue.due;
      all.push({ ...due, nonce: (payload as { nonce: number } | undefined)?.nonce });
    }
    return all;
  };
  return { ...parts, transport, happens };
}

/** Nodes 0 and 1 are linked; one says something to the other every millisecond: when what arrives. */
function conversation(faults: Partial<Faults>) {
  const { transport, queue, latency, happens } = network(faults);
  transport.connect(0, 1);
  const arrivals: Happened[] = [];
  for (let nonce = 0; nonce < MESSAGES; nonce++) {
    expect(transport.send(0, 1, { type: 'probe', nonce })).toBe(true);
    arrivals.push(...happens(1));
  }
  arrivals.push(...happens());
  expect(arrivals.every(({ kind, a, b }) => kind === MESSAGE && a === 0 && b === 1)).toBe(true);
  expect(queue.size).toBe(0);
  return { arrivals, nonces: arrivals.map(({ nonce }) => nonce!), oneWayMs: latency.between(0, 1) };
}

const inOrder = (nonces: readonly number[]): boolean => nonces.every((n, i) => i === 0 || nonces[i - 1]! < n);

describe('messages', () => {
  test('without faults arrive once, in order, after the one-way delay and at most a tenth and a millisecond more', () => {
    const { arrivals, nonces, oneWayMs } = conversation({});
    expect(nonces).toEqual(Array.from({ length: MESSAGES }, (_, i) => i));
    for (const { at, nonce } of arrivals) {
      expect(at - nonce!).toBeGreaterThanOrEqual(oneWayMs);
      expect(at - nonce!).toBeLessThanOrEqual(1.1 * oneWayMs + 1);
    }
  });

  test('are lost by the share asked for, the others keep their order', () => {
    const { nonces } = conversation({ loss: 0.25 });
    expect(nonces.length / MESSAGES).toBeCloseTo(0.75, 1);
    expect(inOrder(nonces)).toBe(true);
  });

  test('are repeated by the share asked for', () => {
    const { nonces } = conversation({ duplication: 0.2 });
    expect(new Set(nonces).size).toBe(MESSAGES);
    expect(nonces.length / MESSAGES).toBeCloseTo(1.2, 1);
  });

  test('overtake each other only if asked for, and come half a second late at most', () => {
    const { arrivals, nonces, oneWayMs } = conversation({ reordering: 0.3 });
    expect(new Set(nonces).size).toBe(MESSAGES);
    expect(inOrder(nonces)).toBe(false);
    for (const { at, nonce } of arrivals) expect(at - nonce!).toBeLessThanOrEqual(1.1 * oneWayMs + 501);
  });

  test('need a link', () => {
    const { transport, happens } = network({});
    expect(transport.send(0, 1, { type: 'probe', nonce: 1 })).toBe(false);
    expect(happens()).toEqual([]);
  });
});

describe('links', () => {
  test('that one end closes are gone at once for it, and one delay later for the other', () => {
    const { transport, links, latency, happens } = network({});
    const number = transport.connect(0, 1);
    transport.close(0, 1);
    expect([links.numberOf(0, 1), links.numberOf(1, 0)]).toEqual([0, number]);
    expect(happens()).toMatchObject([{ kind: LINK_DOWN, at: latency.between(0, 1), a: 1, b: 0, c: number }]);
    expect(transport.drop(1, 0, number)).toBe(true);
    expect(transport.drop(1, 0, number)).toBe(false);
  });

  test.each([
    ['for ever', Infinity, []],
    ['as long as asked for', 3_000, [{ kind: LINK_DOWN, at: 3_000, a: 1, b: 0 }]],
  ])('to a node that crashed look open %s', (_, silenceMs, expected) => {
    const { transport, links, happens } = network({ silenceMs });
    transport.connect(0, 1);
    transport.end(0, false);
    expect([links.count(0), links.count(1)]).toEqual([0, 1]);
    expect(happens()).toMatchObject(expected);
  });
});

describe('dials', () => {
  test('to a relay take six one-way delays, and five seconds when it does not answer', () => {
    const { transport, population, latency, happens } = network({}, ['tab', 'relay']);
    transport.dial(0, 1, []);
    expect(happens()).toMatchObject([{ kind: DIAL_ENDED, at: 6 * latency.between(0, 1), a: 0, b: 1, c: 1 }]);
    const at = 100_000 + 5_000;
    population.alive[1] = 0;
    transport.under.clear(0);
    transport.dial(0, 1, []);
    expect(happens()).toMatchObject([{ kind: DIAL_ENDED, at, c: -2 }]);
  });

  test('to a tab need somebody who is linked with both', () => {
    const { transport, directory, latency, happens } = network({}, ['tab', 'tab', 'tab']);
    transport.connect(0, 2);
    transport.dial(0, 1, [directory.id(2)]);
    expect(happens()).toMatchObject([{ kind: DIAL_ENDED, c: -1 }]);
    expect(transport.dials).toEqual({ begun: 1, withoutIntroducer: 1, unanswered: 0 });
    transport.under.clear(0);
    transport.connect(1, 2);
    transport.dial(0, 1, [directory.id(2)]);
    const ways = 4 * (latency.between(0, 2) + latency.between(2, 1)) + 2 * latency.between(0, 1);
    expect(happens()).toMatchObject([{ kind: DIAL_ENDED, at: 100_000 + ways, c: 2 }]);
  });

  test('are so many at once, at most', () => {
    const { transport } = network(
      {},
      Array.from({ length: DIALS_MAX + 2 }, () => 'tab' as const),
    );
    const begun = Array.from({ length: DIALS_MAX + 1 }, (_, i) => transport.dial(0, i + 1, []));
    expect(begun).toEqual([...begun.slice(1).map(() => true), false]);
  });
});

test('parts of a cut network do not reach each other; healed, they do', () => {
  const world = new World({ seed: 'cut', faults: { silenceMs: 2_000 } });
  const [relay, tab] = [world.add('relay'), world.add()];
  world.start(relay, []);
  world.start(tab, [relay.contact]);
  const linked = (): boolean => world.links.isWhole(0, 1);
  expect(world.runUntil(linked, 5_000)).toBe(true);
  world.run(1_000);
  // What is on its way at the cut does not arrive.
  world.transport.send(1, 0, { type: 'tell', service: 'cut', body: new Uint8Array(0) });
  const told: unknown[] = [];
  relay.layers = [
    { receive: (effect) => (effect.type === 'told' ? told.push(effect) > 0 : false), timer: () => undefined },
  ];
  world.partition((node) => node);
  world.run(60_000);
  expect(linked()).toBe(false);
  expect(told).toEqual([]);
  expect(world.transport.dials.unanswered).toBeGreaterThan(0);
  expect([world.truth.rootOf(relay.contact.nodeId, 1), world.truth.rootOf(relay.contact.nodeId, 0)]).toEqual([
    -1, -1,
  ]);
  world.heal();
  expect(world.runUntil(linked, 20_000)).toBe(true);
});
