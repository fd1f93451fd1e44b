/** A stranger with a libp2p node of its own against a relay: nothing it sends gets anywhere, and all of it is counted. */
import { createLibp2p, type Libp2p } from 'libp2p';
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2';
import type { Stream } from '@libp2p/interface';
import { noise } from '@libp2p/noise';
import { webSockets } from '@libp2p/websockets';
import { yamux } from '@libp2p/yamux';
import { multiaddr } from '@multiformats/multiaddr';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import '../../../../src/adapters/libp2p/node-web-socket.ts';
import { commonOptions, type ReservationStore } from '../../../../src/adapters/libp2p/libp2p-node.ts';
import { LINK_PROTOCOL } from '../../../../src/adapters/libp2p/limits.ts';
import { peerIdOf, transportKeyOf } from '../../../../src/adapters/libp2p/peer-id.ts';
import { vaultPrivateKey } from '../../../../src/adapters/libp2p/private-key.ts';
import { encodeCbor } from '../../../../src/core/codec/cbor.ts';
import { encodeFrame } from '../../../../src/core/overlay/link/frame.ts';
import { helloCodec } from '../../../../src/core/overlay/link/hello.ts';
import { Libp2pPeer, testIdentity } from '../../../support/libp2p-peer.ts';
import { signedByAnother } from '../../../support/other-authority.ts';
import { createTestRing, testKey } from '../../../support/ring.ts';
import { freePort } from '../../../browser/support/free-port.ts';

let relay: Libp2pPeer;
let stranger: Libp2p;
let reservations: ReservationStore;

beforeEach(async () => {
  const ring = await createTestRing('hostile');
  const listenPort = await freePort();
  const identity = await testIdentity(ring, 'relay', 'relay', [`/ip4/127.0.0.1/tcp/${listenPort}/ws`]);
  relay = new Libp2pPeer(identity, { trust: ring.trust, relays: [], listenPort });
  await relay.start();
  const { pair, publicKey } = await testKey('stranger');
  const privateKey = {
    type: 'Ed25519' as const,
    publicKey: transportKeyOf(publicKey),
    raw: new Uint8Array(64),
    equals: () => false,
    sign: async (data: Uint8Array | { slice(): Uint8Array }) =>
      new Uint8Array(
        await crypto.subtle.sign('Ed25519', pair.privateKey, data.slice() as Uint8Array<ArrayBuffer>),
      ),
  };
  const makeCircuit = circuitRelayTransport();
  const { services } = commonOptions({
    role: 'tab',
    privateKey,
    iceServers: [],
    listenPort: undefined,
  });
  stranger = await createLibp2p({
    privateKey,
    transports: [
      webSockets(),
      (components) => {
        const circuit = makeCircuit(components);
        ({ reservationStore: reservations } = circuit as unknown as { reservationStore: ReservationStore });
        return circuit;
      },
    ],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionMonitor: { enabled: false },
    ...(services === undefined ? {} : { services }),
  });
});

afterEach(async () => {
  await stranger.stop();
  await relay.network.stop();
});

async function openStream(): Promise<Stream> {
  return stranger.dialProtocol(multiaddr(relay.contact.addresses[0]!), LINK_PROTOCOL);
}

function ended(stream: Stream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.status !== 'open') return resolve();
    stream.addEventListener('remoteCloseWrite', () => resolve());
    stream.addEventListener('close', () => resolve());
  });
}

describe('what a stranger sends instead of a hello', () => {
  const cases: [string, string, () => Promise<Uint8Array> | Uint8Array][] = [
    ['garbage', 'too-long', () => new Uint8Array(1_000).fill(0xff)],
    ['an unknown version', 'unknown-version', () => encodeFrame('hello', encodeCbor({ v: 9 }))],
    ['no CBOR', 'malformed', () => encodeFrame('hello', new Uint8Array(9).fill(0xff))],
    ['an unknown frame', 'unknown-frame', () => Uint8Array.of(2, 200, 0)],
    ['a message', 'unexpected-frame', () => encodeFrame('control-end', new Uint8Array(20))],
    [
      'a certificate of somebody else',
      'wrong-peer-key',
      async () => {
        const ring = await createTestRing('hostile');
        const { certificate } = (await testIdentity(ring, 'victim', 'tab')).contact;
        const hello = { v: 1 as const, ring: ring.trust.ring, certificate, addresses: [], at: 0 };
        return encodeFrame('hello', helloCodec.encode(hello));
      },
    ],
    [
      'a certificate that it signed itself',
      'bad-signature',
      async () => {
        const ring = await createTestRing('hostile');
        const { publicKey } = await testKey('stranger');
        const certificate = await signedByAnother(await ring.nodeCertificate('stranger', publicKey));
        const hello = { v: 1 as const, ring: ring.trust.ring, certificate, addresses: [], at: 0 };
        return encodeFrame('hello', helloCodec.encode(hello));
      },
    ],
  ];
  test.each(cases)('%s: refused with %s, counted, and the stream ends', async (_, code, bytes) => {
    const stream = await openStream();
    const end = ended(stream);
    stream.send(await bytes());
    await end;
    expect(relay.counters.get(`network.${code}`)).toBe(1);
    expect(relay.counters.notes().at(-1)).toMatchObject({ area: 'network', code });
    expect([relay.events, relay.network.links()]).toEqual([[], []]);
  });

  test('half a frame, and then the end', async () => {
    const stream = await openStream();
    const end = ended(stream);
    stream.send(encodeFrame('hello', new Uint8Array(500)).subarray(0, 100));
    await stream.close();
    await end;
    expect(relay.counters.get('network.truncated')).toBe(1);
  });
});

test('without a certificate there is no place at the relay, and no introduction', async () => {
  const connection = await stranger.dial(multiaddr(relay.contact.addresses[0]!));
  const peerId = peerIdOf(relay.contact.peerKey);
  await expect(reservations.addRelay(peerId, 'configured')).rejects.toThrow('reservation failed');
  expect(relay.counters.get('network.introductions-denied')).toBe(1);
  expect(connection.remotePeer.equals(peerId)).toBe(true);
});

test('the peer key signs links and nothing else, and does not come out', async () => {
  const ring = await createTestRing('hostile');
  const { vault, contact } = await testIdentity(ring, 'ada', 'tab');
  const key = vaultPrivateKey(vault, contact.peerKey);
  expect(() => key.raw).toThrow('stays in the vault');
  await expect(key.sign(new Uint8Array(40))).rejects.toThrow();
  const noiseStatic = new Uint8Array(24 + 32);
  noiseStatic.set(new TextEncoder().encode('noise-libp2p-static-key:'));
  expect(await key.publicKey.verify(noiseStatic, await key.sign(noiseStatic))).toBe(true);
  expect(peerIdOf(contact.peerKey).publicKey?.equals(key.publicKey)).toBe(true);
});
