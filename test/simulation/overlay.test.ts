/** Rings of overlay machines under a seeded scheduler: they form, route to the true root, and heal. */
import { describe, expect, test } from 'vitest';
import type { Id } from '../../src/core/codec/id.ts';
import { LINKS_MAX } from '../../src/core/codec/limits.ts';
import type { CallOutcome } from '../../src/core/overlay/machine-events.ts';
import { Lookups, type Ended, type LookupFigures } from './overlay/lookups.ts';
import type { SimulatedNode } from './overlay/node.ts';
import { wrongLeafSets } from './overlay/ring.ts';
import { World } from './overlay/world.ts';

/** The transports notice the death of a neighbour after this long. */
const NOTICED = { silenceMs: 3_000 };

/** A relay and `count` tabs that joined it, one after the other or all at once. */
function ring(
  world: World,
  count: number,
  how: 'one by one' | 'at once',
): { relay: SimulatedNode; tabs: SimulatedNode[] } {
  const relay = world.add('relay');
  world.start(relay, []);
  const tabs = Array.from({ length: count }, () => world.add());
  for (const tab of tabs) {
    world.start(tab, [relay.contact]);
    if (how === 'one by one') expect(world.runUntil(() => tab.machine!.ready, 20_000)).toBe(true);
  }
  expect(world.runUntil(() => world.truth.ring().size === count + 1, 60_000)).toBe(true);
  return { relay, tabs };
}

/** Looks up `count` random keys from random nodes, all at once, and waits for the answers. */
function lookups(world: World, count: number): LookupFigures {
  const book = new Lookups(world);
  for (let i = 0; i < count; i++) book.askAnything(world.alive);
  world.run(11_000);
  return book.figures;
}

function expectAllRight(world: World, count: number): LookupFigures {
  const figures = lookups(world, count);
  expect(figures).toMatchObject({ asked: count, right: count });
  return figures;
}

function request(world: World, from: SimulatedNode, to: Id): { outcome: CallOutcome | undefined } {
  const result: { outcome: CallOutcome | undefined } = { outcome: undefined };
  world.driver.call(
    from,
    10_000,
    (call) => ({ type: 'request', call, to, service: 'echo', body: new Uint8Array(32), timeoutMs: 10_000 }),
    (outcome) => (result.outcome = outcome),
  );
  return result;
}

describe('forming', () => {
  test('a node alone is ready at once and root of everything', () => {
    const world = new World({ seed: 1, encode: true });
    ring(world, 0, 'one by one');
    expectAllRight(world, 1);
  });

  test('17 nodes all know and link each other', () => {
    const world = new World({ seed: 2, encode: true });
    const { relay, tabs } = ring(world, 16, 'at once');
    world.run(5_000);
    expect(wrongLeafSets(world)).toEqual([]);
    for (const { index } of [relay, ...tabs]) expect(world.links.count(index)).toBe(16);
    expectAllRight(world, 100);
    expect([...world.driver.refusals]).toEqual([]);
  });

  test.each(['one by one', 'at once'] as const)('60 nodes that join %s', (how) => {
    const world = new World({ seed: how, encode: true });
    ring(world, 59, how);
    world.run(10_000);
    expect(wrongLeafSets(world)).toEqual([]);
    expect(expectAllRight(world, 200).meanHops).toBeLessThan(2.5);
    expect([...world.driver.refusals]).toEqual([]);
  });

  test('150 nodes: true roots, few hops, bounded links', () => {
    const world = new World({ seed: 150 });
    const { tabs } = ring(world, 149, 'at once');
    world.run(30_000);
    expect(wrongLeafSets(world)).toEqual([]);
    expect(expectAllRight(world, 500).meanHops).toBeLessThan(2.5);
    for (const { index } of tabs) expect(world.links.count(index)).toBeLessThanOrEqual(LINKS_MAX);
  });
});

describe('requests', () => {
  test('reach a node without a link to it, hop by hop, and come back', () => {
    const world = new World({ seed: 'requests', encode: true });
    const { tabs } = ring(world, 79, 'at once');
    world.run(30_000);
    const pairs = tabs.flatMap((from) =>
      tabs
        .filter((to) => to !== from && !from.machine!.isLinked(to.contact.nodeId))
        .map((to) => [from, to] as const),
    );
    expect(pairs.length).toBeGreaterThan(100);
    const calls = pairs
      .filter((_, i) => i % 17 === 0)
      .map(([from, to]) => request(world, from, to.contact.nodeId));
    world.run(11_000);
    for (const { outcome } of calls) expect(outcome?.kind).toBe('response');
  });

  test('to nobody fail fast with `unreachable`', () => {
    const world = new World({ seed: 'nobody' });
    const { tabs } = ring(world, 39, 'at once');
    world.run(5_000);
    const calls = tabs.map((from) => request(world, from, world.random.bytes(32)));
    world.run(1_500);
    for (const { outcome } of calls) expect(outcome).toEqual({ kind: 'failure', code: 'unreachable' });
  });
});

describe('coming and going', () => {
  test('nodes that leave are missed at once, and leaf sets fill again', () => {
    const world = new World({ seed: 'leave', faults: NOTICED });
    const { tabs } = ring(world, 49, 'at once');
    world.run(5_000);
    for (const tab of tabs.slice(0, 12)) {
      world.leave(tab);
      world.run(200);
    }
    world.run(10_000);
    expect(wrongLeafSets(world)).toEqual([]);
    expectAllRight(world, 100);
  });

  test.each([
    ['the links say so', 3_000],
    ['only probes find out', Infinity],
  ])('a quarter crashes at once and %s', (_, silenceMs) => {
    const world = new World({ seed: 'crash', faults: { silenceMs } });
    const { tabs } = ring(world, 59, 'at once');
    world.run(5_000);
    for (const tab of tabs.slice(0, 15)) world.crash(tab);
    // Until the crashes are noticed a look-up may time out, but none may end at a wrong root.
    expect(lookups(world, 100).wrong).toBe(0);
    world.run(120_000);
    expect(wrongLeafSets(world)).toEqual([]);
    expectAllRight(world, 100);
  });

  test('a node that crashed is not brought back by hearsay, and its restart is taken at once', () => {
    const world = new World({ seed: 'restart', faults: NOTICED });
    const { relay, tabs } = ring(world, 9, 'at once');
    world.run(5_000);
    const dead = tabs[0]!;
    world.crash(dead);
    world.run(4_000);
    for (let second = 0; second < 60; second++) {
      world.run(1_000);
      for (const node of world.alive)
        expect(node.machine!.leafSet().some(({ nodeId }) => nodeId === dead.contact.nodeId)).toBe(false);
    }
    world.start(dead, [relay.contact]);
    expect(world.runUntil(() => dead.machine!.ready, 4_000)).toBe(true);
    expect(wrongLeafSets(world)).toEqual([]);
  });

  test.each([1, 2, 3])('under churn no look-up ends at a wrong root (seed %i)', (seed) => {
    const world = new World({ seed, faults: NOTICED });
    const { relay } = ring(world, 39, 'at once');
    const { random } = world;
    const book = new Lookups(world);
    for (let round = 0; round < 60; round++) {
      const tabs = world.readyNodes.filter((node) => node !== relay);
      const victim = tabs[random.below(tabs.length)]!;
      if (round % 3 === 0) world.start(world.add(), [relay.contact]);
      if (round % 3 === 1) world.crash(victim);
      if (round % 3 === 2) world.leave(victim);
      for (let i = 0; i < 5; i++) book.askAnything(world.readyNodes);
      world.run(1_500);
    }
    world.run(30_000);
    // Those whose asker died have no end; hardly any other may fail.
    const { asked, right, wrong } = book.figures;
    expect(wrong).toBe(0);
    expect(right).toBeGreaterThan(0.95 * asked);
    expect(wrongLeafSets(world)).toEqual([]);
  });

  test('lost messages are made up for', () => {
    const world = new World({ seed: 'loss', faults: { ...NOTICED, loss: 0.03 } });
    ring(world, 39, 'at once');
    world.run(60_000);
    expect(wrongLeafSets(world)).toEqual([]);
    const { right, wrong } = lookups(world, 200);
    expect(wrong).toBe(0);
    expect(right).toBeGreaterThan(190);
  });
});

describe('the relay', () => {
  test('dies for a minute: tabs go on, and all are linked again when it is back', () => {
    const world = new World({ seed: 'relay', faults: NOTICED });
    const { relay } = ring(world, 9, 'at once');
    world.run(5_000);
    world.crash(relay);
    world.run(10_000);
    expect(wrongLeafSets(world)).toEqual([]);
    expectAllRight(world, 50);
    world.run(50_000);
    world.start(relay, []);
    world.run(12_000);
    expect(wrongLeafSets(world)).toEqual([]);
    expect(world.readyNodes).toHaveLength(10);
    expectAllRight(world, 50);
  });

  test('is the only thing that two halves have in common: they become one ring', () => {
    const world = new World({ seed: 'halves', faults: NOTICED });
    const { relay, tabs } = ring(world, 40, 'at once');
    world.run(5_000);
    const half = new Map(tabs.map(({ index }, i) => [index, 1 + (i % 2)]));
    world.partition((node) => half.get(node) ?? 1);
    world.run(60_000);
    world.heal();
    expect(wrongLeafSets(world).length).toBeGreaterThan(0);
    world.run(60_000);
    expect(wrongLeafSets(world)).toEqual([]);
    expect(relay.machine!.ready).toBe(true);
    expectAllRight(world, 100);
  });

  test('brings halves together of which some died just before, whom the other half does not know', () => {
    const world = new World({ seed: 'died before' });
    const { tabs } = ring(world, 60, 'at once');
    const half = new Map(tabs.map(({ index }, i) => [index, i % 2]));
    world.partition((node) => half.get(node) ?? 0);
    world.run(100_000);
    for (const tab of tabs.slice(0, 8)) world.crash(tab);
    world.heal();
    // Probes of the whole leaf set alone would find them out after three minutes.
    expect(world.runUntil(() => wrongLeafSets(world).length === 0, 60_000, 1_000)).toBe(true);
  });

  test('is dead while the network is in two parts: they become one ring when it is back', () => {
    const world = new World({ seed: 'healing', faults: NOTICED });
    const { relay, tabs } = ring(world, 12, 'at once');
    world.run(5_000);
    world.crash(relay);
    const half = new Map(tabs.map(({ index }, i) => [index, i % 2]));
    world.partition((node) => half.get(node) ?? 2);
    world.run(90_000);
    world.heal();
    // Nobody is left who could introduce one part to the other.
    world.run(60_000);
    expect(wrongLeafSets(world)).not.toEqual([]);
    world.start(relay, []);
    world.run(120_000);
    expect(wrongLeafSets(world)).toEqual([]);
  });
});

describe('sleep', () => {
  test('after waking a node is not ready until every member of its leaf set has spoken', () => {
    const world = new World({ seed: 'wake' });
    const { tabs } = ring(world, 19, 'at once');
    world.run(5_000);
    const sleeper = tabs[0]!;
    world.driver.dispatch(sleeper, { type: 'wake' });
    expect(sleeper.machine!.ready).toBe(false);
    let ended: Ended | undefined;
    new Lookups(world).ask(sleeper, sleeper.contact.nodeId, (end) => (ended = end));
    expect(ended).toBeUndefined();
    expect(world.runUntil(() => ended !== undefined, 1_000)).toBe(true);
    expect(ended).toMatchObject({ kind: 'right', root: sleeper.index });
  });

  test('a timer that comes much too late is taken for sleep', () => {
    const world = new World({ seed: 'slept' });
    const { tabs } = ring(world, 5, 'at once');
    const { machine } = tabs[0]!;
    machine!.step({ type: 'timer' }, Date.UTC(2026, 0, 2));
    expect(machine!.ready).toBe(false);
  });

  test('a tab that sleeps for a minute is gone round meanwhile, and finds its place again', () => {
    const world = new World({ seed: 'suspended' });
    const { tabs } = ring(world, 39, 'at once');
    world.run(5_000);
    for (const tab of tabs.slice(0, 5)) world.sleep(tab, 60_000);
    world.run(40_000);
    const book = new Lookups(world);
    for (let i = 0; i < 100; i++) book.askAnything(tabs.slice(5));
    world.run(11_000);
    expect(book.figures).toMatchObject({ right: 100 });
    world.run(40_000);
    expect(wrongLeafSets(world)).toEqual([]);
    expectAllRight(world, 100);
  });
});
