/** The libp2p node of a browser tab: websockets to relays, circuits for signalling, WebRTC to everybody. */
import './polyfill.ts';
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2';
import { webRTC } from '@libp2p/webrtc';
import { webSockets } from '@libp2p/websockets';
import { createLibp2p } from 'libp2p';
import { cureDialRace } from './dial-race.ts';
import { commonOptions, type Libp2pNode, type NodeOptions, type ReservationStore } from './libp2p-node.ts';

/** Makes and starts the node. It has no listen addresses: a reservation at a relay is what makes it reachable. */
export async function createTabNode(options: NodeOptions): Promise<Libp2pNode> {
  cureDialRace();
  const makeCircuit = circuitRelayTransport();
  let reservations: ReservationStore | undefined;
  const libp2p = await createLibp2p({
    ...commonOptions(options),
    transports: [
      webSockets(),
      (components) => {
        const circuit = makeCircuit(components);
        reservations = (circuit as unknown as { readonly reservationStore: ReservationStore })
          .reservationStore;
        return circuit;
      },
      webRTC({ rtcConfiguration: { iceServers: [...options.iceServers] } }),
    ],
  });
  return { libp2p, reservations };
}
