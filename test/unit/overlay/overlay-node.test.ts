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
import { encodeCbor } from '../../../src/core/codec/cbor.ts';
import { toWire, type Contact } from '../../../src/core/overlay/contact.ts';
import { overlayCodec, type OverlayMessage } from '../../../src/core/overlay/messages.ts';
import type { MemoryNetwork } from '../../../src/adapters/memory/network.ts';
import { createOverlay, type OverlayNode } from '../../../src/core/overlay/overlay-node.ts';
import { ServiceRefusal, type OverlayEvent } from '../../../src/core/overlay/overlay.ts';
import { createTestRing, type TestRing } from '../../support/ring.ts';
import { peerSigner } from '../../support/signer.ts';
import { turn } from '../../support/turn.ts';

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
  const { contact, keys } = await ring.contact(name, role);
  const network = hub.network(contact);
  const counters = new Counters(() => clock.now());
  const random = new SeededRandom(name);
  const ports = { self: contact, trust: ring.trust, network, clock, random, counters };
  const overlay = createOverlay({ ...ports, vault: peerSigner(keys) });
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
  for (let passed = 0; !settled && passed < ms; passed += 20) await clock.advanceAsync(20, turn);
  expect(settled).toBe(true);
  return done;
}

/** Lets virtual time pass until the condition holds: signatures are checked in real time. */
async function until({ clock }: World, condition: () => boolean): Promise<void> {
  for (let turns = 0; !condition() && turns < 2_000; turns++) await clock.advanceAsync(1, turn);
  expect(condition()).toBe(true);
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
  await made.clock.advanceAsync(3_000, turn);
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

  test('a node on the way sees answers that come back, and may give them itself; constrained requests pass it by', async () => {
    const { world: made, relay, tabs } = await ringOf(4, 'on the way');
    const [asker, middle] = [tabs[0]!, tabs[1]!];
    const others = [relay, tabs[2]!, tabs[3]!].map(({ contact }) => contact.nodeId);
    const key = [...Array(100).keys()]
      .map((i) => sha256(utf8(`key ${i}`)))
      .find((one) => others.some((id) => middle.overlay.closest(one, 1)[0]!.nodeId === id))! as Key;
    const root = [relay, ...tabs].find(
      ({ contact }) => idText(contact.nodeId) === idText(middle.overlay.closest(key, 1)[0]!.nodeId),
    )!;
    let served = 0;
    root.overlay.handle('echo', (body) => {
      served += 1;
      return Promise.resolve(body);
    });
    const seen: string[] = [];
    const known = new Map<string, Bytes>();
    middle.overlay.cache('echo', {
      answer: (_, body) => known.get(fromUtf8(body)),
      passed: (of, body) => void seen.push(`${idText(of)} ${fromUtf8(body)}`),
    });
    const ask = async (body: string, constrained = false): Promise<string> => {
      const options = { via: middle.contact.nodeId, constrained };
      return fromUtf8(await within(made, asker.overlay.ask(key, 'echo', utf8(body), options)));
    };
    expect(await ask('one')).toBe('one');
    expect([served, seen]).toEqual([1, [`${idText(key)} one`]]);
    known.set('one', utf8('from the cache'));
    expect(await ask('one')).toBe('from the cache');
    expect(served).toBe(1);
    expect(await ask('one', true)).toBe('one');
    expect([served, seen.length]).toEqual([2, 1]);
    middle.overlay.cache('echo', {
      answer: () => {
        throw new Error('a bug');
      },
      passed: () => undefined,
    });
    expect(await ask('one')).toBe('one');
    expect(middle.counters.get('overlay.cache-failed')).toBe(1);
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
    expect(Buffer.compare(echoed, blob)).toBe(0);
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
    await made.clock.advanceAsync(100, turn);
    for (const { overlay } of [relay, tabs[0]!, tabs[1]!]) expect(overlay.leafSet()).toHaveLength(2);
    await expect(tabs[2]!.overlay.lookup(relay.contact.nodeId)).rejects.toMatchObject({ code: 'stopped' });
    await expect(tabs[2]!.overlay.request(relay.contact.nodeId, 'echo', utf8('x'))).rejects.toMatchObject({
      code: 'stopped',
    });
  });

  test('a killed node is missed, and its restart is taken at once', async () => {
    const { world: made, relay, tabs } = await ringOf(3, 'killing');
    made.hub.kill(tabs[2]!.contact.nodeId);
    await made.clock.advanceAsync(8_000, turn);
    expect(relay.overlay.leafSet()).toHaveLength(2);
    const again = await node(made, 'tab2');
    await within(made, again.overlay.start([relay.contact]));
    for (const { overlay } of [relay, tabs[0]!, tabs[1]!]) expect(overlay.leafSet()).toHaveLength(3);
  });

  test('the relay dies: tabs go on; it returns empty: everybody is linked again', async () => {
    const { world: made, relay, tabs } = await ringOf(4, 'relay');
    made.hub.kill(relay.contact.nodeId);
    await made.clock.advanceAsync(8_000, turn);
    for (const { overlay } of tabs) expect(overlay.leafSet()).toHaveLength(3);
    const found = await within(made, tabs[0]!.overlay.lookup(tabs[1]!.contact.nodeId));
    expect(found.root.nodeId).toEqual(tabs[1]!.contact.nodeId);
    await made.clock.advanceAsync(20_000, turn);
    const back = await node(made, 'relay', 'relay');
    await within(made, back.overlay.start([]));
    await made.clock.advanceAsync(12_000, turn);
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
    await made.clock.advanceAsync(10_000, turn);
    await until(made, () => tab.overlay.leafSet().length > 0);
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

describe('a ring of thirty', () => {
  test('look-ups name contacts of nodes never met', async () => {
    const { world: made, tabs } = await ringOf(29, 'thirty');
    const from = tabs[0]!;
    const all = made.nodes.map(({ self }) => self.nodeId);
    for (let i = 0; i < 10; i++) {
      const key = sha256(utf8(`thirty ${i}`)) as Key;
      const order = [...all].sort((a, b) => compareDistance(key, a, b)).map(idText);
      const found = await within(made, from.overlay.lookup(key));
      const named = found.nearest.map(({ nodeId }) => idText(nodeId));
      expect(named).toHaveLength(17);
      expect(named.slice(0, 5)).toEqual(order.slice(0, 5));
    }
  });
});

describe('without a link', () => {
  /** Two tabs that only the relay links; its answers about them are the real thing. */
  async function apart(seed: string): Promise<{ world: World; from: Node; to: Node; linked: () => boolean }> {
    const { world: made, tabs } = await ringOf(2, seed);
    const [from, to] = [tabs[0]!, tabs[1]!];
    from.network.close(to.contact.nodeId, 'test');
    await made.clock.advanceAsync(10, turn);
    const linked = (): boolean =>
      from.network.links().some(({ contact }) => idText(contact.nodeId) === idText(to.contact.nodeId));
    expect(linked()).toBe(false);
    return { world: made, from, to, linked };
  }

  test('a lost link between live nodes is made again', async () => {
    const { world: made, linked } = await apart('again');
    await made.clock.advanceAsync(5_000, turn);
    expect(linked()).toBe(true);
  });

  test('a large request makes one first', async () => {
    const { world: made, from, to, linked } = await apart('large');
    const blob = new Uint8Array(ROUTED_BYTES_MAX + 1).fill(3);
    const echoed = await within(made, from.overlay.request(to.contact.nodeId, 'echo', blob));
    expect(Buffer.compare(echoed, blob)).toBe(0);
    expect(linked()).toBe(true);
  });
});

describe('bad peers', () => {
  /** A member who speaks the network's language but not the overlay's. */
  async function stranger(made: World, to: Node): Promise<MemoryNetwork> {
    const { contact } = await made.ring.contact('stranger');
    const network = made.hub.network(contact);
    await network.start({ linkUp: () => undefined, linkDown: () => undefined, message: () => undefined });
    await within(made, network.connect(to.contact));
    return network;
  }

  const say = (network: MemoryNetwork, to: Node, m: OverlayMessage): Promise<void> =>
    network.send(to.contact.nodeId, overlayCodec.encode({ v: 1, m }), 'control');

  test('nonsense is refused and counted, and the node goes on', async () => {
    const { world: made, tabs } = await ringOf(1, 'nonsense');
    const [tab] = tabs as [Node];
    const network = await stranger(made, tab);
    await network.send(tab.contact.nodeId, utf8('hello'), 'control');
    await network.send(tab.contact.nodeId, encodeCbor({ v: 9, m: {} }), 'control');
    await network.send(tab.contact.nodeId, encodeCbor({ v: 1, m: { type: 'probe' } }), 'control');
    await made.clock.advanceAsync(50, turn);
    expect(tab.counters.get('overlay.malformed')).toBe(1);
    expect(tab.counters.get('overlay.unknown-version')).toBe(1);
    expect(tab.counters.get('overlay.bad-schema')).toBe(1);
    const found = await within(made, tab.overlay.lookup(tab.contact.nodeId));
    expect(found.root).toBe(tab.contact);
  });

  test('a look-up that names one node several times is refused: it would be a whole replica set', async () => {
    const { world: made, tabs } = await ringOf(1, 'one for all');
    const [tab] = tabs as [Node];
    const network = await stranger(made, tab);
    const nearest = [network.self, network.self, network.self];
    const id = new Uint8Array(16);
    await say(network, tab, { type: 'reply', id, hopCount: 1, outcome: { kind: 'root', nearest } });
    await made.clock.advanceAsync(50, turn);
    expect(tab.counters.get('overlay.bad-schema')).toBe(1);
  });

  test('a join with a forged certificate gets nowhere', async () => {
    const { world: made, tabs } = await ringOf(1, 'forged');
    const [tab] = tabs as [Node];
    const network = await stranger(made, tab);
    const { contact } = await made.ring.contact('mallory');
    const body = { ...contact.certificate.body, nodeId: network.self };
    const forged = { ...toWire(contact), certificate: { ...contact.certificate, body } };
    await say(network, tab, {
      type: 'join',
      id: new Uint8Array(16),
      target: network.self,
      hops: [network.self],
      timeoutMs: 1_000,
      contacts: [forged],
    });
    await until(made, () => tab.counters.get('overlay.bad-route') === 1);
    expect(tab.counters.get('overlay.bad-signature')).toBe(1);
  });

  test('replies and contacts that nobody asked for change nothing', async () => {
    const { world: made, tabs } = await ringOf(1, 'unasked');
    const [tab] = tabs as [Node];
    const network = await stranger(made, tab);
    const { contact } = await made.ring.contact('ghost');
    await say(network, tab, { type: 'contacts', contacts: [toWire(contact)] });
    await say(network, tab, {
      type: 'reply',
      id: new Uint8Array(16),
      hopCount: 1,
      outcome: { kind: 'root', nearest: [network.self] },
    });
    await made.clock.advanceAsync(50, turn);
    expect(tab.overlay.contact(contact.nodeId)).toBeUndefined();
  });
});

test('the view for the network page names every peer with its link', async () => {
  const { relay, tabs } = await ringOf(2, 'view');
  const view = tabs[0]!.overlay.view();
  expect(view.ready).toBe(true);
  expect(view.peers.map(({ contact }) => idText(contact.nodeId)).sort()).toEqual(
    [relay, tabs[1]!].map(({ contact }) => idText(contact.nodeId)).sort(),
  );
  for (const peer of view.peers) {
    expect(peer).toMatchObject({ inLeafSet: true, inTable: true, direct: true });
    expect(peer.sentBytes).toBeGreaterThan(0);
  }
});
