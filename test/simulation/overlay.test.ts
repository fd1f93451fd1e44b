/** Rings of overlay machines under a seeded scheduler: they form, route to the true root, and heal. */
import { describe, expect, test } from 'vitest';
import { idText, type Key } from '../../src/core/codec/id.ts';
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

  test('300 nodes: true roots, few hops, bounded links', () => {
    const simulation = new OverlaySimulation({ seed: 300 });
    const { tabs } = ring(simulation, 299, 'one by one');
    simulation.run(30_000);
    expect(simulation.wrongLeafSets()).toEqual([]);
    const ended = lookups(simulation, 500);
    expectTrueRoots(ended);
    expect(hopsOf(ended)).toBeLessThan(4);
    for (const tab of tabs) expect(tab.links.size).toBeLessThanOrEqual(48);
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
