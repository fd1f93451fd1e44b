/** The libp2p node of a browser tab: websockets to relays, circuits for signalling, WebRTC to everybody. */
import './polyfill.ts';
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2';
import type { Connection, Stream } from '@libp2p/interface';
import { webRTC } from '@libp2p/webrtc';
import { webSockets } from '@libp2p/websockets';
import { createLibp2p } from 'libp2p';
import { cureDialRace } from './dial-race.ts';
import { commonOptions, type Libp2pNode, type NodeOptions, type ReservationStore } from './libp2p-node.ts';
import { NEIGHBOUR_CIRCUITS_MAX, RESERVE_MS } from './limits.ts';

/** What we use of the circuit transport beside the transport itself. */
interface CircuitTransport {
  readonly reservationStore: ReservationStore;
  /** Takes a circuit that somebody wants to have with us; registered when the node starts. */
  onStop: (stream: Stream, connection: Connection) => Promise<void>;
}

/** Makes and starts the node. It has no listen addresses: reservations at relays and neighbours make it reachable. */
export async function createTabNode(options: NodeOptions): Promise<Libp2pNode> {
  cureDialRace();
  const makeCircuit = circuitRelayTransport({
    reservationCompletionTimeout: RESERVE_MS,
    // On our link to a relay: circuits through a relay may be whole links.
    maxInboundStopStreams: NEIGHBOUR_CIRCUITS_MAX.relay,
  });
  let reservations: ReservationStore | undefined;
  const libp2p = await createLibp2p({
    ...commonOptions(options),
    transports: [
      webSockets(),
      (components) => {
        const transport = makeCircuit(components);
        const circuit = transport as unknown as CircuitTransport;
        reservations = circuit.reservationStore;
        refuseUninvited(circuit);
        return transport;
      },
      webRTC({ rtcConfiguration: { iceServers: [...options.iceServers] } }),
    ],
  });
  return { libp2p, reservations };
}

/** Without a reservation of ours libp2p would begin to listen there, and not stop to. */
function refuseUninvited(circuit: CircuitTransport): void {
  const { onStop } = circuit;
  circuit.onStop = async (stream, connection) => {
    if (circuit.reservationStore.hasReservation(connection.remotePeer)) return onStop(stream, connection);
    stream.abort(new Error('no reservation of ours'));
  };
}
