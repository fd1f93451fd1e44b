/** The libp2p node of a relay: a websocket listener on loopback. */
import './polyfill.ts';
import './node-web-socket.ts';
import { webSockets } from '@libp2p/websockets';
import { createLibp2p } from 'libp2p';
import { commonOptions, type Libp2pNode, type NodeOptions } from './libp2p-node.ts';

/** Makes and starts the node; without `listenPort` it only dials. */
export async function createRelayNode(options: NodeOptions): Promise<Libp2pNode> {
  const libp2p = await createLibp2p({
    ...commonOptions(options),
    addresses: {
      listen: options.listenPort === undefined ? [] : [`/ip4/127.0.0.1/tcp/${options.listenPort}/ws`],
    },
    transports: [webSockets()],
  });
  return { libp2p, reservations: undefined };
}
