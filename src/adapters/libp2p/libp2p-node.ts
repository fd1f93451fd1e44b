/** What both kinds of libp2p node have in common: the options, and what the adapter needs of a node. */
import { serviceCapabilities, type Libp2p, type PeerId, type PrivateKey } from '@libp2p/interface';
import { noise } from '@libp2p/noise';
import { yamux } from '@libp2p/yamux';
import type { Libp2pOptions } from 'libp2p';
import type { Role } from '../../core/identity/certificates.ts';
import { DIALS_MAX } from '../../core/codec/limits.ts';
import { CONNECTIONS_MAX, INBOUND_PER_SECOND_MAX, WEBRTC_DIAL_MS } from './limits.ts';

/** Reservations at relays, as @libp2p/circuit-relay-v2 keeps them. */
export interface ReservationStore {
  hasReservation(peerId: PeerId): boolean;
  addRelay(peerId: PeerId, type: 'configured'): Promise<unknown>;
  /** Relays that failed, by the bytes of their multihash. */
  readonly relayFilter: { remove(item: Uint8Array): unknown };
}

export interface Libp2pNode {
  readonly libp2p: Libp2p;
  /** Undefined on a relay. */
  readonly reservations: ReservationStore | undefined;
}

export interface NodeOptions {
  readonly role: Role;
  readonly privateKey: PrivateKey;
  /** For WebRTC; none by default: peers then find each other on networks that let them. */
  readonly iceServers: readonly RTCIceServer[];
  /** TCP port of the relay's websocket listener on loopback. */
  readonly listenPort: number | undefined;
  /** Who may reserve a place at our relay and be called through it: nodes with a link. */
  readonly admits: (peerId: PeerId) => Promise<boolean>;
}

export function commonOptions(options: NodeOptions): Libp2pOptions {
  return {
    privateKey: options.privateKey,
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: {
      maxConnections: CONNECTIONS_MAX[options.role],
      maxIncomingPendingConnections: CONNECTIONS_MAX[options.role],
      inboundConnectionThreshold: INBOUND_PER_SECOND_MAX,
      maxParallelDials: 2 * DIALS_MAX,
      dialTimeout: WEBRTC_DIAL_MS,
      addressDialTimeout: WEBRTC_DIAL_MS,
      // The adapter's own watchdog redials.
      reconnectRetries: 0,
    },
    // Costs most of the idle time; links are probed by their own machine.
    connectionMonitor: { enabled: false },
    // The browser's default gater refuses ws:// and private addresses: relays in the office have both.
    connectionGater: {
      denyDialMultiaddr: () => false,
      denyInboundRelayReservation: async (source) => !(await options.admits(source)),
      denyOutboundRelayedConnection: async (source, destination) =>
        !((await options.admits(source)) && (await options.admits(destination))),
    },
    services: { identify: () => new NoIdentify() },
  };
}

/**
 * WebRTC and circuit transports ask for identify, but only relay discovery uses it, which we don't: addresses and
 * keys come with certificates. This says that it is there and saves a signature and two streams a connection.
 */
class NoIdentify {
  readonly [serviceCapabilities] = ['@libp2p/identify'];
  readonly [Symbol.toStringTag] = '@epost/no-identify';
}
