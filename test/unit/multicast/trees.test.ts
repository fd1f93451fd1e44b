/** Many machines over a routing oracle: trees as the paper describes them, by its sections (Castro et al., JSAC 2002). */
import { describe, expect, test } from 'vitest';
import { idText, type Id, type Key } from '../../../src/core/codec/id.ts';
import { CHILDREN_MAX, ORPHAN_MS, PARENT_SILENT_MS } from '../../../src/core/multicast/limits.ts';
import { sha256 } from '../../../src/core/crypto/hash.ts';
import { utf8 } from '../../../src/core/codec/bytes.ts';
import {
  FORGED_SIGNATURE,
  MulticastSimulation,
  publicationId,
  type MulticastSimulationOptions,
  type SimulatedMember,
} from '../../simulation/multicast-simulation.ts';

const group: Key = sha256(utf8('a group'));

/** A ring of `count` nodes of which all are members. */
function world(count: number, options: MulticastSimulationOptions, members = count): MulticastSimulation {
  const simulation = new MulticastSimulation(options);
  for (let i = 0; i < count; i++) simulation.add();
  simulation.clock.advance(1_000);
  for (const node of simulation.nodes.slice(0, members)) simulation.join(node, group);
  simulation.clock.advance(30_000);
  return simulation;
}

function idOf({ nodeId: sender, epoch }: SimulatedMember, seq: number): string {
  return publicationId({ group, sender, epoch, seq });
}

/** How often the members have what was published: the counts that occur, each once. */
function deliveries(members: readonly SimulatedMember[], sender: SimulatedMember, seq: number): number[] {
  const id = idOf(sender, seq);
  return [...new Set(members.map(({ delivered }) => delivered.get(id) ?? 0))];
}

function members(simulation: MulticastSimulation): readonly SimulatedMember[] {
  return simulation.live().filter(({ machine }) => machine.group(group)?.member);
}

describe('§2.2: the tree', () => {
  test('joins meet at the root; every member gets each multicast once, over one link each', () => {
    const simulation = world(100, { seed: 1 });
    expect(simulation.tree(group).size).toBe(99);
    simulation.told.clear();
    for (let i = 0; i < 10; i++) simulation.publish(simulation.nodes[i]!, group);
    simulation.clock.advance(2_000);
    for (let i = 0; i < 10; i++) expect(deliveries(simulation.nodes, simulation.nodes[i]!, 0)).toEqual([1]);
    // Nobody gets its own back; the root is not among the ten.
    expect(simulation.nodes.slice(0, 10)).not.toContain(simulation.closest(group));
    expect(simulation.told.get('data')).toBe(10 * 98);
    expect(simulation.counts.get('duplicates')).toBeUndefined();
  });

  test('who is no member may publish; forwarders deliver nothing', () => {
    const simulation = world(60, { seed: 2 }, 20);
    const outsider = simulation.nodes[59]!;
    simulation.publish(outsider, group);
    simulation.clock.advance(2_000);
    expect(deliveries(simulation.nodes.slice(0, 20), outsider, 0)).toEqual([1]);
    expect(deliveries(simulation.nodes.slice(20), outsider, 0)).toEqual([0]);
  });

  test('a forwarder that nobody needs any more leaves, and so on up to the root', () => {
    const simulation = world(60, { seed: 3 }, 20);
    for (const node of simulation.nodes.slice(0, 20)) simulation.step(node, { type: 'leave', group });
    simulation.clock.advance(10_000);
    expect(simulation.nodes.map(({ machine }) => machine.groupCount)).toEqual(simulation.nodes.map(() => 0));
  });

  test('nobody is told so', () => {
    const simulation = world(10, { seed: 4 }, 0);
    const { call } = simulation.publish(simulation.nodes[0]!, group);
    simulation.clock.advance(1_000);
    expect(simulation.nodes[0]!.published.get(call)).toEqual({ kind: 'nobody' });
  });

  test('a new root takes over: the old one joins it, the tree stays', () => {
    const simulation = world(60, { seed: 5 });
    const before = simulation.tree(group);
    const oldRoot = simulation.closest(group);
    const nearer = Uint8Array.from(group) as Id;
    nearer[31]! ^= 1;
    const newRoot = simulation.add(nearer);
    simulation.clock.advance(5_000);
    const after = simulation.tree(group);
    expect(after.get(oldRoot.name)).toBe(newRoot.name);
    const moved = [...before].filter(([child, parent]) => after.get(child) !== parent);
    expect(moved).toEqual([]);
    simulation.publish(simulation.nodes[3]!, group);
    simulation.clock.advance(2_000);
    expect(deliveries(members(simulation), simulation.nodes[3]!, 0)).toEqual([1]);
  });
});

describe('§2.3: repair', () => {
  test.each([1, 2, 3])('forwarders and the root crash: their children join anew (seed %i)', (seed) => {
    const simulation = world(100, { seed: `repair ${seed}` });
    const sizes = simulation
      .live()
      .map((node) => ({ node, children: node.machine.group(group)!.children.size }))
      .sort((a, b) => b.children - a.children);
    simulation.crash(simulation.closest(group));
    for (const { node } of sizes.slice(0, 10)) if (node.alive) simulation.crash(node);
    simulation.clock.advance(20_000);
    simulation.tree(group);
    const sender = simulation.live()[0]!;
    simulation.publish(sender, group);
    simulation.clock.advance(2_000);
    expect(deliveries(members(simulation), sender, 0)).toEqual([1]);
  });

  test('who missed a multicast while the tree was broken is told of the gap', () => {
    const simulation = world(80, { seed: 7 });
    const sender = simulation.nodes.find((node) => !node.machine.group(group)!.root)!;
    simulation.publish(sender, group);
    simulation.clock.advance(2_000);
    const forwarder = simulation
      .live()
      .find(
        (node) =>
          node !== sender && !node.machine.group(group)!.root && node.machine.group(group)!.children.size > 0,
      )!;
    simulation.crash(forwarder);
    simulation.publish(sender, group);
    simulation.clock.advance(20_000);
    simulation.publish(sender, group);
    simulation.clock.advance(10_000);
    const missed = members(simulation).filter(({ delivered }) => !delivered.has(idOf(sender, 1)));
    expect(missed.length).toBeGreaterThan(0);
    for (const { gaps } of missed)
      expect(gaps).toEqual([{ group, sender: sender.nodeId, epoch: sender.epoch, first: 1, count: 1 }]);
    const others = members(simulation).filter((node) => !missed.includes(node));
    for (const { gaps } of others) expect(gaps).toEqual([]);
  });

  test('a parent that started again has forgotten its children: they notice without a multicast', () => {
    const simulation = world(50, { seed: 8 });
    const parent = simulation.live().find((node) => node.machine.group(group)!.children.size > 1)!;
    simulation.crash(parent);
    simulation.start(parent);
    simulation.join(parent, group);
    simulation.clock.advance(20_000);
    simulation.tree(group);
  });

  test('lost messages are made good by soft state', () => {
    const simulation = world(60, { seed: 9, loss: 0.1 });
    simulation.clock.advance(4 * PARENT_SILENT_MS);
    const lossless = new Set(simulation.tree(group).keys());
    expect(lossless.size).toBe(59);
  });

  test('a member without any link goes on looking, and lets its children go', () => {
    const simulation = world(40, { seed: 10 });
    const alone = simulation
      .live()
      .find((node) => node.machine.group(group)!.children.size > 0 && !node.machine.group(group)!.root)!;
    for (const other of simulation.live()) if (other !== alone) simulation.cut(alone, other, 3 * ORPHAN_MS);
    simulation.clock.advance(2 * ORPHAN_MS);
    expect(alone.machine.group(group)!.children.size).toBe(0);
    simulation.clock.advance(2 * ORPHAN_MS);
    expect(simulation.tree(group).size).toBe(39);
  });
});

describe('§2.4: the bottleneck remover', () => {
  test('nobody keeps more than the maximum of children when they have links to each other', () => {
    const simulation = world(400, { seed: 11 });
    simulation.clock.advance(60_000);
    expect(simulation.tree(group).size).toBe(399);
    const most = Math.max(...simulation.live().map((node) => node.machine.group(group)!.children.size));
    expect(most).toBeLessThanOrEqual(CHILDREN_MAX);
    expect(simulation.counts.get('handovers')).toBeGreaterThan(0);
    simulation.told.clear();
    simulation.publish(simulation.nodes[0]!, group);
    simulation.clock.advance(2_000);
    expect(deliveries(simulation.nodes, simulation.nodes[0]!, 0)).toEqual([1]);
    expect(simulation.told.get('data')).toBe(398);
  });

  test('where few have links to each other everybody is in the tree all the same, and most are handed on', () => {
    const root = Uint8Array.from(group) as Id;
    root[31]! ^= 1;
    // All route to the root at once, as tabs to their relay; of the others each has links to one in eight.
    const isRoot = ({ nodeId }: SimulatedMember): boolean => nodeId[0] === root[0] && nodeId[1] === root[1];
    const linked = (a: SimulatedMember, b: SimulatedMember): boolean =>
      isRoot(a) || isRoot(b) || (a.nodeId[9]! ^ b.nodeId[9]!) % 8 === 0;
    const simulation = new MulticastSimulation({ seed: 14, linked, straight: true });
    simulation.add(root);
    for (let i = 0; i < 200; i++) simulation.add();
    simulation.clock.advance(1_000);
    for (const node of simulation.nodes) simulation.join(node, group);
    simulation.clock.advance(120_000);
    expect(simulation.tree(group).size).toBe(200);
    const most = Math.max(...simulation.live().map((node) => node.machine.group(group)!.children.size));
    expect(most).toBeLessThan(3 * CHILDREN_MAX);
    simulation.publish(simulation.nodes[9]!, group);
    simulation.clock.advance(2_000);
    expect(deliveries(simulation.nodes, simulation.nodes[9]!, 0)).toEqual([1]);
  });

  test('a child keeps its parent until the new one has taken it: nothing is lost on the way', () => {
    const simulation = new MulticastSimulation({ seed: 12 });
    for (let i = 0; i < 120; i++) simulation.add();
    simulation.clock.advance(1_000);
    const sender = simulation.nodes[0]!;
    simulation.join(sender, group);
    simulation.clock.advance(2_000);
    simulation.publish(sender, group);
    simulation.clock.advance(2_000);
    for (const node of simulation.nodes.slice(1)) simulation.join(node, group);
    for (let i = 0; i < 100; i++) {
      simulation.publish(sender, group);
      simulation.clock.advance(50);
    }
    simulation.clock.advance(20_000);
    expect(simulation.counts.get('handovers')).toBeGreaterThan(0);
    for (const { gaps } of simulation.nodes) expect(gaps).toEqual([]);
    for (const { delivered } of simulation.nodes) expect([...new Set(delivered.values())]).toEqual([1]);
  });
});

describe('garbage', () => {
  test('a forged multicast dies at the first honest node, and does not stand in the way of the true one', () => {
    const simulation = world(50, { seed: 13 });
    const sender = simulation.nodes[0]!;
    const liar = simulation
      .live()
      .find((node) => node.machine.group(group)!.children.size > 1 && node !== sender)!;
    simulation.told.clear();
    for (const child of liar.machine.group(group)!.children.values()) {
      const to = simulation.nodes.find(({ name }) => name === child.name)!;
      simulation.step(to, {
        type: 'told',
        from: liar.nodeId,
        message: {
          type: 'data',
          channel: child.channel,
          sender: sender.nodeId,
          epoch: sender.epoch,
          seq: 0,
          payload: utf8('lie'),
          signature: FORGED_SIGNATURE,
        },
      });
    }
    simulation.clock.advance(1_000);
    expect(simulation.told.get('data')).toBeUndefined();
    expect(simulation.counts.get('bad-signature')).toBe(liar.machine.group(group)!.children.size);
    simulation.publish(sender, group);
    simulation.clock.advance(1_000);
    expect(deliveries(simulation.nodes, sender, 0)).toEqual([1]);
  });
});

test('the same seed gives the same tree', () => {
  const once = world(80, { seed: 'same', loss: 0.05 });
  const again = world(80, { seed: 'same', loss: 0.05 });
  expect([...once.told]).toEqual([...again.told]);
  expect(once.nodes.map(({ machine }) => idText(machine.group(group)!.parent?.nodeId ?? group))).toEqual(
    again.nodes.map(({ machine }) => idText(machine.group(group)!.parent?.nodeId ?? group)),
  );
});
