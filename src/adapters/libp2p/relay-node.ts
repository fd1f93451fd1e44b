/** The libp2p node of a relay: a websocket listener on loopback, and circuits between the nodes that have a link. */
import './polyfill.ts';
import './node-web-socket.ts';
import { circuitRelayServer } from '@libp2p/circuit-relay-v2';
import { webSockets } from '@libp2p/websockets';
import { createLibp2p } from 'libp2p';
import { commonOptions, type Libp2pNode, type NodeOptions } from './libp2p-node.ts';
import { CIRCUIT_BYTES_MAX, CIRCUIT_MS, CIRCUITS_MAX, RESERVATIONS_MAX } from './limits.ts';

/** Makes and starts the node; without `listenPort` it only dials. */
export async function createRelayNode(options: NodeOptions): Promise<Libp2pNode> {
  const common = commonOptions(options);
  const libp2p = await createLibp2p({
    ...common,
    addresses: {
      listen: options.listenPort === undefined ? [] : [`/ip4/127.0.0.1/tcp/${options.listenPort}/ws`],
    },
    transports: [webSockets()],
    services: {
      ...common.services,
      relay: circuitRelayServer({
        maxInboundHopStreams: CIRCUITS_MAX,
        maxOutboundStopStreams: CIRCUITS_MAX,
        reservations: {
          maxReservations: RESERVATIONS_MAX,
          defaultDataLimit: CIRCUIT_BYTES_MAX,
          defaultDurationLimit: CIRCUIT_MS,
        },
      }),
    },
  });
  return { libp2p, reservations: undefined };
}
