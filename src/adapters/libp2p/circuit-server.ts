/** The part of a node that introduces its neighbours to each other: circuit relay v2, between nodes that have a link to us. */
import {
  circuitRelayServer,
  RELAY_V2_HOP_CODEC,
  RELAY_V2_STOP_CODEC,
  type CircuitRelayServerComponents,
  type CircuitRelayService,
} from '@libp2p/circuit-relay-v2';
import type { ConnectionGater, PeerId, Stream } from '@libp2p/interface';
import type { Clock } from '../../core/codec/clock.ts';
import type { Counters } from '../../core/codec/counters.ts';
import type { Role } from '../../core/identity/certificates.ts';
import type { Changes } from './changes.ts';
import {
  CIRCUIT_BYTES_MAX,
  CIRCUIT_MS,
  CIRCUITS_MAX,
  HOP_MS,
  NEIGHBOUR_ASKS_MAX,
  NEIGHBOUR_CIRCUITS_MAX,
  NEWCOMER_MS,
  RESERVATION_MS,
  RESERVATIONS_MAX,
} from './limits.ts';
import { peerIdIn } from './peer-id.ts';

export interface CircuitServerOptions {
  readonly role: Role;
  /** Who may reserve a place here and be called through us: nodes with a link. */
  readonly admits: (peerId: PeerId) => Promise<boolean>;
  /** Whether the node's link here is so new that its reservation may be under way. */
  readonly isNew: (peerId: PeerId) => boolean;
  readonly changes: Changes;
  readonly clock: Clock;
  readonly counters: Counters;
}

/** What we use of libp2p's class beside its interface. */
interface HopServer {
  handleReserve: (hop: Hop, ...rest: readonly unknown[]) => Promise<void>;
  handleConnect: (hop: Hop, ...rest: readonly unknown[]) => Promise<void>;
}
interface Hop {
  /** `peer.id`: a multihash, as its sender wrote it. */
  readonly request: { readonly peer?: { readonly id: Uint8Array } };
}

interface Asks {
  readonly source: PeerId;
  /** Minutes since 1970. */
  readonly minute: number;
  readonly count: number;
}

/** Counts `network.introductions-given` and `network.introductions-denied`. */
export class CircuitServer {
  readonly #options: CircuitServerOptions;
  #server: CircuitRelayService | undefined;
  #components: CircuitRelayServerComponents | undefined;
  /** Circuits that each neighbour asked for in the last minute in which it did. */
  readonly #asks = new Map<string, Asks>();
  /** Streams that were half closed when we looked last. */
  readonly #closing = new WeakSet<Stream>();

  constructor(options: CircuitServerOptions) {
    this.#options = options;
  }

  /** For the services of a libp2p node. */
  readonly service = (components: CircuitRelayServerComponents): CircuitRelayService => {
    const { role } = this.#options;
    this.#components = components;
    this.#server = circuitRelayServer({
      hopTimeout: HOP_MS,
      maxInboundHopStreams: NEIGHBOUR_CIRCUITS_MAX[role],
      maxOutboundStopStreams: NEIGHBOUR_CIRCUITS_MAX[role],
      reservations: {
        maxReservations: RESERVATIONS_MAX[role],
        reservationTtl: RESERVATION_MS,
        defaultDataLimit: CIRCUIT_BYTES_MAX[role],
        defaultDurationLimit: CIRCUIT_MS[role],
      },
    })(components);
    this.#waitForNewcomers(this.#server as unknown as HopServer);
    return this.#server;
  };

  readonly gater: Pick<ConnectionGater, 'denyInboundRelayReservation' | 'denyOutboundRelayedConnection'> = {
    denyInboundRelayReservation: async (source) => {
      if (!(await this.#options.admits(source))) return this.#deny();
      // A renewed one begins anew: libp2p's timer would end it at the time of its first renewal.
      this.#forget(source);
      return false;
    },
    denyOutboundRelayedConnection: async (source, destination) => {
      const { admits, counters, role } = this.#options;
      if (!(await admits(source)) || !(await admits(destination))) return this.#deny();
      if (this.#circuits() > CIRCUITS_MAX[role] || this.#asksTooOften(source)) return this.#deny();
      counters.add('network.introductions-given');
      return false;
    },
  };

  /**
   * Called every WATCH_MS. Ends the reservations of nodes whose links went, which libp2p would keep to their end while the
   * table fills; and circuits that one end has closed, of which libp2p may forget the other half.
   */
  sweep(isLinked: (peerId: PeerId) => boolean): void {
    for (const peerId of [...(this.#server?.reservations.keys() ?? [])])
      if (!isLinked(peerId)) this.#forget(peerId);
    for (const [name, { source }] of this.#asks) if (!isLinked(source)) this.#asks.delete(name);
    for (const stream of this.#streams()) {
      if (stream.writeStatus === 'writable' && stream.remoteWriteStatus === 'writable') continue;
      if (this.#closing.has(stream)) stream.abort(new Error('half of a circuit'));
      this.#closing.add(stream);
    }
  }

  /**
   * Others hear of a node as soon as it is linked with us, and ask to be connected with it before its reservation is made:
   * on a busy machine that takes seconds. A refusal would cost them a failed dial, and the pause after it.
   */
  #waitForNewcomers(server: HopServer): void {
    const { changes, isNew } = this.#options;
    const { handleReserve, handleConnect } = server;
    server.handleReserve = async (...call) => {
      await handleReserve.apply(server, [...call]);
      changes.notify();
    };
    server.handleConnect = async (...call) => {
      const target = peerIdIn(call[0].request.peer?.id);
      const isReserved = (peerId: PeerId): boolean => this.#server?.reservations.has(peerId) ?? false;
      if (target !== undefined && !isReserved(target) && isNew(target))
        await changes.until(() => isReserved(target), NEWCOMER_MS);
      return handleConnect.apply(server, [...call]);
    };
  }

  #asksTooOften(source: PeerId): boolean {
    const minute = Math.floor(this.#options.clock.now() / 60_000);
    const name = source.toString();
    const asks = this.#asks.get(name);
    const count = asks?.minute === minute ? asks.count + 1 : 1;
    this.#asks.set(name, { source, minute, count });
    return count > NEIGHBOUR_ASKS_MAX;
  }

  /** Circuits that pass through here, those that are being asked for included. */
  #circuits(): number {
    return this.#streams().filter(({ protocol }) => protocol === RELAY_V2_HOP_CODEC).length;
  }

  /** Each circuit has two: inbound from the node that asked, outbound to the one that it asked for. */
  #streams(): readonly Stream[] {
    const connections = this.#components?.connectionManager.getConnections() ?? [];
    return connections
      .flatMap(({ streams }) => streams)
      .filter(({ protocol, direction }) =>
        direction === 'inbound' ? protocol === RELAY_V2_HOP_CODEC : protocol === RELAY_V2_STOP_CODEC,
      );
  }

  #forget(peerId: PeerId): void {
    const reservations = this.#server?.reservations;
    reservations?.get(peerId)?.signal.clear();
    reservations?.delete(peerId);
  }

  #deny(): true {
    this.#options.counters.add('network.introductions-denied');
    return true;
  }
}
