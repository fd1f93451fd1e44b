/** What the overlay offers to the layers above it. */
import type { Bytes } from '../codec/bytes.ts';
import type { Key, NodeId } from '../codec/id.ts';
import type { Contact } from './contact.ts';

export interface Lookup {
  /** The live node closest to the key. */
  readonly root: Contact;
  /** The root and its leaf set, closest to the key first: the first k are the key's replica set. */
  readonly nearest: readonly Contact[];
  readonly hops: number;
}

export type OverlayEvent =
  /** The leaf set is confirmed: routing answers are to be trusted. */
  | { readonly type: 'ready' }
  /** After sleep, partition or start: look-ups wait until `ready`. */
  | { readonly type: 'not-ready' }
  /** The leaf set changed: replica sets may have changed. */
  | { readonly type: 'leaf-set'; readonly added: readonly NodeId[]; readonly removed: readonly NodeId[] }
  | { readonly type: 'links' };

export interface RequestOptions {
  /** Default 10 s. */
  readonly timeoutMs?: number;
}

/** Handles requests of one service. Rejecting with a ServiceRefusal tells the caller code and reason. */
export type ServiceHandler = (body: Bytes, from: NodeId) => Promise<Bytes>;

export interface Overlay {
  readonly self: Contact;
  /** Joins through the bootstrap contacts, keeps trying in the background; resolves when ready or alone. */
  start(bootstrap: readonly Contact[]): Promise<void>;
  readonly ready: boolean;
  /** Routes to the key's root; recursive, the reply comes back along the path. Rejects with OverlayError. */
  lookup(key: Key, options?: RequestOptions): Promise<Lookup>;
  /**
   * Asks a node; over its link if there is one, else routed hop by hop if body and reply fit ROUTED_BYTES_MAX, else
   * over a new direct link. Asking oneself works too. Rejects with OverlayError.
   */
  request(to: NodeId, service: string, body: Bytes, options?: RequestOptions): Promise<Bytes>;
  /** One handler per service name. */
  handle(service: string, handler: ServiceHandler): void;
  /** The leaf set, without self: nearest nodes on both sides. */
  leafSet(): readonly Contact[];
  /** Closest known live nodes to the key, self included, from local knowledge; exact when the key lies in our leaf set. */
  closest(key: Key, count: number): readonly Contact[];
  /** The contact of a node we know. */
  contact(nodeId: NodeId): Contact | undefined;
  subscribe(listener: (event: OverlayEvent) => void): () => void;
  /** The machine may have slept: confirm the leaf set before answering. */
  wake(): void;
  /** Says good-bye and stops. */
  leave(): Promise<void>;
}

/** `unreachable`: no such live node; `refused`: the service said no (see refusalCode); `stopped`: we are leaving. */
export type OverlayErrorCode = 'unreachable' | 'timeout' | 'refused' | 'not-ready' | 'too-large' | 'stopped';

export class OverlayError extends Error {
  override readonly name = 'OverlayError';
  readonly code: OverlayErrorCode;
  /** For `refused`: the code of the service's refusal. */
  readonly refusalCode: string | undefined;
  constructor(code: OverlayErrorCode, message: string, refusalCode?: string) {
    super(message);
    this.code = code;
    this.refusalCode = refusalCode;
  }
}

/** Thrown by service handlers: code and reason travel to the caller. */
export class ServiceRefusal extends Error {
  override readonly name = 'ServiceRefusal';
  readonly code: string;
  constructor(code: string, reason: string) {
    super(reason);
    this.code = code;
  }
}
