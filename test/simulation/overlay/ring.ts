/** Rings that form by real joins, and what they should look like. */
import { assert } from '../../../src/core/codec/assert.ts';
import type { Contact } from '../../../src/core/overlay/contact.ts';
import { LEAF_SIDE } from '../../../src/core/overlay/leaf-set.ts';
import type { SimulatedNode } from './node.ts';
import { SortedRing } from './truth.ts';
import type { World } from './world.ts';

/** Members that one relay serves, about: it links with at most 1,024. */
export const MEMBERS_PER_RELAY = 500;
/** While a ring grows, a node for each so many that are there joins each second; at most so many a second. */
const GROWTH = 5;
const JOINS_PER_SECOND_MAX = 200;

export interface Ring {
  readonly relays: readonly SimulatedNode[];
  readonly tabs: readonly SimulatedNode[];
}

/** Relays that a ring of this size has. */
export function relayCount(nodes: number): number {
  return Math.max(1, Math.ceil(nodes / MEMBERS_PER_RELAY));
}

/** A ring's members, not started: `nodes` in all, relays among them. */
export function addMembers(world: World, nodes: number, relays = relayCount(nodes)): Ring {
  return {
    relays: Array.from({ length: relays }, () => world.add('relay')),
    tabs: Array.from({ length: nodes - relays }, () => world.add()),
  };
}

/** What a node knows when it starts: the relays of the ring descriptor that it uses, two when there are as many. */
export function bootstrapOf(node: SimulatedNode, relays: readonly SimulatedNode[]): readonly Contact[] {
  const first = node.index % relays.length;
  const others = [
    first,
    (first + 1 + (Math.floor(node.index / relays.length) % relays.length)) % relays.length,
  ];
  return [...new Set(others)]
    .map((place) => relays[place]!)
    .filter((relay) => relay !== node)
    .map(({ contact }) => contact);
}

/** Starts everybody at a rate that a ring of that size bears, and waits until all are ready. */
export function joinAll(world: World, { relays, tabs }: Ring, timeoutMs = 600_000): void {
  for (const relay of relays) world.start(relay, bootstrapOf(relay, relays));
  let [next, owed] = [0, 0];
  const tick = (): void => {
    owed += Math.min(JOINS_PER_SECOND_MAX, Math.max(2, (relays.length + next) / GROWTH)) / 10;
    for (; owed >= 1 && next < tabs.length; owed--)
      world.start(tabs[next]!, bootstrapOf(tabs[next++]!, relays));
    if (next < tabs.length) world.after(100, tick);
  };
  world.after(1_000, tick);
  const all = relays.length + tabs.length;
  const ready = world.runUntil(() => next === tabs.length && world.truth.ring().size === all, timeoutMs, 100);
  assert(ready, `all ${all} nodes are ready, not only ${world.truth.ring().size}`);
}

/** Numbers of live nodes whose leaf set differs from what it should be, given who is alive and in reach (Pastry §2.1). */
export function wrongLeafSets(world: World): readonly number[] {
  const { population, directory } = world;
  const rings = new Map<number, SortedRing>();
  const { alive } = world;
  for (const { index } of alive) {
    const group = population.groups[index]!;
    if (!rings.has(group)) rings.set(group, new SortedRing(directory));
    rings.get(group)!.add(index);
  }
  const wrong = alive.filter(({ index, machine }) => {
    const should = rings.get(population.groups[index]!)!.neighbours(index, LEAF_SIDE);
    const is = new Set(machine!.leafSet().map(({ nodeId }) => directory.indexOf(nodeId)));
    return is.size !== should.length || should.some((other) => !is.has(other));
  });
  return wrong.map(({ index }) => index);
}
