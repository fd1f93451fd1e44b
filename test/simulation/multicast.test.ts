/** Everything at once, from seeds: crashes, restarts, lost messages, lost links, members that come and go. */
import { expect, test } from 'vitest';
import { utf8 } from '../../src/core/codec/bytes.ts';
import { ringDistance, type Key } from '../../src/core/codec/id.ts';
import { sha256 } from '../../src/core/crypto/hash.ts';
import { PARENT_SILENT_MS, RETRY_MS_MAX } from '../../src/core/multicast/limits.ts';
import { MulticastSimulation, type SimulatedMember } from './multicast-simulation.ts';

const NODES = 120;
const STEPS = 300;
const SEEDS = Number(process.env['MULTICAST_SEEDS'] ?? 8);
const groups: readonly Key[] = ['a', 'b', 'c'].map((name) => sha256(utf8(`group ${name}`)));

/** As in a real ring: neighbours on it have links, of the others some. */
function linked(a: SimulatedMember, b: SimulatedMember): boolean {
  return ringDistance(a.nodeId, b.nodeId)[0]! < 0x28 || (a.nodeId[9]! ^ b.nodeId[9]!) % 4 === 0;
}

/** One random disturbance, or a multicast. */
function disturb(simulation: MulticastSimulation): void {
  const { random } = simulation;
  const pick = <T>(list: readonly T[]): T => list[random.below(list.length)]!;
  const live = simulation.live();
  const [node, group] = [pick(live), pick(groups)];
  const dead = simulation.nodes.filter(({ alive }) => !alive);
  switch (random.below(8)) {
    case 0:
      if (live.length > NODES / 2) simulation.crash(node);
      return;
    case 1:
      if (dead.length > 0) simulation.start(pick(dead));
      return;
    case 2:
      return simulation.step(node, { type: 'leave', group });
    case 3:
      return simulation.cut(node, pick([...node.view.values(), node]), 1 + random.below(20_000));
    case 4:
      return void simulation.publish(node, group);
    default:
      return simulation.join(node, group);
  }
}

function membersOf(simulation: MulticastSimulation, group: Key): readonly SimulatedMember[] {
  return simulation.live().filter(({ machine }) => machine.group(group)?.member);
}

test.each(Array.from({ length: SEEDS }, (_, i) => i))(
  'seed %i: no duplicate ever; after healing one tree that reaches all',
  (seed) => {
    const simulation = new MulticastSimulation({
      seed: `everything ${seed}`,
      loss: 0.02,
      linked,
      straight: seed % 2 === 1,
    });
    for (let i = 0; i < NODES; i++) simulation.add();
    simulation.clock.advance(1_000);
    for (let i = 0; i < STEPS; i++) {
      disturb(simulation);
      simulation.clock.advance(simulation.random.below(500));
    }
    simulation.heal();
    simulation.clock.advance(3 * PARENT_SILENT_MS + 2 * RETRY_MS_MAX);
    for (const group of groups) {
      simulation.tree(group);
      const sender = simulation.live()[0]!;
      const { id } = simulation.publish(sender, group);
      simulation.clock.advance(3_000);
      expect(membersOf(simulation, group).filter(({ delivered }) => !delivered.has(id))).toEqual([]);
    }
    for (const { delivered } of simulation.nodes)
      expect([...delivered.values()].filter((times) => times > 1)).toEqual([]);
  },
);
