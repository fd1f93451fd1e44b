/**
 * Makes the trace that the app's page of the ring plays: a small ring forms, looks things up, loses neighbours, is cut in
 * halves and heals.
 */
import { assert } from '../../../src/core/codec/assert.ts';
import { compareBytes } from '../../../src/core/codec/bytes.ts';
import { Lookups } from './lookups.ts';
import type { SimulatedNode } from './node.ts';
import { addMembers, joinAll, wrongLeafSets } from './ring.ts';
import { TraceWriter } from './trace.ts';
import { World } from './world.ts';

const SEED = 1955;
const NODES = 64;
const RELAYS = 2;
/** Neighbours on the circle, more than half of one side of a leaf set. */
const CRASHED = 5;
const LOOKUP_EVERY_MS = 700;
/** Between two things that happen, so that each can be seen. */
const CALM_MS = 12_000;
/** Links that look open although nobody is there are noticed after this. */
const SILENCE_MS = 3_000;
const PATIENCE_MS = 180_000;

/** The trace's text. Throws when the ring does not recover from something. */
export function demonstration(): string {
  const trace = new TraceWriter();
  const world = new World({ seed: SEED, trace, nodes: NODES, faults: { silenceMs: SILENCE_MS } });
  const lookups = new Lookups(world);
  let asking = true;
  const ask = (): void => {
    lookups.askAnything(world.readyNodes);
    if (asking) world.after(LOOKUP_EVERY_MS, ask);
  };
  joinAll(world, addMembers(world, NODES, RELAYS));
  untilWhole(world, 'joined');
  ask();
  world.run(CALM_MS);
  for (const node of inARow(world)) world.crash(node);
  untilWhole(world, 'repaired');
  world.run(CALM_MS);
  world.partition((node) => node % 2);
  untilWhole(world, 'cut');
  world.run(CALM_MS);
  world.heal();
  untilWhole(world, 'healed');
  world.run(CALM_MS);
  asking = false;
  assert(
    world.runUntil(() => lookups.underWay === 0, PATIENCE_MS),
    'every look-up ends',
  );
  return trace.text(
    SEED,
    world.nodes.map(({ contact }) => contact),
    world.now,
  );
}

function untilWhole(world: World, what: string): void {
  const whole = (): boolean =>
    world.readyNodes.length === world.alive.length && wrongLeafSets(world).length === 0;
  assert(world.runUntil(whole, PATIENCE_MS, 250), `the ring is whole after it was ${what}`);
}

/** Tabs that follow each other on the circle; those above the first relay. */
function inARow({ nodes }: World): readonly SimulatedNode[] {
  const ring = [...nodes].sort((a, b) => compareBytes(a.contact.nodeId, b.contact.nodeId));
  const relay = ring.findIndex(({ contact }) => contact.role === 'relay');
  const others = [...ring.slice(relay), ...ring.slice(0, relay)];
  return others.filter(({ contact }) => contact.role === 'tab').slice(0, CRASHED);
}
