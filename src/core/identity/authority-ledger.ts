/** The AuthorityLedger port: what the authority must not forget. The relay keeps it on disk, tests in memory. */
import * as v from 'valibot';
import type { Bytes } from '../codec/bytes.ts';
import type { Id } from '../codec/id.ts';
import { DEVICES_MAX } from '../codec/limits.ts';
import { bytesOf, codec, idSchema, listOf, text, timeSchema } from '../codec/schema.ts';
import { PUBLIC_KEY_BYTES } from '../crypto/sign.ts';
import { roleSchema, signedIdentityCertificate } from './certificates.ts';
import type { Invitation } from './invitation.ts';

const publicKey = bytesOf(PUBLIC_KEY_BYTES);

/** Nodes of one member whose certificates have not expired: one for each device. */
export const NODES_PER_MEMBER_MAX = DEVICES_MAX;

/** A person who has joined; found by name and by identity key. */
export const memberEntry = v.strictObject({
  v: v.literal(1),
  /** Canonical `local@domain`. */
  name: text(320),
  identityKey: publicKey,
  displayName: text(100),
  identityCertificate: signedIdentityCertificate,
  /** Peer keys of the member's nodes. */
  peerKeys: listOf(publicKey, NODES_PER_MEMBER_MAX),
});
export type MemberEntry = v.InferOutput<typeof memberEntry>;

/** A node and its place, which it keeps as long as its certificate is renewed; found by peer key. */
export const nodeEntry = v.strictObject({
  v: v.literal(1),
  peerKey: publicKey,
  nodeId: idSchema,
  name: text(320),
  role: roleSchema,
  /** End of its latest certificate. */
  notAfter: timeSchema,
  /** When its member removed the device: it gets no further certificate. */
  removedAt: v.optional(timeSchema),
});
export type NodeEntry = v.InferOutput<typeof nodeEntry>;

/** Forms for ledgers that store bytes. */
export const memberEntryCodec = codec('member entry', memberEntry, 8 * 1024);
export const nodeEntryCodec = codec('node entry', nodeEntry, 1024);

/** Entries replace those with the same key. */
export interface LedgerChange {
  /** The last serial given out. */
  readonly serial?: number;
  readonly invitations?: readonly Invitation[];
  readonly members?: readonly MemberEntry[];
  readonly nodes?: readonly NodeEntry[];
  /** Peer keys of nodes to forget. */
  readonly removeNodes?: readonly Bytes[];
}

export interface AuthorityLedger {
  /** The last serial given out; 0 at first. */
  serial(): Promise<number>;
  invitation(tokenHash: Id): Promise<Invitation | undefined>;
  memberByName(name: string): Promise<MemberEntry | undefined>;
  memberByKey(identityKey: Bytes): Promise<MemberEntry | undefined>;
  node(peerKey: Bytes): Promise<NodeEntry | undefined>;
  /** All or nothing, durable when resolved. */
  commit(change: LedgerChange): Promise<void>;
}
