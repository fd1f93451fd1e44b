/** What goes into the overlay machine and what comes out of it. */
import type { Bytes } from '../codec/bytes.ts';
import type { Key, NodeId } from '../codec/id.ts';
import type { Contact, Introduction } from './contact.ts';
import type { Lane } from './network.ts';
import type { OverlayMessage, ServiceAnswer } from './messages.ts';
import type { OverlayEvent } from './overlay.ts';

/** Numbers a call of ours; chosen by the driver, never used twice. */
export type CallId = number;

/** Identifies a request that arrived, until it is answered. */
export interface Delivery {
  readonly id: Bytes;
  /** The neighbour that handed it to us; ourselves when we ask ourselves. */
  readonly neighbour: NodeId;
  /** `link`: it came from the neighbour itself; `routed`: from somebody farther away. */
  readonly path: 'link' | 'routed';
}

export type OverlayMachineEvent =
  /** Comes first. `bootstrap`: relays and remembered peers; they are tried for ever. */
  | { readonly type: 'start'; readonly bootstrap: readonly Contact[] }
  /** Both ends' certificates are checked. May come again for the same node when the link got better. */
  | { readonly type: 'link-up'; readonly contact: Contact; readonly direct: boolean }
  | { readonly type: 'link-down'; readonly nodeId: NodeId; readonly reason: string }
  /** `contacts`: those of the message whose certificates are good, in its order. */
  | {
      readonly type: 'message';
      readonly from: NodeId;
      readonly message: OverlayMessage;
      readonly contacts: readonly Introduction[];
      /** Of a request to a root: the answer, if this node knows it. */
      readonly known?: Bytes | undefined;
    }
  /** A dial ended; if it was successful, `link-up` came before. */
  | { readonly type: 'dial-ended'; readonly nodeId: NodeId }
  /** The network did not take a message. `lost`: there is no link. */
  | {
      readonly type: 'send-failed';
      readonly to: NodeId;
      readonly message: OverlayMessage;
      readonly lost: boolean;
    }
  | { readonly type: 'timer' }
  | { readonly type: 'lookup'; readonly call: CallId; readonly key: Key; readonly timeoutMs: number }
  /** Over the link if there is one, else routed; the body fits. */
  | {
      readonly type: 'request';
      readonly call: CallId;
      readonly to: NodeId;
      readonly service: string;
      readonly body: Bytes;
      readonly timeoutMs: number;
    }
  /** To the root of the key, routed; the body fits. `via`: the first hop. */
  | {
      readonly type: 'ask';
      readonly call: CallId;
      readonly key: Key;
      readonly service: string;
      readonly body: Bytes;
      readonly timeoutMs: number;
      readonly via: NodeId | undefined;
      readonly constrained: boolean;
    }
  | { readonly type: 'tell'; readonly to: NodeId; readonly service: string; readonly body: Bytes }
  /** Counted: a link is closed for want of room only when all who protected it have let go. */
  | { readonly type: 'protect'; readonly nodeId: NodeId; readonly on: boolean }
  /** Make a link to this node. */
  | {
      readonly type: 'connect';
      readonly call: CallId;
      readonly introduction: Introduction;
      readonly timeoutMs: number;
    }
  /** A service of ours has answered. */
  | { readonly type: 'respond'; readonly delivery: Delivery; readonly answer: ServiceAnswer }
  /** The machine may have slept. */
  | { readonly type: 'wake' }
  | { readonly type: 'leave' };

/** A message that came from a neighbour. */
export type ArrivedMessage = Extract<OverlayMachineEvent, { readonly type: 'message' }>;

/** How a call of ours ended. */
export type CallOutcome =
  | { readonly kind: 'root'; readonly nearest: readonly NodeId[]; readonly hopCount: number }
  | { readonly kind: 'response'; readonly body: Bytes }
  | { readonly kind: 'refusal'; readonly code: string; readonly reason: string }
  | { readonly kind: 'linked' }
  | {
      readonly kind: 'failure';
      readonly code: 'unreachable' | 'no-route' | 'too-large' | 'timeout' | 'not-ready' | 'stopped';
    };

export type OverlayEffect =
  | { readonly type: 'send'; readonly to: NodeId; readonly message: OverlayMessage; readonly lane: Lane }
  /** `via`: nodes that may introduce us, best first. */
  | { readonly type: 'dial'; readonly contact: Contact; readonly via: readonly NodeId[] }
  | { readonly type: 'close'; readonly nodeId: NodeId; readonly reason: string }
  /** Replaces the timer that was set before. */
  | { readonly type: 'set-timer'; readonly at: number }
  | {
      readonly type: 'deliver';
      readonly delivery: Delivery;
      readonly service: string;
      readonly body: Bytes;
      /** The node that asks; proved by its link only if `delivery.path` is `link`. */
      readonly from: NodeId;
    }
  /** The answer of a key's root, which somebody else asked, came back through this node. */
  | { readonly type: 'passed'; readonly service: string; readonly key: Key; readonly body: Bytes }
  | { readonly type: 'told'; readonly service: string; readonly body: Bytes; readonly from: NodeId }
  | { readonly type: 'complete'; readonly call: CallId; readonly outcome: CallOutcome }
  | { readonly type: 'event'; readonly event: OverlayEvent }
  /** A peer misbehaved. */
  | { readonly type: 'refused'; readonly code: string; readonly reason: string };
