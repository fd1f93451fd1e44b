/** What a person's browser and the ring's authority say to each other: invitations, joining, renewal, recovery. */
import * as v from 'valibot';
import { bytesOf, codec, idSchema, text, timeSchema } from '../codec/schema.ts';
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from '../crypto/sign.ts';
import { signedIdentityCertificate, signedNodeCertificate, signedRingDescriptor } from './certificates.ts';

const publicKey = bytesOf(PUBLIC_KEY_BYTES);
const edSignature = bytesOf(SIGNATURE_BYTES);

/** Signed by the identity key, purpose `join`. */
export const joinRequestBody = v.strictObject({
  v: v.literal(1),
  /** Token of the invitation, as in the link. */
  token: text(128),
  /** Canonical `local@domain`. */
  name: text(320),
  displayName: text(100),
  identityKey: publicKey,
  deviceKey: publicKey,
  peerKey: publicKey,
  at: timeSchema,
});
export type JoinRequestBody = v.InferOutput<typeof joinRequestBody>;

/** Signed by the identity key, purpose `enrol`: a node certificate for a device of somebody who has joined before. */
export const enrolRequestBody = v.strictObject({
  v: v.literal(1),
  ring: idSchema,
  identityKey: publicKey,
  deviceKey: publicKey,
  peerKey: publicKey,
  at: timeSchema,
});
export type EnrolRequestBody = v.InferOutput<typeof enrolRequestBody>;

/** Signed by the identity key, purpose `expel`: the node of a removed device gets no further certificate. */
export const expelRequestBody = v.strictObject({
  v: v.literal(1),
  ring: idSchema,
  identityKey: publicKey,
  /** As in the device's certificate. */
  nodeId: idSchema,
  at: timeSchema,
});
export type ExpelRequestBody = v.InferOutput<typeof expelRequestBody>;

/** The authority's answer to `join` and `enrol`. */
export const membership = v.strictObject({
  v: v.literal(1),
  identityCertificate: signedIdentityCertificate,
  nodeCertificate: signedNodeCertificate,
  descriptor: signedRingDescriptor,
  /** 32 bytes that only members know: the key of convergent-ring encryption. */
  ringSecret: bytesOf(32),
  displayName: text(100),
});
export type Membership = v.InferOutput<typeof membership>;

export const signedJoinRequest = v.strictObject({ body: joinRequestBody, signature: edSignature });
export const signedEnrolRequest = v.strictObject({ body: enrolRequestBody, signature: edSignature });
export const signedExpelRequest = v.strictObject({ body: expelRequestBody, signature: edSignature });

/**
 * HTTP, on the relay: GET /authority/ring answers a ring descriptor; POST /authority/check takes a CheckRequest
 * and answers 204, so does POST /authority/expel, which takes a signed request; POST /authority/join and /authority/enrol take a signed request and answer a Membership. All bodies
 * are DAG-CBOR (`application/vnd.ipld.dag-cbor`). A refusal has status 4xx or 503 and an AuthorityRefusal as its body.
 */
export const joinRequestCodec = codec('join request', signedJoinRequest, 8 * 1024);
export const enrolRequestCodec = codec('enrol request', signedEnrolRequest, 8 * 1024);
export const expelRequestCodec = codec('expel request', signedExpelRequest, 8 * 1024);
export const membershipCodec = codec('membership', membership, 32 * 1024);

/** Asked before the recovery words are shown, so that a taken address is said beside its field. */
export const checkRequestCodec = codec(
  'check request',
  v.strictObject({ v: v.literal(1), token: text(128), name: v.optional(text(320)) }),
  1024,
);

/** Codes: `invitation-malformed`, `invitation-unknown`, `invitation-used-up`, `invitation-expired`, `bad-address`, `address-taken`, `unknown-identity`, `device-removed`, `bad-signature`, `clock`, `bad-request`. */
export const authorityRefusalCodec = codec(
  'refusal',
  v.strictObject({ v: v.literal(1), code: text(64), reason: text(500) }),
  2 * 1024,
);
