/** Tabs without WebRTC, here in Node: they are linked through the relay, say so, and go on when it comes back. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import '../../../../src/adapters/libp2p/node-web-socket.ts';
import { freePort } from '../../../browser/support/free-port.ts';
import type { Contact } from '../../../../src/core/overlay/contact.ts';
import { Happenings, Libp2pPeer, testIdentity } from '../../../support/libp2p-peer.ts';
import { createTestRing } from '../../../support/ring.ts';
import { TcpProxy } from '../../../support/tcp-proxy.ts';

const ring = await createTestRing('circuit');
const happenings = new Happenings();
let listenPort: number;
let relay: Libp2pPeer;
let tabs: Libp2pPeer[];
let others: Libp2pPeer[];
let proxies: TcpProxy[];

async function startRelay(): Promise<void> {
  const identity = await testIdentity(ring, 'relay', 'relay', [`/ip4/127.0.0.1/tcp/${listenPort}/ws`]);
  relay = new Libp2pPeer(identity, { trust: ring.trust, relays: [], listenPort }, happenings.changed);
  await relay.start();
}

/** A further relay, behind a proxy that can fall silent. */
async function startAnotherRelay(): Promise<Libp2pPeer & { readonly proxy: TcpProxy }> {
  const port = await freePort();
  const proxy = await TcpProxy.open(() => port);
  const addresses = [`/ip4/127.0.0.1/tcp/${proxy.port}/ws`];
  const identity = await testIdentity(ring, 'another relay', 'relay', addresses);
  const options = { trust: ring.trust, relays: [], listenPort: port };
  const another = new Libp2pPeer(identity, options, happenings.changed);
  await another.start();
  others.push(another);
  proxies.push(proxy);
  return Object.assign(another, { proxy });
}

async function startTab(name: string, moreRelays: readonly Contact[] = []): Promise<Libp2pPeer> {
  const identity = await testIdentity(ring, name, 'tab');
  const relays = [relay.contact, ...moreRelays];
  const tab = new Libp2pPeer(identity, { trust: ring.trust, relays }, happenings.changed);
  await tab.start();
  tabs.push(tab);
  return tab;
}

beforeEach(async () => {
  [tabs, others, proxies] = [[], [], []];
  listenPort = await freePort();
  await startRelay();
});

afterEach(async () => {
  await Promise.all([...tabs, ...others].map(({ network }) => network.stop()));
  await relay.network.stop();
  await Promise.all(proxies.map((proxy) => proxy.close()));
});

test('two tabs are linked through the relay, which is told by `direct`', async () => {
  const [a, b] = [await startTab('a'), await startTab('b')];
  await happenings.until(() => a.sees(relay) && b.sees(relay));
  await b.network.connect(relay.contact);
  await expect.poll(() => b.network.reachable, { timeout: 10_000 }).toBe(true);
  await a.network.connect(b.contact);
  await happenings.until(() => a.sees(b) && b.sees(a));
  expect(a.events.at(-1)).toMatchObject({ type: 'up', direct: false });
  expect(b.events.at(-1)).toMatchObject({ type: 'up', direct: false });
  const message = new Uint8Array(1024 * 1024).map((_, i) => i % 253);
  await a.network.send(b.contact.nodeId, message, 'bulk');
  await happenings.until(() => b.messages.length === 1);
  expect(Buffer.compare(b.messages[0]!.message, message)).toBe(0);
  const circuit = a.network.connections().find(({ relayed }) => relayed);
  expect(circuit).toMatchObject({ webrtc: false, direction: 'outbound' });
  expect(circuit!.limits!.bytes).toBeGreaterThan(0);
  const inbound = b.network.connections().find(({ relayed }) => relayed);
  expect(inbound).toMatchObject({ webrtc: false, direction: 'inbound' });
});

test('a relay that fell silent: another one introduces', async () => {
  const silent = await startAnotherRelay();
  const [a, b] = [await startTab('a', [silent.contact]), await startTab('b', [silent.contact])];
  for (const tab of [a, b]) await happenings.until(() => tab.sees(relay) && tab.sees(silent));
  await happenings.until(() => relay.sees(b));
  silent.proxy.silence();
  await a.network.connect(b.contact, [silent.contact.nodeId]);
  await happenings.until(() => a.sees(b) && b.sees(a));
  expect(a.counters.get('network.introductions-failed')).toBe(1);
});

test('a relay that comes back is found again', async () => {
  const a = await startTab('a');
  await happenings.until(() => a.sees(relay));
  await relay.network.stop();
  await happenings.until(() => !a.sees(relay));
  expect(a.network.reachable).toBe(false);
  await startRelay();
  await happenings.until(() => a.sees(relay));
  await expect.poll(() => a.network.reachable, { timeout: 10_000 }).toBe(true);
});

test('a tab starts without its relay, and connecting fails with a reason', async () => {
  await relay.network.stop();
  const [a, b] = [await startTab('a'), await startTab('b')];
  await expect(a.network.connect(b.contact)).rejects.toMatchObject({ code: 'unreachable' });
  expect(a.network.reachable).toBe(false);
});

test('after a nudge a dead link is noticed, though it looks open', async () => {
  const proxy = await TcpProxy.open(() => listenPort);
  proxies.push(proxy);
  const identity = await testIdentity(ring, 'a', 'tab');
  const through = { ...relay.contact, addresses: [`/ip4/127.0.0.1/tcp/${proxy.port}/ws`] };
  const a = new Libp2pPeer(identity, { trust: ring.trust, relays: [through] }, happenings.changed);
  await a.start();
  tabs.push(a);
  await happenings.until(() => a.sees(relay));
  a.network.nudge();
  await expect.poll(() => a.network.reachable, { timeout: 10_000 }).toBe(true);
  expect(a.downs).toBe(0);
  proxy.silence();
  a.network.nudge();
  await happenings.until(() => a.downs === 1);
  expect(a.events.at(-1)).toMatchObject({ type: 'down', reason: 'lost' });
});
