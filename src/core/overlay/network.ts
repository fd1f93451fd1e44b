/**
 * The Network port: links to other nodes, each one long-lived framed stream with flow control. When `linkUp` is
 * called, both ends have shown node certificates of the ring that fit their transport keys; nothing is exchanged before.
 * Adapters: libp2p (WebRTC, websockets), memory (tests, simulation). One contract suite for both.
 */
import type { Bytes } from '../codec/bytes.ts';
import type { NodeId } from '../codec/id.ts';
import type { Contact } from './contact.ts';

/** `control` messages overtake `bulk` ones of the same link; within a lane order is kept. */
export type Lane = 'control' | 'bulk';

export interface LinkInfo {
  readonly contact: Contact;
  /** False while bytes pass through a relay circuit. */
  readonly direct: boolean;
  /** Milliseconds since 1970. */
  readonly openedAt: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  /** Smoothed round-trip time, undefined before the first measurement. */
  readonly rttMs: number | undefined;
}

export interface NetworkHandlers {
  linkUp(contact: Contact, direct: boolean): void;
  /** `reason` is a short code: `closed`, `lost`, `refused`, `replaced` … */
  linkDown(nodeId: NodeId, reason: string): void;
  message(from: NodeId, message: Bytes): void;
}

export interface Network {
  readonly self: NodeId;
  /** Listens. Rejects with NetworkError. */
  start(handlers: NetworkHandlers): Promise<void>;
  /**
   * Resolves when a link to the contact is up (at once if it is). `via`: nodes that may introduce us, best first, beside
   * the relays. Rejects with NetworkError.
   */
  connect(contact: Contact, via?: readonly NodeId[]): Promise<void>;
  /**
   * Resolves when the message has been taken by the transport: that is back-pressure, not delivery. Rejects with
   * NetworkError `no-link`, `congested` (the lane's queue is full) or `too-large`.
   */
  send(to: NodeId, message: Bytes, lane: Lane): Promise<void>;
  /** Closes a link, if there is one; the other side sees `closed`. */
  close(nodeId: NodeId, reason: string): void;
  links(): readonly LinkInfo[];
  /** Closes all links and stops listening. */
  stop(): Promise<void>;
}

export type NetworkErrorCode = 'no-link' | 'unreachable' | 'refused' | 'congested' | 'too-large' | 'stopped';

export class NetworkError extends Error {
  override readonly name = 'NetworkError';
  readonly code: NetworkErrorCode;
  constructor(code: NetworkErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
