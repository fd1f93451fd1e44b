/** What nodes ask of a group's root and of their neighbours in its tree: formats of requests and answers. */
import * as v from 'valibot';
import { MULTICAST_BYTES_MAX, ROUTED_BYTES_MAX } from '../codec/limits.ts';
import { bytesMax, bytesOf, codec, idSchema, listOf, text, timeSchema, whole } from '../codec/schema.ts';
import { SIGNATURE_BYTES } from '../crypto/sign.ts';
import { signedNodeCertificate } from '../identity/certificates.ts';
import { ANSWER_BYTES_MAX, ANYCAST_MS_MAX, VISITS_MAX } from './limits.ts';

/** To the root: forward this to all. */
export const PUBLISH_SERVICE = 'multicast.publish';
/** To the root: who are you? Asked before a multicast that is too large to be routed. */
export const ROOT_SERVICE = 'multicast.root';
/** To a neighbour: whose key signed what you sent me? */
export const SENDER_SERVICE = 'multicast.sender';
/** To a neighbour: find a member who takes this. */
export const ANYCAST_SERVICE = 'multicast.anycast';

const version = v.literal(1);
const signature = bytesOf(SIGNATURE_BYTES);
const payload = bytesMax(MULTICAST_BYTES_MAX);
const nobody = v.null();

/** A multicast and what is not in what neighbours tell each other: its group, and the sender's certificate if it is asked for. */
export const publishRequest = codec(
  'publication',
  v.strictObject({
    v: version,
    group: idSchema,
    sender: idSchema,
    epoch: timeSchema,
    seq: whole(),
    payload,
    signature,
    certificate: v.union([signedNodeCertificate, nobody]),
  }),
  ROUTED_BYTES_MAX + 4 * 1024,
);

/**
 * `nobody`: no members; `who`: say it again with your certificate; `not-root`: ask again, the ring is changing; `stale`: you
 * counted from a later epoch before, begin a later one than this.
 */
export const publishReply = codec(
  'answer to a publication',
  v.strictObject({
    v: version,
    outcome: v.variant('kind', [
      v.strictObject({ kind: v.picklist(['sent', 'nobody', 'who', 'not-root']) }),
      v.strictObject({ kind: v.literal('stale'), epoch: timeSchema }),
      v.strictObject({ kind: v.literal('refused'), code: text(64), reason: text(300) }),
    ]),
  }),
  1024,
);
export type PublishOutcome = v.InferOutput<typeof publishReply.schema>['outcome'];

export const rootRequest = codec('question for a root', v.strictObject({ v: version, group: idSchema }), 128);
export const rootReply = codec('name of a root', v.strictObject({ v: version, root: idSchema }), 128);

export const senderRequest = codec(
  'question for a sender',
  v.strictObject({ v: version, sender: idSchema }),
  128,
);
export const senderReply = codec(
  "sender's certificate",
  v.strictObject({ v: version, certificate: v.union([signedNodeCertificate, nobody]) }),
  4 * 1024,
);

/** Walks through the tree, depth first. Castro, Druschel, Kermarrec & Rowstron, NGC 2003. */
export const anycastRequest = codec(
  'anycast',
  v.strictObject({
    v: version,
    group: idSchema,
    payload,
    at: timeSchema,
    signature,
    certificate: signedNodeCertificate,
    /** Nodes that have seen it, the origin first. */
    visited: v.pipe(listOf(idSchema, VISITS_MAX), v.minLength(1)),
    /** How long the asking node waits. */
    timeoutMs: whole(ANYCAST_MS_MAX),
  }),
  ROUTED_BYTES_MAX + 8 * 1024,
);
export type AnycastRequest = v.InferOutput<typeof anycastRequest.schema>;

export const anycastReply = codec(
  'answer to an anycast',
  v.strictObject({
    v: version,
    taken: v.union([v.strictObject({ by: idSchema, answer: bytesMax(ANSWER_BYTES_MAX) }), nobody]),
    /** Nodes that have seen it by now. */
    visited: listOf(idSchema, VISITS_MAX),
  }),
  ANSWER_BYTES_MAX + 4 * 1024,
);
export type AnycastReply = v.InferOutput<typeof anycastReply.schema>;
