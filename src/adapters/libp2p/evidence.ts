/** What kind of connection it is, read from the connection objects: for the network page, and for tests that doubt. */
import type { Connection } from '@libp2p/interface';

export interface ConnectionEvidence {
  /** libp2p peer id of the other end. */
  readonly peer: string;
  readonly remoteAddr: string;
  readonly direction: 'inbound' | 'outbound';
  /** A data channel between the two machines. */
  readonly webrtc: boolean;
  /** A circuit: bytes pass through a relay, which limits them. */
  readonly relayed: boolean;
  /** What the relay still allows. */
  readonly limits: { readonly bytes: number | undefined; readonly seconds: number | undefined } | undefined;
  readonly status: string;
  /** Protocols of the open streams. */
  readonly protocols: readonly string[];
}

/** An inbound circuit can claim to be direct; limits and address don't. */
export function isRelayed(connection: Connection): boolean {
  const address = connection.remoteAddr.toString();
  return connection.limits !== undefined || (address.includes('/p2p-circuit') && !isWebRtc(connection));
}

export function isWebRtc(connection: Connection): boolean {
  return /\/webrtc(\/|$)/.test(connection.remoteAddr.toString()) && connection.limits === undefined;
}

/** Peer id of the node through which a circuit runs; undefined when the connection is no circuit. */
export function introducerOf(connection: Connection): string | undefined {
  if (!isRelayed(connection)) return undefined;
  const before = connection.remoteAddr.toString().split('/p2p-circuit').at(-2);
  return before === undefined ? undefined : /\/p2p\/([^/]+)$/.exec(before)?.[1];
}

export function evidenceOf(connection: Connection): ConnectionEvidence {
  const { limits } = connection;
  return {
    peer: connection.remotePeer.toString(),
    remoteAddr: connection.remoteAddr.toString(),
    direction: connection.direction,
    webrtc: isWebRtc(connection),
    relayed: isRelayed(connection),
    limits: limits && {
      bytes: limits.bytes === undefined ? undefined : Number(limits.bytes),
      seconds: limits.seconds,
    },
    status: connection.status,
    protocols: connection.streams.map((stream) => stream.protocol),
  };
}
