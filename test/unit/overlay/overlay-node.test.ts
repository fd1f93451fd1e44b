/** The overlay's driver over the network port in memory: real certificates, a virtual clock. */
import { afterEach, describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../src/adapters/memory/clock.ts';
import { MemoryHub } from '../../../src/adapters/memory/network.ts';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { fromUtf8, utf8, type Bytes } from '../../../src/core/codec/bytes.ts';
import { Counters } from '../../../src/core/codec/counters.ts';
import { compareDistance, idText, type Key } from '../../../src/core/codec/id.ts';
import { ROUTED_BYTES_MAX } from '../../../src/core/codec/limits.ts';
import { sha256 } from '../../../src/core/crypto/hash.ts';
import type { Contact } from '../../../src/core/overlay/contact.ts';
import type { MemoryNetwork } from '../../../src/adapters/memory/network.ts';
import { createOverlay, type OverlayNode } from '../../../src/core/overlay/overlay-node.ts';
import { ServiceRefusal, type OverlayEvent } from '../../../src/core/overlay/overlay.ts';
import { createTestRing, type TestRing } from '../../support/ring.ts';

interface World {
  readonly ring: TestRing;
  readonly clock: VirtualClock;
  readonly hub: MemoryHub;
  readonly nodes: OverlayNode[];
}

interface Node {
  readonly overlay: OverlayNode;
  readonly contact: Contact;
  readonly network: MemoryNetwork;
  readonly counters: Counters;
  readonly events: OverlayEvent[];
}

const worlds: World[] = [];

async function world(seed: string): Promise<World> {
  const ring = await createTestRing(seed);
  const clock = new VirtualClock();
  const made = { ring, clock, hub: new MemoryHub({ clock, trust: ring.trust }), nodes: [] };
  worlds.push(made);
  return made;
}

async function node(
  { ring, clock, hub, nodes }: World,
  name: string,
  role: 'tab' | 'relay' = 'tab',
): Promise<Node> {
  const { contact } = await ring.contact(name, role);
  const network = hub.network(contact);
  const counters = new Counters(() => clock.now());
  const random = new SeededRandom(name);
  const overlay = createOverlay({ self: contact, trust: ring.trust, network, clock, random, counters });
  overlay.handle('echo', async (body) => body);
  const events: OverlayEvent[] = [];
  overlay.subscribe((event) => void events.push(event));
  nodes.push(overlay);
  return { overlay, contact, network, counters, events };
}

/** Lets virtual time pass until the promise is settled. */
async function within<T>({ clock }: World, promise: Promise<T>, ms = 30_000): Promise<T> {
  let settled = false;
  const done = promise.finally(() => (settled = true));
  done.catch(() => undefined);
  for (let passed = 0; !settled && passed < ms; passed += 20) await clock.advanceAsync(20);
  expect(settled).toBe(true);
  return done;
}

/** A relay and tabs, all ready. */
async function ringOf(count: number, seed: string): Promise<{ world: World; relay: Node; tabs: Node[] }> {
  const made = await world(seed);
  const relay = await node(made, 'relay', 'relay');
  await within(made, relay.overlay.start([]));
  const tabs: Node[] = [];
  for (let i = 0; i < count; i++) {
    const tab = await node(made, `tab${i}`);
    await within(made, tab.overlay.start([relay.contact]));
    tabs.push(tab);
  }
  await made.clock.advanceAsync(3_000);
  return { world: made, relay, tabs };
}

afterEach(async () => {
  for (const made of worlds.splice(0))
    await within(made, Promise.all(made.nodes.map((overlay) => overlay.leave())));
});

describe('a ring of five', () => {
  test('all know each other, look-ups name the closest node and all others', async () => {
    const { world: made, relay, tabs } = await ringOf(4, 'five');
    const all = [relay, ...tabs];
    for (const { overlay } of all) expect(overlay.leafSet()).toHaveLength(4);
    for (let i = 0; i < 20; i++) {
      const key = sha256(utf8(`key ${i}`)) as Key;
      const order = all.map(({ contact }) => contact.nodeId).sort((a, b) => compareDistance(key, a, b));
      const found = await within(made, tabs[i % 4]!.overlay.lookup(key));
      expect(found.root.nodeId).toEqual(order[0]);
      expect(found.nearest.map(({ nodeId }) => nodeId)).toEqual(order);
      expect(tabs[0]!.overlay.closest(key, 3).map(({ nodeId }) => nodeId)).toEqual(order.slice(0, 3));
    }
  });

  test('requests reach the service, oneself included; refusals and unknown services come back as such', async () => {
    const { world: made, relay, tabs } = await ringOf(2, 'requests');
    const [a, b] = [tabs[0]!, tabs[1]!];
    const ask = (body: string, service = 'echo'): Promise<Bytes> =>
      within(made, a.overlay.request(b.contact.nodeId, service, utf8(body)));
    expect(fromUtf8(await ask('hello'))).toBe('hello');
    const own = await a.overlay.request(a.contact.nodeId, 'echo', utf8('me'));
    expect(fromUtf8(own)).toBe('me');
    b.overlay.handle('no', async () => {
      throw new ServiceRefusal('full', 'no room left');
    });
    await expect(ask('x', 'no')).rejects.toMatchObject({
      code: 'refused',
      refusalCode: 'full',
      message: 'no room left',
    });
    await expect(ask('x', 'what')).rejects.toMatchObject({ code: 'refused', refusalCode: 'unknown-service' });
    b.overlay.handle('bug', () => Promise.reject(new Error('secret detail')));
    await expect(ask('x', 'bug')).rejects.toMatchObject({
      refusalCode: 'internal',
      message: 'the service failed',
    });
    expect(b.counters.get('overlay.service-failed')).toBe(1);
    const blob = new Uint8Array(1024 * 1024).fill(7);
    const echoed = await within(made, relay.overlay.request(b.contact.nodeId, 'echo', blob));
    expect(echoed).toEqual(blob);
  });

  test('a request to a node that is not there fails at once, without a time-out', async () => {
    const { world: made, tabs } = await ringOf(3, 'absent');
    const absent = (await made.ring.contact('nobody')).contact.nodeId;
    const before = made.clock.now();
    await expect(within(made, tabs[0]!.overlay.request(absent, 'echo', utf8('x')))).rejects.toMatchObject({
      code: 'unreachable',
    });
    expect(made.clock.now() - before).toBeLessThan(500);
  });

  test('a handler that never answers is a time-out', async () => {
    const { world: made, tabs } = await ringOf(2, 'mute');
    tabs[1]!.overlay.handle('mute', () => new Promise(() => undefined));
    const asked = tabs[0]!.overlay.request(tabs[1]!.contact.nodeId, 'mute', utf8('x'), { timeoutMs: 700 });
    await expect(within(made, asked)).rejects.toMatchObject({ code: 'timeout' });
  });
});

describe('coming and going', () => {
  test('a node that leaves is out of all leaf sets at once', async () => {
    const { world: made, relay, tabs } = await ringOf(3, 'leaving');
    await within(made, tabs[2]!.overlay.leave());
    await made.clock.advanceAsync(100);
    for (const { overlay } of [relay, tabs[0]!, tabs[1]!]) expect(overlay.leafSet()).toHaveLength(2);
    await expect(tabs[2]!.overlay.lookup(relay.contact.nodeId)).rejects.toMatchObject({ code: 'stopped' });
    await expect(tabs[2]!.overlay.request(relay.contact.nodeId, 'echo', utf8('x'))).rejects.toMatchObject({
      code: 'stopped',
    });
  });

  test('a killed node is missed, and its restart is taken at once', async () => {
    const { world: made, relay, tabs } = await ringOf(3, 'killing');
    made.hub.kill(tabs[2]!.contact.nodeId);
    await made.clock.advanceAsync(8_000);
    expect(relay.overlay.leafSet()).toHaveLength(2);
    const again = await node(made, 'tab2');
    await within(made, again.overlay.start([relay.contact]));
    for (const { overlay } of [relay, tabs[0]!, tabs[1]!]) expect(overlay.leafSet()).toHaveLength(3);
  });

  test('the relay dies: tabs go on; it returns empty: everybody is linked again', async () => {
    const { world: made, relay, tabs } = await ringOf(4, 'relay');
    made.hub.kill(relay.contact.nodeId);
    await made.clock.advanceAsync(8_000);
    for (const { overlay } of tabs) expect(overlay.leafSet()).toHaveLength(3);
    const found = await within(made, tabs[0]!.overlay.lookup(tabs[1]!.contact.nodeId));
    expect(found.root.nodeId).toEqual(tabs[1]!.contact.nodeId);
    await made.clock.advanceAsync(60_000);
    const back = await node(made, 'relay', 'relay');
    await within(made, back.overlay.start([]));
    await made.clock.advanceAsync(12_000);
    for (const { overlay } of [back, ...tabs]) {
      expect(overlay.leafSet()).toHaveLength(4);
      expect(overlay.ready).toBe(true);
    }
  });

  test('with the relay unreachable a tab is ready alone, and joins when the relay is there', async () => {
    const made = await world('alone');
    const { contact } = await made.ring.contact('relay', 'relay');
    const tab = await node(made, 'tab');
    await within(made, tab.overlay.start([contact]));
    expect(tab.overlay.ready).toBe(true);
    expect((await tab.overlay.lookup(contact.nodeId)).root).toBe(tab.contact);
    const relay = await node(made, 'relay', 'relay');
    await within(made, relay.overlay.start([]));
    await made.clock.advanceAsync(10_000);
    expect(tab.overlay.leafSet().map(({ nodeId }) => idText(nodeId))).toEqual([idText(contact.nodeId)]);
    expect(tab.overlay.ready).toBe(true);
  });

  test('after waking a node is not ready until its leaf set is confirmed; look-ups wait', async () => {
    const { world: made, tabs } = await ringOf(3, 'waking');
    const { overlay, events } = tabs[0]!;
    events.length = 0;
    overlay.wake();
    expect(overlay.ready).toBe(false);
    const found = await within(made, overlay.lookup(overlay.self.nodeId));
    expect(found.root.nodeId).toEqual(overlay.self.nodeId);
    expect(events.map(({ type }) => type)).toEqual(['not-ready', 'ready']);
  });
});

describe('a ring of forty', () => {
  test('look-ups name contacts of nodes never met; large bodies take a link of their own', async () => {
    const { world: made, tabs } = await ringOf(39, 'forty');
    const from = tabs[0]!;
    const linked = new Set(from.network.links().map(({ contact }) => idText(contact.nodeId)));
    const far = tabs.find(({ contact }) => contact !== from.contact && !linked.has(idText(contact.nodeId)));
    const all = [...made.nodes].map(({ self }) => self.nodeId);
    for (let i = 0; i < 20; i++) {
      const key = sha256(utf8(`forty ${i}`)) as Key;
      const order = [...all].sort((a, b) => compareDistance(key, a, b));
      const found = await within(made, from.overlay.lookup(key));
      expect(found.nearest.slice(0, 5).map(({ nodeId }) => nodeId)).toEqual(order.slice(0, 5));
      expect(found.nearest).toHaveLength(17);
    }
    if (far === undefined) return;
    const small = await within(made, from.overlay.request(far.contact.nodeId, 'echo', utf8('far')));
    expect(fromUtf8(small)).toBe('far');
    far.overlay.handle('large', async () => new Uint8Array(ROUTED_BYTES_MAX + 1));
    const large = await within(made, from.overlay.request(far.contact.nodeId, 'large', utf8('')));
    expect(large).toHaveLength(ROUTED_BYTES_MAX + 1);
    expect(from.network.links().some(({ contact }) => contact.nodeId === far.contact.nodeId)).toBe(true);
  });
});
