/** What goes into the multicast machine and what comes out of it. */
import type { Bytes } from '../codec/bytes.ts';
import type { Key, NodeId } from '../codec/id.ts';
import type { Result } from '../codec/result.ts';
import type { NodeCertificate, NodeCertificateBody } from '../identity/certificates.ts';
import type { Way } from '../overlay/overlay.ts';
import type { MulticastMessage } from './messages.ts';
import type { Answered, Gap } from './multicast.ts';
import type { PublishOutcome } from './requests.ts';
import type { ShortCertificate } from './short-certificate.ts';

/** What the machine may ask of the overlay while it steps. */
export interface Surroundings {
  nextHop(key: Key): Way;
  isLinked(nodeId: NodeId): boolean;
  /** Round-trip times in milliseconds, by name, of the linked nodes whose were measured. */
  delaysMs(): ReadonlyMap<string, number>;
}

/** A multicast as it goes through a node; what its sender signed follows from it and the sender's certificate. */
export interface Publication {
  readonly group: Key;
  readonly sender: NodeId;
  readonly epoch: number;
  readonly seq: number;
  readonly payload: Bytes;
  readonly signature: Bytes;
}

/** Numbers a request that the driver waits for; chosen by the driver, never used twice. */
export type CallId = number;

export type MulticastMachineEvent =
  /** This node is a member from now on. */
  | { readonly type: 'join'; readonly group: Key }
  | { readonly type: 'leave'; readonly group: Key }
  /** A neighbour told us something; it is decoded. */
  | { readonly type: 'told'; readonly from: NodeId; readonly message: MulticastMessage }
  /** We are said to be the root: forward it. Ends with `published`. `now`: by the wall clock, to judge the epoch. */
  | {
      readonly type: 'publish';
      readonly call: CallId;
      readonly publication: Publication;
      readonly wallClock: number;
    }
  /** A root has taken a multicast of ours: our children and our own member get it from here. */
  | { readonly type: 'sent'; readonly publication: Publication; readonly sender: NodeCertificate }
  /** The answer to `check`: the sender, if signature and policy are good. */
  | { readonly type: 'checked'; readonly ticket: number; readonly sender: Result<NodeCertificate> }
  /** Find somebody who takes it; signature checked. `visited`: the origin first. Ends with `walked`. */
  | {
      readonly type: 'anycast';
      readonly call: CallId;
      readonly group: Key;
      readonly visited: readonly NodeId[];
      readonly timeoutMs: number;
    }
  /** The answer to `offer`; undefined: declined. */
  | { readonly type: 'offered'; readonly call: CallId; readonly answer: Bytes | undefined }
  /** The answer to `pass`; undefined: the neighbour did not answer. */
  | { readonly type: 'passed'; readonly call: CallId; readonly walk: Walk | undefined }
  | { readonly type: 'links'; readonly up: readonly NodeId[]; readonly down: readonly NodeId[] }
  /** Leaf set or readiness changed: another node may be a group's root. */
  | { readonly type: 'routes-changed' }
  | { readonly type: 'timer' }
  /** Says good-bye; nothing happens after it. */
  | { readonly type: 'stop' };

/** How an anycast ended, and whom it visited. */
export interface Walk {
  readonly taken: Answered | undefined;
  readonly visited: readonly NodeId[];
}

export type MulticastEffect =
  | { readonly type: 'tell'; readonly to: NodeId; readonly message: MulticastMessage }
  /** Whether the link to this node is worth keeping. */
  | { readonly type: 'protect'; readonly nodeId: NodeId; readonly on: boolean }
  /**
   * Check signature and policy. `from`: the neighbour that sent it and knows the sender; undefined: it came to the root.
   * `certificate`: the sender's, as the neighbour says.
   */
  | {
      readonly type: 'check';
      readonly ticket: number;
      readonly publication: Publication;
      readonly from: NodeId | undefined;
      readonly certificate: ShortCertificate | undefined;
    }
  | {
      readonly type: 'deliver';
      readonly publication: Publication;
      readonly sender: NodeCertificateBody;
    }
  | { readonly type: 'gap'; readonly gap: Gap }
  | { readonly type: 'published'; readonly call: CallId; readonly outcome: PublishOutcome }
  /** Ask our own member whether it takes the anycast; answered within `timeoutMs` in any case. */
  | { readonly type: 'offer'; readonly call: CallId; readonly timeoutMs: number }
  /** Ask this neighbour to go on with the anycast; answered within `timeoutMs` in any case. */
  | {
      readonly type: 'pass';
      readonly call: CallId;
      readonly to: NodeId;
      readonly visited: readonly NodeId[];
      readonly timeoutMs: number;
    }
  | { readonly type: 'walked'; readonly call: CallId; readonly walk: Walk }
  /** Replaces the timer that was set before. */
  | { readonly type: 'set-timer'; readonly at: number }
  /** For figures: `forwarded`, `duplicates`, `loops` … */
  | { readonly type: 'count'; readonly name: string; readonly amount: number }
  /** A peer misbehaved. */
  | { readonly type: 'refused'; readonly code: string; readonly reason: string };
