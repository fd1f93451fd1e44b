/**
 * Tabs as circuit relays for their neighbours: between whom, how long, how much. In Node these tabs are linked by
 * websockets instead of WebRTC, which makes no difference to circuits.
 */
import type { Connection, PeerId, Stream } from '@libp2p/interface';
import { RELAY_V2_HOP_CODEC, RELAY_V2_STOP_CODEC, type CircuitRelayService } from '@libp2p/circuit-relay-v2';
import { webSockets } from '@libp2p/websockets';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import '../../../../src/adapters/libp2p/node-web-socket.ts';
import { addressThrough } from '../../../../src/adapters/libp2p/addresses.ts';
import { Changes } from '../../../../src/adapters/libp2p/changes.ts';
import { CircuitServer } from '../../../../src/adapters/libp2p/circuit-server.ts';
import { CircuitTransport } from '../../../../src/adapters/libp2p/circuit-transport.ts';
import {
  commonOptions,
  type Libp2pNode,
  type NodeOptions,
} from '../../../../src/adapters/libp2p/libp2p-node.ts';
import {
  CIRCUIT_BYTES_MAX,
  LINK_PROTOCOL,
  NEIGHBOUR_ASKS_MAX,
  RENEW_BEFORE_MS,
  RESERVATION_MS,
} from '../../../../src/adapters/libp2p/limits.ts';
import { peerIdOf } from '../../../../src/adapters/libp2p/peer-id.ts';
import { VirtualClock } from '../../../../src/adapters/memory/clock.ts';
import { Counters } from '../../../../src/core/codec/counters.ts';
import { freePort } from '../../../browser/support/free-port.ts';
import { Happenings, Libp2pPeer, testIdentity } from '../../../support/libp2p-peer.ts';
import { createTestRing, testKey } from '../../../support/ring.ts';

const ring = await createTestRing('circuit server');
const happenings = new Happenings();
const ECHO = '/test/echo';

interface Tab {
  readonly peer: Libp2pPeer;
  readonly node: Libp2pNode;
}

let tabs: Tab[];

beforeEach(() => {
  tabs = [];
});
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(tabs.map(({ peer }) => peer.network.stop()));
});

/** A tab that can be dialled by its address, and may dial what it likes. */
async function startTab(name: string): Promise<Tab> {
  const listenPort = await freePort();
  let node: Libp2pNode | undefined;
  async function createNode(options: NodeOptions): Promise<Libp2pNode> {
    const circuits = new CircuitTransport();
    const libp2p = await createLibp2p({
      ...commonOptions({ ...options, dials: () => true }),
      addresses: { listen: [`/ip4/127.0.0.1/tcp/${listenPort}/ws`] },
      transports: [webSockets(), circuits.transport],
    });
    node = { libp2p, reservations: circuits.reservations };
    return node;
  }
  const identity = await testIdentity(ring, name, 'tab', [`/ip4/127.0.0.1/tcp/${listenPort}/ws`]);
  const peer = new Libp2pPeer(identity, { trust: ring.trust, relays: [], createNode }, happenings.changed);
  await peer.start();
  const tab = { peer, node: node! };
  tabs.push(tab);
  return tab;
}

/** Three tabs; Bob is linked with the others and holds reservations of both. */
async function acquainted(): Promise<readonly [Tab, Tab, Tab]> {
  const [ada, bob, cora] = [await startTab('ada'), await startTab('bob'), await startTab('cora')];
  for (const { peer } of [ada, cora]) await peer.network.connect(bob.peer.contact);
  const holds = ({ node }: Tab): boolean =>
    node.reservations!.hasReservation(peerIdOf(bob.peer.contact.peerKey));
  await expect.poll(() => [ada, cora].every(holds), { timeout: 10_000 }).toBe(true);
  return [ada, bob, cora];
}

const reservationsOf = ({ node }: Tab): CircuitRelayService['reservations'] =>
  (node.libp2p.services as unknown as { readonly circuits: CircuitRelayService }).circuits.reservations;

function dialThrough(from: Tab, introducer: Tab, to: Tab): Promise<Connection> {
  const { peerKey } = to.peer.contact;
  return from.node.libp2p.dial(addressThrough(introducer.peer.contact.peerKey, peerKey, false));
}

function ended(stream: Stream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.status !== 'open') return resolve();
    stream.addEventListener('close', () => resolve());
  });
}

/** In real time, whatever the clock says. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}

test('who asks for one that is just reserving waits for its reservation', async () => {
  const [ada, bob, cora] = [await startTab('ada'), await startTab('bob'), await startTab('cora')];
  const gate = Promise.withResolvers<void>();
  const store = cora.node.reservations!;
  const addRelay = store.addRelay.bind(store);
  store.addRelay = (...how) => gate.promise.then(() => addRelay(...how));
  for (const { peer } of [ada, cora]) await peer.network.connect(bob.peer.contact);
  const circuit = dialThrough(ada, bob, cora);
  const asked = (): boolean =>
    bob.node.libp2p
      .getConnections(ada.node.libp2p.peerId)
      .some(({ streams }) => streams.some(({ protocol }) => protocol === RELAY_V2_HOP_CODEC));
  await until(asked);
  gate.resolve();
  expect((await circuit).status).toBe('open');
});

test('a tab connects two that are linked with it, for signalling only: a link over its circuit is refused', async () => {
  const [ada, bob, cora] = await acquainted();
  const circuit = await dialThrough(ada, bob, cora);
  expect(circuit.limits!.bytes!).toBeLessThanOrEqual(CIRCUIT_BYTES_MAX.tab);
  expect(bob.peer.counters.get('network.introductions-given')).toBe(1);

  const stream = await circuit.newStream(LINK_PROTOCOL, { runOnLimitedConnection: true });
  await ended(stream);
  expect(cora.peer.counters.get('network.signalling-only')).toBe(1);
  expect(cora.peer.network.links()).toHaveLength(1);
  // Neither does our own dialler try to: without WebRTC nobody but a relay is of use.
  await expect(
    ada.peer.network.connect({ ...cora.peer.contact, addresses: [] }, [bob.peer.contact.nodeId]),
  ).rejects.toMatchObject({ code: 'unreachable' });
});

test('a circuit through a tab ends after 64 KiB', async () => {
  const [ada, bob, cora] = await acquainted();
  let receivedBytes = 0;
  await cora.node.libp2p.handle(
    ECHO,
    (stream) => stream.addEventListener('message', ({ data }) => (receivedBytes += data.byteLength)),
    { runOnLimitedConnection: true },
  );
  const circuit = await dialThrough(ada, bob, cora);
  const stream = await circuit.newStream(ECHO, { runOnLimitedConnection: true });
  for (let i = 0; i < 5; i++) stream.send(new Uint8Array(16 * 1024));
  await ended(stream);
  expect(receivedBytes).toBeLessThanOrEqual(64 * 1024);
  await expect.poll(() => circuit.status).not.toBe('open');
});

test('who has no link gets no reservation and no introduction', async () => {
  const [ada, bob, cora] = await acquainted();
  const stranger = await startTab('stranger');
  await stranger.node.libp2p.dial(multiaddr(bob.peer.contact.addresses[0]!));
  await expect(dialThrough(stranger, bob, cora)).rejects.toThrow('PERMISSION_DENIED');
  expect(bob.peer.counters.get('network.introductions-denied')).toBe(1);
  await expect(dialThrough(ada, bob, stranger)).rejects.toThrow('NO_RESERVATION');
});

test('a neighbour that asks too often is denied until the next minute, others are not', async () => {
  const clock = new VirtualClock();
  const counters = new Counters(() => clock.now());
  const changes = new Changes(clock);
  const options = { admits: async () => true, isNew: () => false, changes, clock, counters };
  const { gater } = new CircuitServer({ role: 'tab', ...options });
  const [ada, bob, cora] = await Promise.all(
    ['ada', 'bob', 'cora'].map(async (name) => peerIdOf((await testKey(name)).publicKey)),
  );
  const isDenied = async (source: PeerId): Promise<boolean> =>
    gater.denyOutboundRelayedConnection!(source, cora!);
  for (let i = 0; i < NEIGHBOUR_ASKS_MAX; i++) expect(await isDenied(ada!)).toBe(false);
  expect(await isDenied(ada!)).toBe(true);
  expect(await isDenied(bob!)).toBe(false);
  clock.advance(60_000);
  expect(await isDenied(ada!)).toBe(false);
  expect(counters.get('network.introductions-denied')).toBe(1);
});

test('a reservation ends with its link', async () => {
  const [ada, bob, cora] = await acquainted();
  bob.peer.network.close(cora.peer.contact.nodeId, 'test');
  await happenings.until(() => bob.peer.downs === 1);
  await expect.poll(() => reservationsOf(bob).size, { timeout: 10_000 }).toBe(1);
  await expect(dialThrough(ada, bob, cora)).rejects.toThrow('NO_RESERVATION');
  await cora.peer.network.connect(bob.peer.contact);
  await expect.poll(() => reservationsOf(bob).size, { timeout: 10_000 }).toBe(2);
  expect((await dialThrough(ada, bob, cora)).status).toBe('open');
});

test('reservations are renewed in good time', async () => {
  const [, bob] = await acquainted();
  const ends = (): number[] => [...reservationsOf(bob).values()].map(({ expiry }) => expiry.getTime());
  const later = Math.max(...ends()) - RENEW_BEFORE_MS + 60_000;
  vi.useFakeTimers({ toFake: ['Date'], now: later });
  await until(() => ends().every((end) => end >= later + RESERVATION_MS));
});

test('circuits from where we hold no reservation are not taken', async () => {
  const [ada] = await acquainted();
  const stranger = await startTab('stranger');
  const connection = await stranger.node.libp2p.dial(multiaddr(ada.peer.contact.addresses[0]!));
  const stream = await connection.newStream(RELAY_V2_STOP_CODEC);
  await ended(stream);
  expect(
    ada.node.libp2p.getMultiaddrs().filter((address) => address.toString().includes('p2p-circuit')),
  ).toEqual([]);
});
