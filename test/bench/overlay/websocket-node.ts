/** libp2p nodes that listen for websockets on loopback: the one transport of everything that is compared. */
import { createServer, type AddressInfo } from 'node:net';
import { generateKeyPair } from '@libp2p/crypto/keys';
import { noise } from '@libp2p/noise';
import type { ServiceFactoryMap } from 'libp2p';
import { webSockets } from '@libp2p/websockets';
import { yamux } from '@libp2p/yamux';
import { createLibp2p, type Libp2p } from 'libp2p';
import {
  commonOptions,
  type Libp2pNode,
  type NodeOptions,
} from '../../../src/adapters/libp2p/libp2p-node.ts';
import '../../../src/adapters/libp2p/node-web-socket.ts';
import '../../../src/adapters/libp2p/polyfill.ts';
import type { Traffic } from './traffic.ts';

export function listenAddress(port: number): string {
  return `/ip4/127.0.0.1/tcp/${port}/ws`;
}

/** A node for this overlay's network: as a tab's, with a listener instead of WebRTC. */
export async function createMemberNode(options: NodeOptions, traffic: Traffic): Promise<Libp2pNode> {
  const { listenPort = 0 } = options;
  const libp2p = await createLibp2p({
    ...commonOptions(options),
    addresses: { listen: [listenAddress(listenPort)] },
    transports: [webSockets()],
    metrics: traffic.metrics,
  });
  return { libp2p, reservations: undefined };
}

/** A node of a peer: the same transport and limits, libp2p's encryption and muxer as they come, and the services to be measured. */
export async function createPeerNode<T extends Record<string, unknown>>(
  services: ServiceFactoryMap<T>,
  traffic: Traffic,
): Promise<Libp2p<T>> {
  const { services: _, ...common } = commonOptions({
    role: 'tab',
    privateKey: await generateKeyPair('Ed25519'),
    iceServers: [],
    listenPort: undefined,
  });
  return createLibp2p({
    ...common,
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    addresses: { listen: [listenAddress(0)] },
    transports: [webSockets()],
    metrics: traffic.metrics,
    services,
  });
}

/** Ports that were free a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
