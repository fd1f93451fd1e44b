/** What storage nodes say to each other: one request and one reply format per service. */
import * as v from 'valibot';
import {
  BLOCK_BYTES_MAX,
  CERTIFICATE_BYTES_MAX,
  INBOX_ENTRY_BYTES_MAX,
  RECORD_BYTES_MAX,
  ROUTED_BYTES_MAX,
} from '../codec/limits.ts';
import { bytesMax, bytesOf, codec, idSchema, listOf, whole } from '../codec/schema.ts';
import { SIGNATURE_BYTES } from '../crypto/sign.ts';
import { signedIdentityCertificate, signedNodeCertificate } from '../identity/certificates.ts';
import { PROOF_BYTES, PROOF_NONCE_BYTES } from './proof.ts';
import {
  inboxClearBody,
  inboxEntryBody,
  leaseBody,
  receiptBody,
  recordBody,
} from '../identity/signing-purposes.ts';

const version = v.literal(1);
const signature = bytesOf(SIGNATURE_BYTES);

/** With the certificate of the node that signed it: it names the member who is charged. */
export const signedLease = v.strictObject({ body: leaseBody, signature, certificate: signedNodeCertificate });
export const signedReceipt = v.strictObject({ body: receiptBody, signature });
export const signedRecord = v.strictObject({ body: recordBody, signature });
export const signedInboxEntry = v.strictObject({ body: inboxEntryBody, signature });
export const signedInboxClear = v.strictObject({ body: inboxClearBody, signature });
export type Lease = v.InferOutput<typeof signedLease>;
export type InboxClear = v.InferOutput<typeof signedInboxClear>;

/** Leases of one block that a node remembers: one of each member. */
export const LEASES_MAX = 256;
/** Leases that travel with a block, those that run longest: the block with them fits MESSAGE_BYTES_MAX. */
export const LEASES_SENT_MAX = 6;
/** Leases in one message of their own. */
export const LEASE_BATCH_MAX = 32;
/** Things that one offer or one question may name: keeps both within ROUTED_BYTES_MAX. */
export const OFFER_ITEMS_MAX = 256;
/** Bytes of entries in one page of an inbox: a page may be routed. One entry always fits. */
export const INBOX_PAGE_BYTES = ROUTED_BYTES_MAX - 12 * 1024;

/** Room for a signature, names and an envelope. */
const MARGIN_BYTES = 1024;
const BLOCK_MESSAGE_BYTES = BLOCK_BYTES_MAX + 12 * 1024;
const RECORD_MESSAGE_BYTES = RECORD_BYTES_MAX + 2 * MARGIN_BYTES;
const CERTIFICATE_MESSAGE_BYTES = 2 * CERTIFICATE_BYTES_MAX + MARGIN_BYTES;
const ENTRY_MESSAGE_BYTES = INBOX_ENTRY_BYTES_MAX + CERTIFICATE_BYTES_MAX + MARGIN_BYTES;
const SMALL_BYTES = 4 * 1024;

/** A record as it lies on disk. */
export const recordCodec = codec('record', signedRecord, RECORD_MESSAGE_BYTES);
/** A lease as it lies on disk. */
export const leaseCodec = codec('lease', signedLease, CERTIFICATE_BYTES_MAX + MARGIN_BYTES);
/** An inbox clear as it lies on disk. */
export const inboxClearCodec = codec('inbox clear', signedInboxClear, ROUTED_BYTES_MAX);
/** An inbox entry as it lies on disk and travels: with the node certificate of the member who signed it. */
export const certifiedEntryCodec = codec(
  'inbox entry',
  v.strictObject({ v: version, entry: signedInboxEntry, certificate: signedNodeCertificate }),
  ENTRY_MESSAGE_BYTES,
);
export type CertifiedEntry = v.InferOutput<typeof certifiedEntryCodec.schema>;

/** Without the block it is a claim: whoever holds the block adds the leases and answers with a receipt. */
export const putBlockRequest = codec(
  'put-block request',
  v.strictObject({
    v: version,
    key: idSchema,
    leases: listOf(signedLease, LEASES_SENT_MAX),
    block: v.nullable(bytesMax(BLOCK_BYTES_MAX)),
  }),
  BLOCK_MESSAGE_BYTES,
);
/**
 * No receipt: the block is not here, send it. `holder`: the node that signed the receipt and holds the block in place of this one, which
 * is full and keeps a pointer to it.
 */
export const putBlockReply = codec(
  'put-block reply',
  v.strictObject({
    v: version,
    receipt: v.nullable(signedReceipt),
    holder: v.optional(signedNodeCertificate),
  }),
  SMALL_BYTES,
);
export type PutBlockReply = v.InferOutput<typeof putBlockReply.schema>;

export const keyRequest = codec('request', v.strictObject({ v: version, key: idSchema }), SMALL_BYTES);
export const getBlockReply = codec(
  'get-block reply',
  v.strictObject({
    v: version,
    block: v.nullable(bytesMax(BLOCK_BYTES_MAX)),
    leases: listOf(signedLease, LEASES_SENT_MAX),
  }),
  BLOCK_MESSAGE_BYTES,
);
export type GetBlockReply = v.InferOutput<typeof getBlockReply.schema>;

/** The block alone, for who reads it and does not keep it: leases are as long as a small block. */
export const readBlockReply = codec(
  'read-block reply',
  v.strictObject({ v: version, block: v.nullable(bytesMax(BLOCK_BYTES_MAX)) }),
  BLOCK_MESSAGE_BYTES,
);

/** Leases on any blocks: renewals, releases, and those that are handed on. */
export const leaseRequest = codec(
  'lease request',
  v.strictObject({ v: version, leases: listOf(signedLease, LEASE_BATCH_MAX) }),
  ROUTED_BYTES_MAX,
);
/** `kept`: it or a newer one is here; `missing`: the block is not; `crowded`: too many hold leases on it already. */
export const leaseAnswer = v.picklist(['kept', 'missing', 'crowded', 'over-quota', 'refused']);
export type LeaseAnswer = v.InferOutput<typeof leaseAnswer>;
export const leaseReply = codec(
  'lease reply',
  v.strictObject({ v: version, answers: listOf(leaseAnswer, LEASE_BATCH_MAX) }),
  SMALL_BYTES,
);
/** All leases on a block, a page at a time; `after` is the account of the last one. */
export const leasesRequest = codec(
  'leases request',
  v.strictObject({ v: version, key: idSchema, after: v.nullable(idSchema) }),
  SMALL_BYTES,
);
export const leasesReply = codec(
  'leases reply',
  v.strictObject({ v: version, leases: listOf(signedLease, LEASE_BATCH_MAX), more: v.boolean() }),
  ROUTED_BYTES_MAX,
);

export const putRecordRequest = codec(
  'put-record request',
  v.strictObject({ v: version, record: signedRecord }),
  RECORD_MESSAGE_BYTES,
);
/** Either a receipt, or the newer record that stands against the one offered. */
export const putRecordReply = codec(
  'put-record reply',
  v.strictObject({ v: version, receipt: v.nullable(signedReceipt), newer: v.nullable(signedRecord) }),
  RECORD_MESSAGE_BYTES,
);
export const getRecordReply = codec(
  'get-record reply',
  v.strictObject({ v: version, record: v.nullable(signedRecord) }),
  RECORD_MESSAGE_BYTES,
);

export const putCertificateRequest = codec(
  'put-certificate request',
  v.strictObject({ v: version, certificate: signedIdentityCertificate }),
  CERTIFICATE_MESSAGE_BYTES,
);
export const putCertificateReply = codec(
  'put-certificate reply',
  v.strictObject({
    v: version,
    receipt: v.nullable(signedReceipt),
    newer: v.nullable(signedIdentityCertificate),
  }),
  CERTIFICATE_MESSAGE_BYTES,
);
export const getCertificateReply = codec(
  'get-certificate reply',
  v.strictObject({ v: version, certificate: v.nullable(signedIdentityCertificate) }),
  CERTIFICATE_MESSAGE_BYTES,
);

export const receiptReply = codec(
  'receipt reply',
  v.strictObject({ v: version, receipt: signedReceipt }),
  SMALL_BYTES,
);

/** A place in an inbox: SHA-256 of the entry's body, then the sender's peer key. */
export const INBOX_CURSOR_BYTES = 64;
/** Entries that one list of an inbox names: 37 bytes each, so that a list may be routed. */
export const INBOX_LISTED_MAX = 1280;
export const readInboxRequest = codec(
  'read-inbox request',
  v.strictObject({ v: version, key: idSchema, after: v.nullable(bytesOf(INBOX_CURSOR_BYTES)) }),
  SMALL_BYTES,
);
/** A small inbox comes whole, in `entries`; of a larger one the names come, to be asked for in pages, from several replicas. */
export const readInboxReply = codec(
  'read-inbox reply',
  v.strictObject({
    v: version,
    entries: listOf(signedInboxEntry, OFFER_ITEMS_MAX),
    /** SHA-256 of the bodies of entries that are here. */
    held: listOf(idSchema, INBOX_LISTED_MAX),
    /** Of the same entries: what they take of a page, in bytes. */
    sizes: listOf(whole(ENTRY_MESSAGE_BYTES), INBOX_LISTED_MAX),
    next: v.nullable(bytesOf(INBOX_CURSOR_BYTES)),
  }),
  ROUTED_BYTES_MAX,
);

export const inboxEntriesRequest = codec(
  'inbox-entries request',
  v.strictObject({ v: version, key: idSchema, held: listOf(idSchema, OFFER_ITEMS_MAX) }),
  ROUTED_BYTES_MAX,
);
/** Those that are here, as many of them as fit a page. */
export const inboxEntriesReply = codec(
  'inbox-entries reply',
  v.strictObject({ v: version, entries: listOf(signedInboxEntry, OFFER_ITEMS_MAX) }),
  ROUTED_BYTES_MAX,
);

export const clearInboxRequest = codec(
  'clear-inbox request',
  v.strictObject({ v: version, clear: signedInboxClear }),
  ROUTED_BYTES_MAX,
);
export const clearInboxReply = codec('clear-inbox reply', v.strictObject({ v: version }), SMALL_BYTES);

export const hasRequest = codec(
  'has request',
  v.strictObject({ v: version, keys: listOf(idSchema, OFFER_ITEMS_MAX) }),
  ROUTED_BYTES_MAX,
);
export const hasReply = codec(
  'has reply',
  v.strictObject({ v: version, held: listOf(v.boolean(), OFFER_ITEMS_MAX) }),
  SMALL_BYTES,
);

/** The node that holds the block in place of the one that is asked, or that may; null: there is none. */
export const pointerReply = codec(
  'pointer reply',
  v.strictObject({ v: version, holder: v.nullable(idSchema) }),
  SMALL_BYTES,
);

/** Blocks that one challenge names: all are read to answer it. */
export const CHALLENGES_MAX = 8;
export const proveRequest = codec(
  'prove request',
  v.strictObject({ v: version, nonce: bytesOf(PROOF_NONCE_BYTES), keys: listOf(idSchema, CHALLENGES_MAX) }),
  SMALL_BYTES,
);
/** For each block its proof, or null: it is not here. */
export const proveReply = codec(
  'prove reply',
  v.strictObject({ v: version, proofs: listOf(v.nullable(bytesOf(PROOF_BYTES)), CHALLENGES_MAX) }),
  SMALL_BYTES,
);

export const heldKind = v.picklist(['certificate', 'record', 'clear', 'inbox', 'block']);
/** What repair speaks of: `inbox` is one entry of an inbox, `clear` an owner's word that entries may go. */
export type HeldKind = v.InferOutput<typeof heldKind>;

export const offerRequest = codec(
  'offer',
  v.strictObject({
    v: version,
    items: listOf(
      v.strictObject({
        kind: heldKind,
        key: idSchema,
        /** Of a record or certificate; for an inbox entry or clear its date; for a block 0. */
        version: whole(),
        /** SHA-256 of the block or body. */
        held: idSchema,
      }),
      OFFER_ITEMS_MAX,
    ),
  }),
  ROUTED_BYTES_MAX,
);
export type OfferedItem = v.InferOutput<typeof offerRequest.schema>['items'][number];

/** `newer`: the answering side has a newer version; `later`: somebody else is sending it just now. */
export const offerAnswer = v.picklist(['have', 'want', 'newer', 'later', 'full']);
export type OfferAnswer = v.InferOutput<typeof offerAnswer>;
export const offerReply = codec(
  'offer reply',
  v.strictObject({ v: version, answers: listOf(offerAnswer, OFFER_ITEMS_MAX) }),
  ROUTED_BYTES_MAX,
);
