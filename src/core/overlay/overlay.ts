/** What the overlay offers to the layers above it. */
import type { Bytes } from '../codec/bytes.ts';
import type { Key, NodeId } from '../codec/id.ts';
import type { Contact } from './contact.ts';

export interface Lookup {
  /** The live node closest to the key. */
  readonly root: Contact;
  /** The root and its leaf set, closest to the key first: the first k are the key's replica set. */
  readonly nearest: readonly Contact[];
  /** Of the route; 0 for a secure look-up, which takes many. */
  readonly hops: number;
}

export type OverlayEvent =
  /** The leaf set is confirmed: routing answers are to be trusted. */
  | { readonly type: 'ready' }
  /** After sleep, partition or start: look-ups wait until `ready`. */
  | { readonly type: 'not-ready' }
  /** The leaf set changed: replica sets may have changed. */
  | { readonly type: 'leaf-set'; readonly added: readonly NodeId[]; readonly removed: readonly NodeId[] }
  /** Links that came up and went since the last event of this kind. */
  | { readonly type: 'links'; readonly up: readonly NodeId[]; readonly down: readonly NodeId[] };

/** Where a message for a key goes from here. */
export type Way =
  /** We are the key's root. */
  | { readonly kind: 'here' }
  | { readonly kind: 'next'; readonly nodeId: NodeId }
  /** Nowhere just now: not ready, or no link that leads there. */
  | { readonly kind: 'none' };

export interface RequestOptions {
  /** Default 10 s. */
  readonly timeoutMs?: number;
}

export interface LookupOptions extends RequestOptions {
  /**
   * By secure routing (Castro et al. 2002): each node of the result has signed for this look-up, and a quarter of the ring may
   * lie. Costs some 20 routes, and more where somebody does lie; default of `timeoutMs` then: 30 s. Default: false.
   */
  readonly secure?: boolean;
}

export interface AskOptions extends RequestOptions {
  /** A linked node that must be the first hop. Default: the best one. */
  readonly via?: NodeId;
  /** Every hop uses its constrained routing table: slower, but nobody can bend it towards itself. Default: false. */
  readonly constrained?: boolean;
}

/** Takes one-way messages of one service. `from` is proved by the link. */
export type TellHandler = (body: Bytes, from: NodeId) => void;

export interface ServiceOptions {
  /**
   * Whether nodes hand on requests of this service for others, who thereby go past liars. `from` is then who handed it on.
   * Default: false.
   */
  readonly forwardable?: boolean;
}

/** Handles requests of one service. Rejecting with a ServiceRefusal tells the caller code and reason. */
export type ServiceHandler = (body: Bytes, from: NodeId) => Promise<Bytes>;

/** What a node on the way of an `ask` does for the service that is asked. */
export interface PathCache {
  /** The answer to a request on its way to the root of `key`, if it is known here. */
  answer(key: Key, body: Bytes): Bytes | undefined;
  /** An answer that came back this way, from whomever: nothing of it is checked. */
  passed(key: Key, body: Bytes): void;
}

export interface Overlay {
  /** As it is now: its certificate may be a newer one the next time, so that it is not to be copied. */
  readonly self: Contact;
  /** Joins through the bootstrap contacts, keeps trying in the background; resolves when ready or alone. */
  start(bootstrap: readonly Contact[]): Promise<void>;
  readonly ready: boolean;
  /** Routes to the key's root; recursive, the reply comes back along the path. Rejects with OverlayError. */
  lookup(key: Key, options?: LookupOptions): Promise<Lookup>;
  /**
   * Asks a node; over its link if there is one, else routed hop by hop if body and reply fit ROUTED_BYTES_MAX, else
   * over a new direct link. Asking oneself works too. Rejects with OverlayError.
   */
  request(to: NodeId, service: string, body: Bytes, options?: RequestOptions): Promise<Bytes>;
  /**
   * Asks the service of the key's root in one journey, without a look-up; body and answer at most ROUTED_BYTES_MAX. Who
   * answered is not proved: what matters is signed in the answer. Rejects with OverlayError.
   */
  ask(key: Key, service: string, body: Bytes, options?: AskOptions): Promise<Bytes>;
  /** One handler per service name, for `request` and `ask` alike. */
  handle(service: string, handler: ServiceHandler, options?: ServiceOptions): void;
  /** One for each service name, for `ask` alone; not for requests that go constrained, to find out who lies. */
  cache(service: string, cache: PathCache): void;
  /** One-way, to a linked node: no answer, no promise of arrival; at most TELL_BYTES_MAX. Whether there is a link. */
  tell(to: NodeId, service: string, body: Bytes): boolean;
  /** One listener per service name, for `tell`. */
  listen(service: string, handler: TellHandler): void;
  /** The neighbour that a message for this key would go to now. */
  nextHop(key: Key): Way;
  isLinked(nodeId: NodeId): boolean;
  /** Keeps a link out of the budget's choice, until the result is called; of at most PROTECTED_MAX links. */
  protect(nodeId: NodeId): () => void;
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

/**
 * `unreachable`: no such live node; `refused`: the service said no (see refusalCode); `stopped`: we are leaving; `uncertain`: a
 * secure look-up could not tell who is closest.
 */
export type OverlayErrorCode =
  'unreachable' | 'timeout' | 'refused' | 'not-ready' | 'too-large' | 'stopped' | 'uncertain';

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
