/** Rings of overlay machines under a seeded scheduler: they form, route to the true root, and heal. */
import { describe, expect, test } from 'vitest';
import { idText, type Key } from '../../src/core/codec/id.ts';
import { LINKS_MAX } from '../../src/core/codec/limits.ts';
import { OverlaySimulation, type Ended, type SimulatedNode } from './overlay-simulation.ts';

/** A relay and `count` tabs that joined it, one after the other or all at once. */
function ring(
  simulation: OverlaySimulation,
  count: number,
  how: 'one by one' | 'at once',
): { relay: SimulatedNode; tabs: SimulatedNode[] } {
  const relay = simulation.add('relay');
  simulation.start(relay, []);
  const tabs = Array.from({ length: count }, () => simulation.add());
  for (const tab of tabs) {
    simulation.start(tab, [relay]);
    if (how === 'one by one') expect(simulation.runUntil(() => tab.machine.ready, 20_000)).toBe(true);
  }
  expect(simulation.runUntil(() => simulation.readyNodes.length === count + 1, 60_000)).toBe(true);
  return { relay, tabs };
}

/** Looks up `count` random keys from random nodes, all at once, and waits for the answers. */
function lookups(simulation: OverlaySimulation, count: number): Ended[] {
  const calls = Array.from({ length: count }, () => {
    const from = simulation.alive[simulation.random.below(simulation.alive.length)]!;
    return simulation.lookup(from, simulation.random.bytes(32) as Key);
  });
  simulation.run(11_000);
  return calls.map(({ ended }) => ended!);
}

function rootOf(ended: Ended): string {
  return ended.outcome.kind === 'root' ? idText(ended.outcome.nearest[0]!) : JSON.stringify(ended.outcome);
}

/** Every lookup ended, and at a node that was the true root while it was under way. */
function expectTrueRoots(ended: readonly Ended[]): void {
  for (const one of ended) expect([...one.acceptable]).toContain(rootOf(one));
}

function hopsOf(ended: readonly Ended[]): number {
  const hops = ended.map(({ outcome }) => (outcome.kind === 'root' ? outcome.hopCount : NaN));
  return hops.reduce((sum, count) => sum + count, 0) / hops.length;
}

describe('forming', () => {
  test('a node alone is ready at once and root of everything', () => {
    const simulation = new OverlaySimulation({ seed: 1, encode: true });
    const { relay } = ring(simulation, 0, 'one by one');
    const [ended] = lookups(simulation, 1);
    expect(rootOf(ended!)).toBe(relay.name);
  });

  test('17 nodes all know and link each other', () => {
    const simulation = new OverlaySimulation({ seed: 2, encode: true });
    const { relay, tabs } = ring(simulation, 16, 'at once');
    simulation.run(5_000);
    expect(simulation.wrongLeafSets()).toEqual([]);
    for (const node of [relay, ...tabs]) expect(node.links.size).toBe(16);
    expectTrueRoots(lookups(simulation, 100));
    expect([...simulation.refusals]).toEqual([]);
  });

  test.each(['one by one', 'at once'] as const)('60 nodes that join %s', (how) => {
    const simulation = new OverlaySimulation({ seed: how, encode: true });
    ring(simulation, 59, how);
    simulation.run(10_000);
    expect(simulation.wrongLeafSets()).toEqual([]);
    const ended = lookups(simulation, 200);
    expectTrueRoots(ended);
    expect(hopsOf(ended)).toBeLessThan(3);
    expect([...simulation.refusals]).toEqual([]);
  });

  test('150 nodes: true roots, few hops, bounded links', { timeout: 120_000 }, () => {
    const simulation = new OverlaySimulation({ seed: 150 });
    const { tabs } = ring(simulation, 149, 'one by one');
    simulation.run(30_000);
    expect(simulation.wrongLeafSets()).toEqual([]);
    const ended = lookups(simulation, 500);
    expectTrueRoots(ended);
    expect(hopsOf(ended)).toBeLessThan(3);
    for (const tab of tabs) expect(tab.links.size).toBeLessThanOrEqual(LINKS_MAX);
  });

  test('the same seed gives the same trace, another seed another one', () => {
    const traceOf = (seed: number): string => {
      const simulation = new OverlaySimulation({ seed, loss: 0.01 });
      ring(simulation, 20, 'at once');
      lookups(simulation, 20);
      return Buffer.from(simulation.trace).toString('hex');
    };
    expect(traceOf(7)).toBe(traceOf(7));
    expect(traceOf(7)).not.toBe(traceOf(8));
  });
});

describe('requests', () => {
  test('reach a node without a link to it, hop by hop, and come back', () => {
    const simulation = new OverlaySimulation({ seed: 'requests', encode: true });
    const { tabs } = ring(simulation, 79, 'at once');
    simulation.run(30_000);
    const pairs = tabs.flatMap((from) =>
      tabs.filter((to) => to !== from && !from.links.has(to.name)).map((to) => [from, to] as const),
    );
    expect(pairs.length).toBeGreaterThan(100);
    const calls = pairs
      .filter((_, i) => i % 17 === 0)
      .map(([from, to]) => simulation.request(from, to.contact.nodeId, to.contact.nodeId));
    simulation.run(11_000);
    for (const { ended } of calls) expect(ended?.outcome.kind).toBe('response');
  });

  test('to nobody fail fast with `unreachable`', () => {
    const simulation = new OverlaySimulation({ seed: 'nobody' });
    const { tabs } = ring(simulation, 39, 'at once');
    simulation.run(5_000);
    const calls = tabs.map((from) =>
      simulation.request(from, simulation.random.bytes(32) as Key, simulation.random.bytes(8)),
    );
    simulation.run(1_000);
    for (const { ended } of calls) expect(ended?.outcome).toEqual({ kind: 'failure', code: 'unreachable' });
  });
});

describe('coming and going', () => {
  test('nodes that leave are missed at once, and leaf sets fill again', () => {
    const simulation = new OverlaySimulation({ seed: 'leave' });
    const { tabs } = ring(simulation, 49, 'at once');
    simulation.run(5_000);
    for (const tab of tabs.slice(0, 12)) {
      simulation.leave(tab);
      simulation.run(200);
    }
    simulation.run(3_000);
    expect(simulation.wrongLeafSets()).toEqual([]);
    expectTrueRoots(lookups(simulation, 100));
  });

  test.each([
    ['the links say so', 3_000],
    ['only probes find out', Infinity],
  ])('a quarter crashes at once and %s', (_, silenceMs) => {
    const simulation = new OverlaySimulation({ seed: 'crash', silenceMs });
    const { tabs } = ring(simulation, 59, 'at once');
    simulation.run(5_000);
    for (const tab of tabs.slice(0, 15)) simulation.crash(tab);
    // Until the crashes are noticed a look-up may time out, but none may end at a wrong root.
    expectTrueRoots(lookups(simulation, 100).filter(({ outcome }) => outcome.kind === 'root'));
    simulation.run(60_000);
    expect(simulation.wrongLeafSets()).toEqual([]);
    expectTrueRoots(lookups(simulation, 100));
  });

  test('a node that crashed is not brought back by hearsay, and its restart is taken at once', () => {
    const simulation = new OverlaySimulation({ seed: 'restart' });
    const { relay, tabs } = ring(simulation, 9, 'at once');
    simulation.run(5_000);
    const [dead] = tabs;
    simulation.crash(dead!);
    simulation.run(4_000);
    for (let second = 0; second < 60; second++) {
      simulation.run(1_000);
      for (const node of simulation.alive)
        expect(node.machine.leafSet().some(({ nodeId }) => nodeId === dead!.contact.nodeId)).toBe(false);
    }
    simulation.restart(dead!, [relay]);
    expect(simulation.runUntil(() => dead!.machine.ready, 2_000)).toBe(true);
    expect(simulation.wrongLeafSets()).toEqual([]);
  });

  test.each([1, 2, 3])('under churn no look-up ends at a wrong root (seed %i)', (seed) => {
    const simulation = new OverlaySimulation({ seed, silenceMs: 3_000 });
    const { relay } = ring(simulation, 39, 'at once');
    const { random } = simulation;
    const calls: { ended: Ended | undefined }[] = [];
    for (let round = 0; round < 60; round++) {
      const tabs = simulation.readyNodes.filter((node) => node !== relay);
      const victim = tabs[random.below(tabs.length)]!;
      if (round % 3 === 0) simulation.start(simulation.add(), [relay]);
      if (round % 3 === 1) simulation.crash(victim);
      if (round % 3 === 2) simulation.leave(victim);
      for (let i = 0; i < 5; i++) {
        const from = simulation.readyNodes[random.below(simulation.readyNodes.length)]!;
        calls.push(simulation.lookup(from, random.bytes(32) as Key));
      }
      simulation.run(1_500);
    }
    simulation.run(30_000);
    const answered = calls.flatMap(({ ended }) => (ended?.outcome.kind === 'root' ? [ended] : []));
    expectTrueRoots(answered);
    // Those whose asker died have no end; hardly any other may fail.
    expect(answered.length).toBeGreaterThan(0.95 * calls.length);
    expect(simulation.wrongLeafSets()).toEqual([]);
  });

  test('lost messages are made up for', () => {
    const simulation = new OverlaySimulation({ seed: 'loss', loss: 0.03 });
    ring(simulation, 39, 'at once');
    simulation.run(60_000);
    expect(simulation.wrongLeafSets()).toEqual([]);
    const ended = lookups(simulation, 200);
    const answered = ended.filter(({ outcome }) => outcome.kind === 'root');
    expectTrueRoots(answered);
    expect(answered.length).toBeGreaterThan(170);
  });
});

describe('the relay', () => {
  test('dies for a minute: tabs go on, and all are linked again when it is back', () => {
    const simulation = new OverlaySimulation({ seed: 'relay' });
    const { relay } = ring(simulation, 9, 'at once');
    simulation.run(5_000);
    simulation.crash(relay);
    simulation.run(10_000);
    expect(simulation.wrongLeafSets()).toEqual([]);
    expectTrueRoots(lookups(simulation, 50));
    simulation.run(50_000);
    simulation.restart(relay, []);
    simulation.run(12_000);
    expect(simulation.wrongLeafSets()).toEqual([]);
    expect(simulation.readyNodes).toHaveLength(10);
    expectTrueRoots(lookups(simulation, 50));
  });

  test('is the only thing that two halves have in common: they become one ring', () => {
    const simulation = new OverlaySimulation({ seed: 'halves' });
    const { relay, tabs } = ring(simulation, 40, 'at once');
    simulation.run(5_000);
    const half = new Map(tabs.map((tab, i) => [tab, 1 + (i % 2)]));
    simulation.partition((node) => half.get(node) ?? 1);
    simulation.run(60_000);
    expect(simulation.wrongLeafSets().length).toBeGreaterThan(0);
    simulation.partition(() => 0);
    simulation.run(60_000);
    expect(simulation.wrongLeafSets()).toEqual([]);
    expect(relay.machine.ready).toBe(true);
    expectTrueRoots(lookups(simulation, 100));
  });

  test('is dead, and the network falls apart and heals: remembered peers bring the parts together', () => {
    const simulation = new OverlaySimulation({ seed: 'healing' });
    const { relay, tabs } = ring(simulation, 12, 'at once');
    simulation.run(5_000);
    simulation.crash(relay);
    const half = new Map(tabs.map((tab, i) => [tab, i % 2]));
    simulation.partition((node) => half.get(node) ?? 2);
    simulation.run(90_000);
    simulation.partition(() => 0);
    simulation.run(240_000);
    expect(simulation.wrongLeafSets()).toEqual([]);
  });
});

describe('sleep', () => {
  test('after waking a node is not ready until every member of its leaf set has spoken', () => {
    const simulation = new OverlaySimulation({ seed: 'wake' });
    const { tabs } = ring(simulation, 19, 'at once');
    simulation.run(5_000);
    const [sleeper] = tabs;
    simulation.step(sleeper!, { type: 'wake' });
    expect(sleeper!.machine.ready).toBe(false);
    const call = simulation.lookup(sleeper!, sleeper!.contact.nodeId);
    expect(call.ended).toBeUndefined();
    expect(simulation.runUntil(() => call.ended !== undefined, 1_000)).toBe(true);
    expect(rootOf(call.ended!)).toBe(sleeper!.name);
  });

  test('a timer that comes much too late is taken for sleep', () => {
    const simulation = new OverlaySimulation({ seed: 'slept' });
    const { tabs } = ring(simulation, 5, 'at once');
    const { machine } = tabs[0]!;
    machine.step({ type: 'timer' }, simulation.clock.now() + 3_600_000);
    expect(machine.ready).toBe(false);
  });
});
