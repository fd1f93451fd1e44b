/** The libp2p node of a browser tab: websockets to relays, circuits for signalling, WebRTC to everybody. */
import './polyfill.ts';
import { webRTC } from '@libp2p/webrtc';
import { webSockets } from '@libp2p/websockets';
import { createLibp2p } from 'libp2p';
import { CircuitTransport } from './circuit-transport.ts';
import { cureDialRace } from './dial-race.ts';
import { commonOptions, type Libp2pNode, type NodeOptions } from './libp2p-node.ts';

/** Makes and starts the node. It has no listen addresses: reservations at relays and neighbours make it reachable. */
export async function createTabNode(options: NodeOptions): Promise<Libp2pNode> {
  cureDialRace();
  const circuits = new CircuitTransport();
  const libp2p = await createLibp2p({
    ...commonOptions(options),
    transports: [
      webSockets(),
      circuits.transport,
      webRTC({ rtcConfiguration: { iceServers: [...options.iceServers] } }),
    ],
  });
  return { libp2p, reservations: circuits.reservations };
}
