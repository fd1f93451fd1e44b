/** Every purpose for which a member's keys sign, with the key that signs it and the form of its body. */
import * as v from 'valibot';
import { bytesMax, bytesOf, idSchema, text, timeSchema, whole } from '../codec/schema.ts';
import { INBOX_ENTRY_BYTES_MAX, MULTICAST_BYTES_MAX, RECORD_BYTES_MAX } from '../codec/limits.ts';
import { PUBLIC_KEY_BYTES } from '../crypto/sign.ts';
import { deviceCertificateBody, prekeyBody } from './certificates.ts';
import { enrolRequestBody, expelRequestBody, joinRequestBody } from './join.ts';

const version = v.literal(1);
const publicKey = bytesOf(PUBLIC_KEY_BYTES);

/** A mutable, versioned value under SHA-256(writer ‖ label). Identity blocks (writer: identity), log heads (writer: device). */
export const recordBody = v.strictObject({
  v: version,
  writer: publicKey,
  label: text(64),
  version: whole(),
  value: bytesMax(RECORD_BYTES_MAX),
  at: timeSchema,
});
export type RecordBody = v.InferOutput<typeof recordBody>;

/** A member's claim on a block until a date. One that ends when it begins gives the block up. */
export const leaseBody = v.strictObject({
  v: version,
  key: idSchema,
  /** Peer key of the member's node that signs. */
  holder: publicKey,
  sizeBytes: whole(),
  /** Of two leases of one member on one block the later one is in force. */
  at: timeSchema,
  until: timeSchema,
});
export type LeaseBody = v.InferOutput<typeof leaseBody>;

/** What a replica says it has on disk. */
export const receiptBody = v.strictObject({
  v: version,
  kind: v.picklist(['block', 'record', 'certificate', 'inbox']),
  key: idSchema,
  /** SHA-256 of what is held: block, record body, certificate body, inbox entry. */
  held: idSchema,
  /** Peer key of the replica. */
  holder: publicKey,
  at: timeSchema,
});
export type ReceiptBody = v.InferOutput<typeof receiptBody>;

/** A sealed notification left in somebody's inbox, signed by the node of the member who leaves it. */
export const inboxEntryBody = v.strictObject({
  v: version,
  /** Identity key of the owner. */
  owner: publicKey,
  /** Peer key of the member who appends. */
  from: publicKey,
  sealed: bytesMax(INBOX_ENTRY_BYTES_MAX),
  at: timeSchema,
});
export type InboxEntryBody = v.InferOutput<typeof inboxEntryBody>;

/** The owner's word that entries (by SHA-256 of their bodies) may go. */
export const inboxClearBody = v.strictObject({
  v: version,
  owner: publicKey,
  entries: v.pipe(v.array(idSchema), v.maxLength(1000)),
  at: timeSchema,
});
export type InboxClearBody = v.InferOutput<typeof inboxClearBody>;

/** The inside of a sealed notification. */
export const notificationBody = v.strictObject({
  v: version,
  /** 16 random bytes: against replay, and so that nothing arrives twice. */
  id: bytesOf(16),
  /** Identity keys of sender and recipient: a copy sealed to somebody else is refused. */
  from: publicKey,
  to: publicKey,
  /** `mail`, `receipt` … */
  kind: text(32),
  content: bytesMax(INBOX_ENTRY_BYTES_MAX),
  at: timeSchema,
});
export type NotificationBody = v.InferOutput<typeof notificationBody>;

/**
 * What a node says to all members of a group (Scribe). Signed by the node and not by its device: its certificate is one
 * signature of the authority that names key and member, so that whoever forwards can check it without fetching more.
 */
export const multicastBody = v.strictObject({
  v: version,
  group: idSchema,
  /** Peer key of the sender. */
  from: publicKey,
  /** When the sender began to count; of two the later one is in force. */
  epoch: timeSchema,
  /** Counts the sender's multicasts to this group since then, from 0. */
  seq: whole(),
  payload: bytesMax(MULTICAST_BYTES_MAX),
});
export type MulticastBody = v.InferOutput<typeof multicastBody>;

/** What a node says to any one member of a group. */
export const anycastBody = v.strictObject({
  v: version,
  group: idSchema,
  /** Peer key of the sender. */
  from: publicKey,
  payload: bytesMax(MULTICAST_BYTES_MAX),
  at: timeSchema,
});
export type AnycastBody = v.InferOutput<typeof anycastBody>;

/** Bytes of the asker's random number in a statement. */
export const STATEMENT_NONCE_BYTES = 16;
/** Nodes that a statement names: a whole leaf set. */
export const STATEMENT_NODES_MAX = 16;

/** What a node says when it is asked for the nodes nearest to a key (secure routing); the nonce proves that it is said now. */
export const nearestBody = v.strictObject({
  v: version,
  key: idSchema,
  /** Chosen at random by the asker. */
  nonce: bytesOf(STATEMENT_NONCE_BYTES),
  /** Peer key of the node that speaks. */
  by: publicKey,
  /** Members of its leaf set, the nearest to the key first; itself is not named. */
  nearest: v.pipe(v.array(idSchema), v.maxLength(STATEMENT_NODES_MAX)),
});
export type NearestBody = v.InferOutput<typeof nearestBody>;

/** What a device says of a back-up of the person's mailbox that it wrote. */
export const backupBody = v.strictObject({
  v: version,
  /** Key of the device that wrote it. */
  device: publicKey,
  /** SHA-256 of what the manifest says, encoded. */
  contents: idSchema,
  at: timeSchema,
});
export type BackupBody = v.InferOutput<typeof backupBody>;

export const purposes = {
  join: { key: 'identity', body: joinRequestBody },
  enrol: { key: 'identity', body: enrolRequestBody },
  expel: { key: 'identity', body: expelRequestBody },
  'device-certificate': { key: 'identity', body: deviceCertificateBody },
  'identity-record': { key: 'identity', body: recordBody },
  'inbox-clear': { key: 'identity', body: inboxClearBody },
  'device-record': { key: 'device', body: recordBody },
  prekey: { key: 'device', body: prekeyBody },
  notification: { key: 'device', body: notificationBody },
  backup: { key: 'device', body: backupBody },
  receipt: { key: 'peer', body: receiptBody },
  lease: { key: 'peer', body: leaseBody },
  'inbox-entry': { key: 'peer', body: inboxEntryBody },
  multicast: { key: 'peer', body: multicastBody },
  anycast: { key: 'peer', body: anycastBody },
  nearest: { key: 'peer', body: nearestBody },
} as const;

/** Body type by purpose. */
export type SigningPurposes = {
  [P in keyof typeof purposes]: v.InferOutput<(typeof purposes)[P]['body']>;
};
