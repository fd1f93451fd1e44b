/** What both kinds of libp2p node have in common: the options, and what the adapter needs of a node. */
import { serviceCapabilities, type Libp2p, type PeerId, type PrivateKey } from '@libp2p/interface';
import type { Multiaddr } from '@multiformats/multiaddr';
import type { Libp2pOptions } from 'libp2p';
import type { Role } from '../../core/identity/certificates.ts';
import { DIALS_MAX } from '../../core/codec/limits.ts';
import type { CircuitServer } from './circuit-server.ts';
import { linkEncrypter } from './encrypter.ts';
import { CONNECTIONS_MAX, INBOUND_PER_SECOND_MAX, WEBRTC_DIAL_MS } from './limits.ts';
import { linkMuxer } from './muxer.ts';

/** The reservations that we hold, as @libp2p/circuit-relay-v2 keeps them. */
export interface ReservationStore {
  hasReservation(peerId: PeerId): boolean;
  addRelay(peerId: PeerId, type: 'configured'): Promise<{ readonly details: HeldReservation }>;
  /** Nodes that failed, by the bytes of their multihash. */
  readonly relayFilter: { remove(item: Uint8Array): unknown };
}

export interface HeldReservation {
  /** Id of the connection that it ends with. */
  readonly connection: string;
  /** When it ends: seconds since 1970, by the other node's clock. */
  readonly reservation: { expire: bigint };
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
  /** Introduces our neighbours to each other; without it nobody does. */
  readonly circuits?: CircuitServer;
  /** Whether we are dialling this address: libp2p is to dial nothing by itself. Default: every address. */
  readonly dials?: (address: Multiaddr) => boolean;
}

export function commonOptions(options: NodeOptions): Libp2pOptions {
  const { circuits, dials = () => true } = options;
  return {
    privateKey: options.privateKey,
    connectionEncrypters: [linkEncrypter()],
    streamMuxers: [linkMuxer()],
    connectionManager: {
      maxConnections: CONNECTIONS_MAX[options.role],
      maxIncomingPendingConnections: CONNECTIONS_MAX[options.role],
      inboundConnectionThreshold: INBOUND_PER_SECOND_MAX,
      maxParallelDials: 2 * DIALS_MAX,
      dialTimeout: WEBRTC_DIAL_MS,
      addressDialTimeout: WEBRTC_DIAL_MS,
      // The adapter's own watchdog redials.
      reconnectRetries: 0,
      // Nobody is asked where an address is.
      resolvers: {},
    },
    // Costs most of the idle time; links are probed by their own machine.
    connectionMonitor: { enabled: false },
    // The browser's default gater refuses ws:// and private addresses: relays in the office have both.
    connectionGater: {
      denyDialMultiaddr: (address) => !dials(address),
      ...circuits?.gater,
    },
    services: { identify: () => new NoIdentify(), ...(circuits && { circuits: circuits.service }) },
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
