/** What multicast (Scribe) offers to the layers above it. */
import type { Bytes } from '../codec/bytes.ts';
import type { Key, NodeId } from '../codec/id.ts';
import type { NodeCertificateBody } from '../identity/certificates.ts';

/** Who may speak to a group. The group's rule: all its members give the same one. Synchronous and pure. */
export interface Policy {
  /** `sender`: what the authority says of the node that signed; the signature has been checked. */
  accepts(group: Key, sender: NodeCertificateBody): boolean;
}

/** A multicast, its signature checked, its sender accepted by the policy; each comes once. */
export interface Multicast {
  readonly group: Key;
  readonly sender: NodeCertificateBody;
  /** When the sender began to count: milliseconds since 1970 by its clock. */
  readonly epoch: number;
  /** Counts the sender's multicasts to this group, from 0. Order is not promised. */
  readonly seq: number;
  /** At most MULTICAST_BYTES_MAX. */
  readonly payload: Bytes;
}

/** Multicasts of one sender that did not come; a late one may still. The last ones before a silence are not missed. */
export interface Gap {
  readonly group: Key;
  readonly sender: NodeId;
  readonly epoch: number;
  /** Sequence numbers `first` to `first + count − 1`. */
  readonly first: number;
  readonly count: number;
}

/** An anycast, its signature checked, its sender accepted by the policy. It may come again if an answer was lost. */
export interface Anycast {
  readonly group: Key;
  readonly sender: NodeCertificateBody;
  readonly payload: Bytes;
}

export interface GroupListener {
  multicast(multicast: Multicast): void;
  gap?(gap: Gap): void;
  /** The answer (at most ANSWER_BYTES_MAX), or undefined to decline: then another member is asked. */
  anycast?(anycast: Anycast): Promise<Bytes | undefined>;
}

/** `sent`: the root forwards it; no promise for each member. `nobody`: the group has no members that the root knows of. */
export type Published = 'sent' | 'nobody';

export interface Answered {
  /** The member who took it: hearsay; what matters is signed in the answer. */
  readonly by: NodeId;
  readonly answer: Bytes;
}

export interface SendOptions {
  /** Default 10 s. */
  readonly timeoutMs?: number;
}

export interface Multicasts {
  /**
   * Becomes a member; several listeners of one node may join the same group, each with its policy. Own multicasts come
   * too. The result leaves. Throws MulticastError `too-many`, `stopped`.
   */
  join(group: Key, policy: Policy, listener: GroupListener): () => void;
  /** Says it to all members, whether we are one or not. Rejects with MulticastError, VaultError. */
  publish(group: Key, payload: Bytes, options?: SendOptions): Promise<Published>;
  /** Asks members, near ones first, until one takes it; undefined: nobody did. Rejects with MulticastError, VaultError. */
  anycast(group: Key, payload: Bytes, options?: SendOptions): Promise<Answered | undefined>;
}

/** `refused`: the root said no (see refusalCode); `timeout`: no root answered in time; `too-many`: groups of this node. */
export type MulticastErrorCode = 'too-large' | 'refused' | 'timeout' | 'too-many' | 'stopped';

export class MulticastError extends Error {
  override readonly name = 'MulticastError';
  readonly code: MulticastErrorCode;
  /** For `refused`: `not-allowed`, `too-fast`, `bad-signature` … */
  readonly refusalCode: string | undefined;
  constructor(code: MulticastErrorCode, message: string, refusalCode?: string) {
    super(message);
    this.code = code;
    this.refusalCode = refusalCode;
  }
}
