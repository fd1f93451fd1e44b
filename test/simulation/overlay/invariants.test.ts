/** Each invariant trips when a machine is made to break it: a check that cannot fail is none. */
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import type { Id } from '../../../src/core/codec/id.ts';
import { LINKS_MAX } from '../../../src/core/codec/limits.ts';
import type { OverlayEffect, OverlayMachineEvent } from '../../../src/core/overlay/machine-events.ts';
import { OverlayMachine } from '../../../src/core/overlay/overlay-machine.ts';
import { Directory } from './directory.ts';
import { DEAD_KNOWN_MS, InvariantBroken, Invariants } from './invariants.ts';
import { LinkTable } from './link-table.ts';
import { Lookups } from './lookups.ts';
import type { RingMachine } from './node.ts';
import { Population } from './population.ts';
import { World } from './world.ts';

const TABS = 72;
const TAB_THAT_IS_WRONG = 5;

type Step = (machine: OverlayMachine, event: OverlayMachineEvent, now: number) => readonly OverlayEffect[];

/** A small ring in which one node's machine is not quite right: lookups, a crash, two minutes. */
function ringWith(wrong: (machine: OverlayMachine) => RingMachine): World {
  const world = new World({
    seed: 'wrong machine',
    machineOf: (node, random) => {
      const machine = new OverlayMachine(node.contact, random);
      return node.index === TAB_THAT_IS_WRONG ? wrong(machine) : machine;
    },
  });
  const relay = world.add('relay');
  world.start(relay, []);
  const tabs = Array.from({ length: TABS }, () => world.add());
  for (const tab of tabs) world.start(tab, [relay.contact]);
  world.run(20_000);
  const lookups = new Lookups(world);
  for (let second = 0; second < 100; second++) {
    for (let i = 0; i < 5; i++) lookups.askAnything(world.alive);
    if (second === 20) world.crash(tabs[TABS - 1]!);
    world.run(1_000);
  }
  return world;
}

/** The machine, but for what `changed` says. */
function but(machine: OverlayMachine, changed: Partial<RingMachine>): RingMachine {
  return {
    step: (event, now) => machine.step(event, now),
    get ready() {
      return machine.ready;
    },
    pendingCount: 0,
    leafSet: () => machine.leafSet(),
    closest: (key, count) => machine.closest(key, count),
    contact: (nodeId) => machine.contact(nodeId),
    nextHop: (key, now) => machine.nextHop(key, now),
    isLinked: (nodeId) => machine.isLinked(nodeId),
    ...changed,
  };
}

const stepping =
  (step: Step) =>
  (machine: OverlayMachine): RingMachine =>
    but(machine, { step: (event, now) => step(machine, event, now) });

/** Names itself as the root of whatever it is asked for. */
const vain: Step = (machine, event, now) => {
  if (event.type !== 'message' || event.message.type !== 'lookup') return machine.step(event, now);
  const { id, hops } = event.message;
  const nearest = [
    machine.closest(event.message.target, TABS + 1).find(({ nodeId }) => !machine.isLinked(nodeId))!.nodeId,
  ];
  const reply = { type: 'reply', id, hopCount: hops.length, outcome: { kind: 'root', nearest } } as const;
  return [{ type: 'send', to: event.from, message: reply, lane: 'control' }];
};

/** Ends each call twice. */
const hasty: Step = (machine, event, now) => {
  const effects = machine.step(event, now);
  return [...effects, ...effects.filter(({ type }) => type === 'complete')];
};

/** Ends none. */
const silent: Step = (machine, event, now) =>
  machine.step(event, now).filter(({ type }) => type !== 'complete');

/** Dials all whom it hears of, again and again. */
const restless: Step = (machine, event, now) => [
  ...machine.step(event, now),
  ...machine.leafSet().map((contact) => ({ type: 'dial', contact, via: [] }) as const),
];

describe('in the world', () => {
  test('the machine as it is breaks nothing, and was looked at', () => {
    const world = ringWith((machine) => but(machine, {}));
    expect(world.invariants.looks).toBeGreaterThan(50);
  });

  test.each([
    [
      'leaves out a member of its leaf set',
      (m: OverlayMachine) => but(m, { leafSet: () => m.leafSet().slice(1) }),
      'a leaf set of',
    ],
    [
      'has a member of its leaf set twice',
      (m: OverlayMachine) => but(m, { leafSet: () => [...m.leafSet(), ...m.leafSet().slice(0, 1)] }),
      'a node twice',
    ],
    ['sees to too many requests', (m: OverlayMachine) => but(m, { pendingCount: 1_025 }), '1025 requests'],
    ['answers for others', stepping(vain), 'answers as root although'],
    ['ends a call twice', stepping(hasty), 'a call ends that is not open'],
    ['does not end a call', stepping(silent), 'a call does not end'],
    ['dials too much', stepping(restless), 'more dials at once than allowed'],
  ])('a machine that %s is found out', (_, wrong, sentence) => {
    const run = (): unknown => ringWith(wrong);
    expect(run).toThrow(InvariantBroken);
    expect(run).toThrow(new RegExp(`node ${TAB_THAT_IS_WRONG}: .*${sentence}`));
  });
});

describe('of a node alone', () => {
  const machine = new OverlayMachine(nobody().directory.contact(0), new SeededRandom(1));

  /** Node 0 and others, none linked. */
  function nobody(others = 80) {
    const [random, directory, population, links] = [
      new SeededRandom('ids'),
      new Directory(),
      new Population(),
      new LinkTable(),
    ];
    for (let i = 0; i <= others; i++) {
      population.alive[directory.add(random.bytes(32) as Id, 'tab')] = 1;
      population.add(false);
    }
    return { directory, population, links, invariants: new Invariants(directory, population, links) };
  }

  test('links beyond the budget are found at once', () => {
    const { links, invariants } = nobody();
    for (let peer = 1; peer <= LINKS_MAX + 16; peer++) links.put(0, peer, peer);
    invariants.afterStep(0, machine, 1);
    links.put(0, 70, 70);
    expect(() => invariants.afterStep(0, machine, 1)).toThrow(/65 links, of at most 48/);
  });

  test('a dead member of the leaf set may stay only so long', () => {
    const { directory, population, links, invariants } = nobody();
    links.put(0, 1, 1);
    const holding = but(machine, { leafSet: () => [directory.contact(1)] });
    const look = (now: number): void => {
      for (let step = 0; step < 64; step++) invariants.afterStep(0, holding, now);
    };
    population.alive[1] = 0;
    population.diedAt[1] = 1_000;
    look(1_000 + DEAD_KNOWN_MS);
    expect(() => look(1_001 + DEAD_KNOWN_MS)).toThrow(/node 1 is in its leaf set, long dead/);
  });
});
