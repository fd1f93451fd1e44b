/** The transport of circuits, and the reservations that we hold by it. */
import { circuitRelayTransport, type CircuitRelayTransportComponents } from '@libp2p/circuit-relay-v2';
import type { Connection, Stream, Transport } from '@libp2p/interface';
import { assert } from '../../core/codec/assert.ts';
import type { ReservationStore } from './libp2p-node.ts';
import { NEIGHBOUR_CIRCUITS_MAX, RESERVE_MS, RESERVING_MAX } from './limits.ts';

/** What we use of libp2p's class beside the transport itself. */
interface CircuitRelayTransport {
  readonly reservationStore: ReservationStore;
  /** Takes a circuit that somebody wants to have with us; registered when the node starts. */
  onStop: (stream: Stream, connection: Connection) => Promise<void>;
}

export class CircuitTransport {
  #circuit: CircuitRelayTransport | undefined;

  /** For the transports of a libp2p node. */
  readonly transport = (components: CircuitRelayTransportComponents): Transport => {
    const transport = circuitRelayTransport({
      reservationCompletionTimeout: RESERVE_MS,
      // None of ours waits in libp2p's queue, of which it forgets what waits whenever one reservation is made.
      reservationConcurrency: 2 * RESERVING_MAX,
      // On one connection; by a relay's there may be whole links.
      maxInboundStopStreams: NEIGHBOUR_CIRCUITS_MAX.relay,
    })(components);
    this.#circuit = transport as unknown as CircuitRelayTransport;
    refuseUninvited(this.#circuit);
    return transport;
  };

  /** Once the node is made. */
  get reservations(): ReservationStore {
    assert(this.#circuit !== undefined, 'the node is made');
    return this.#circuit.reservationStore;
  }
}

/** Asked by somebody where we hold no reservation, libp2p would begin to listen there, and not stop to. */
function refuseUninvited(circuit: CircuitRelayTransport): void {
  const { onStop } = circuit;
  circuit.onStop = async (stream, connection) => {
    if (circuit.reservationStore.hasReservation(connection.remotePeer)) return onStop(stream, connection);
    stream.abort(new Error('no reservation of ours'));
  };
}
