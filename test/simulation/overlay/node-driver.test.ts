/** Timers, calls and sleep as the simulated world gives them to machines, and in which order things happen. */
import { expect, test } from 'vitest';
import type { OverlayEffect, OverlayMachineEvent } from '../../../src/core/overlay/machine-events.ts';
import { OverlayMachine } from '../../../src/core/overlay/overlay-machine.ts';
import type { SimulatedNode } from './node.ts';
import { START_MS } from './node-driver.ts';
import { World } from './world.ts';

/** A world whose nodes do what `script` says, and all that they hear of, with the time. */
function scripted(
  script: (node: SimulatedNode, event: OverlayMachineEvent, now: number) => readonly OverlayEffect[],
) {
  const heard: [now: number, node: number, type: string][] = [];
  const world = new World({
    seed: 'scripted',
    machineOf: (node, random) => {
      const machine = new OverlayMachine(node.contact, random);
      machine.step = (event, now) => {
        heard.push([now - START_MS, node.index, event.type === 'message' ? event.message.type : event.type]);
        return script(node, event, now - START_MS);
      };
      return machine;
    },
  });
  return { world, heard };
}

const timerAt = (ms: number): OverlayEffect => ({ type: 'set-timer', at: START_MS + ms });

test.each([
  ['later', [100, 300], 300],
  ['sooner', [300, 100], 100],
  ['to the same time', [200, 200], 200],
])('a timer that is set anew, %s, takes the place of the first', (_, times, expected) => {
  const { world, heard } = scripted((_, { type }) => (type === 'start' ? times.map(timerAt) : []));
  world.start(world.add(), []);
  world.run(1_000);
  expect(heard).toEqual([
    [0, 0, 'start'],
    [expected, 0, 'timer'],
  ]);
});

test('what an effect causes waits until all effects of the step are performed', () => {
  const { world, heard } = scripted((node, { type }) => {
    // Without a link a message fails at once: its sender hears of it after it has set its timer.
    const message = { type: 'probe', nonce: 1 } as const;
    if (type === 'start')
      return [{ type: 'send', to: node.contact.nodeId, message, lane: 'control' }, timerAt(50)];
    return type === 'send-failed' ? [timerAt(80)] : [];
  });
  world.start(world.add(), []);
  world.run(1_000);
  expect(heard.map(([now, , type]) => [now, type])).toEqual([
    [0, 'start'],
    [0, 'send-failed'],
    [80, 'timer'],
  ]);
});

test('a sleeping node takes no step; what comes in the last ten seconds waits for it, the rest is lost', () => {
  const { world, heard } = scripted(() => []);
  const [awake, sleeper] = [world.add(), world.add()];
  for (const node of [awake, sleeper]) world.start(node, []);
  world.transport.connect(0, 1);
  world.sleep(sleeper, 30_000);
  world.transport.send(0, 1, { type: 'probe', nonce: 1 });
  world.run(25_000);
  world.transport.send(0, 1, { type: 'probe-reply', nonce: 2 });
  world.run(1_000);
  heard.length = 0;
  world.run(10_000);
  expect(heard.filter(([, , type]) => type !== 'wake')).toEqual([[30_000, 1, 'probe-reply']]);
});

test('what was meant for a node’s earlier life does not reach the next one', () => {
  const { world, heard } = scripted((_, { type }) => (type === 'start' ? [timerAt(500)] : []));
  const [sender, reborn] = [world.add(), world.add()];
  for (const node of [sender, reborn]) world.start(node, []);
  world.transport.connect(0, 1);
  world.transport.send(0, 1, { type: 'probe', nonce: 1 });
  world.crash(reborn);
  world.run(0);
  world.start(reborn, []);
  heard.length = 0;
  world.run(400);
  expect(heard).toEqual([]);
});
