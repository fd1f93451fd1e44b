/** The authority's and the user's signed statements: formats and checks (design: identity). */
import * as v from 'valibot';
import { equalBytes, type Bytes } from '../codec/bytes.ts';
import { CLOCK_SKEW_MS } from '../codec/clock.ts';
import type { RingId } from '../codec/id.ts';
import { CERTIFICATE_BYTES_MAX } from '../codec/limits.ts';
import { ok, refuse, type Result } from '../codec/result.ts';
import { bytesMax, bytesOf, codec, idSchema, listOf, text, timeSchema, whole } from '../codec/schema.ts';
import { sha256 } from '../crypto/hash.ts';
import { X25519_KEY_BYTES } from '../crypto/hpke.ts';
import {
  PUBLIC_KEY_BYTES,
  RSA_SIGNATURE_BYTES_MAX,
  SIGNATURE_BYTES,
  verifyEd25519,
  verifyRsa,
} from '../crypto/sign.ts';

const version = v.literal(1);
const publicKey = bytesOf(PUBLIC_KEY_BYTES);
/** `local@domain`: 64 + 1 + 255 characters (RFC 5321, 4.5.3.1). */
const address = text(320);

/** What signs the names and node ids of a ring. DER SubjectPublicKeyInfo of an RSA key. */
const authorityKey = bytesMax(600);

export const identityCertificateBody = v.strictObject({
  v: version,
  ring: idSchema,
  /** Canonical address `local@domain`. */
  name: address,
  signKey: publicKey,
  serial: whole(),
  notBefore: timeSchema,
  notAfter: timeSchema,
});
export type IdentityCertificateBody = v.InferOutput<typeof identityCertificateBody>;

export const roleSchema = v.picklist(['tab', 'relay', 'bridge']);
export type Role = v.InferOutput<typeof roleSchema>;

export const nodeCertificateBody = v.strictObject({
  v: version,
  ring: idSchema,
  /** Chosen at random by the authority. */
  nodeId: idSchema,
  /** The node's Ed25519 key: authenticates its links and signs its receipts. */
  peerKey: publicKey,
  /** Address of the member whose node it is; a relay's is `relay@domain`. */
  name: address,
  role: roleSchema,
  quotaBytes: whole(),
  notBefore: timeSchema,
  notAfter: timeSchema,
});
export type NodeCertificateBody = v.InferOutput<typeof nodeCertificateBody>;

export const ringDescriptorBody = v.strictObject({
  v: version,
  ring: idSchema,
  domain: text(255),
  authorityKey,
  /** Replicas on the nearest live nodes. */
  k: whole(16),
  /** Replicas on the nearest always-on nodes. */
  a: whole(8),
  relays: listOf(
    v.strictObject({ nodeId: idSchema, peerKey: publicKey, addresses: listOf(text(256), 8) }),
    16,
  ),
  serial: whole(),
  issuedAt: timeSchema,
});
export type RingDescriptorBody = v.InferOutput<typeof ringDescriptorBody>;

export const deviceCertificateBody = v.strictObject({
  v: version,
  identityKey: publicKey,
  deviceKey: publicKey,
  nodeId: idSchema,
  /** What the user calls it: "Chromium on Linux". */
  label: text(64),
  createdAt: timeSchema,
});
export type DeviceCertificateBody = v.InferOutput<typeof deviceCertificateBody>;

export const prekeyBody = v.strictObject({
  v: version,
  deviceKey: publicKey,
  publicKey: bytesOf(X25519_KEY_BYTES),
  /** Used only when no other is valid, and flagged then. */
  fallback: v.boolean(),
  notBefore: timeSchema,
  notAfter: timeSchema,
});
export type PrekeyBody = v.InferOutput<typeof prekeyBody>;

const rsaSignature = bytesMax(RSA_SIGNATURE_BYTES_MAX);
const edSignature = bytesOf(SIGNATURE_BYTES);

export const signedIdentityCertificate = v.strictObject({
  body: identityCertificateBody,
  signature: rsaSignature,
});
export const signedNodeCertificate = v.strictObject({ body: nodeCertificateBody, signature: rsaSignature });
export const signedRingDescriptor = v.strictObject({ body: ringDescriptorBody, signature: rsaSignature });
export const signedDeviceCertificate = v.strictObject({
  body: deviceCertificateBody,
  signature: edSignature,
});
export const signedPrekey = v.strictObject({ body: prekeyBody, signature: edSignature });
export type IdentityCertificate = v.InferOutput<typeof signedIdentityCertificate>;
export type NodeCertificate = v.InferOutput<typeof signedNodeCertificate>;
export type RingDescriptor = v.InferOutput<typeof signedRingDescriptor>;
export type DeviceCertificate = v.InferOutput<typeof signedDeviceCertificate>;
export type Prekey = v.InferOutput<typeof signedPrekey>;

export const identityCertificateCodec = codec(
  'identity certificate',
  signedIdentityCertificate,
  CERTIFICATE_BYTES_MAX,
);
export const nodeCertificateCodec = codec('node certificate', signedNodeCertificate, CERTIFICATE_BYTES_MAX);
export const ringDescriptorCodec = codec('ring descriptor', signedRingDescriptor, 16 * 1024);

/** What a member knows of its ring's authority. */
export interface RingTrust {
  readonly ring: RingId;
  /** DER SubjectPublicKeyInfo. */
  readonly authorityKey: Bytes;
}

/** RingId of a ring whose first authority key this is. */
export function ringIdOf(authoritySpki: Bytes): RingId {
  return sha256(authoritySpki);
}

/** Refusals: `wrong-ring`, `not-yet-valid`, `expired`, `bad-signature`. */
export async function verifyIdentityCertificate(
  certificate: IdentityCertificate,
  trust: RingTrust,
  now: number,
): Promise<Result<IdentityCertificateBody>> {
  return verifyByAuthority('identity certificate', 'identity-certificate', certificate, trust, now);
}

/** Refusals: `wrong-ring`, `not-yet-valid`, `expired`, `bad-signature`. */
export async function verifyNodeCertificate(
  certificate: NodeCertificate,
  trust: RingTrust,
  now: number,
): Promise<Result<NodeCertificateBody>> {
  return verifyByAuthority('node certificate', 'node-certificate', certificate, trust, now);
}

/** Checks that a descriptor is of the ring whose first key it carries, and signed by it. Refusals: `wrong-ring`, `bad-signature`. */
export async function verifyRingDescriptor(descriptor: RingDescriptor): Promise<Result<RingDescriptorBody>> {
  const { body, signature } = descriptor;
  if (!equalBytes(ringIdOf(body.authorityKey), body.ring))
    return refuse('wrong-ring', 'a ring descriptor whose key does not fit its ring');
  if (!(await verifyRsa(body.authorityKey, 'ring-descriptor', body, signature)))
    return refuse('bad-signature', 'a ring descriptor that its authority did not sign');
  return ok(body);
}

/** Refusal: `bad-signature`. */
export async function verifyDeviceCertificate(
  certificate: DeviceCertificate,
): Promise<Result<DeviceCertificateBody>> {
  const { body, signature } = certificate;
  if (!(await verifyEd25519(body.identityKey, 'device-certificate', body, signature)))
    return refuse('bad-signature', 'a device certificate that its identity did not sign');
  return ok(body);
}

/** Refusals: `not-yet-valid`, `expired`, `bad-signature`. */
export async function verifyPrekey(prekey: Prekey, now: number): Promise<Result<PrekeyBody>> {
  const { body, signature } = prekey;
  const dates = checkDates('prekey', body, now);
  if (!dates.ok) return dates;
  if (!(await verifyEd25519(body.deviceKey, 'prekey', body, signature)))
    return refuse('bad-signature', 'a prekey that its device did not sign');
  return ok(body);
}

interface Dated {
  readonly notBefore: number;
  readonly notAfter: number;
}

/** Clocks are wrong: both dates are read with CLOCK_SKEW_MS of patience. Refusals: `not-yet-valid`, `expired`. */
export function checkDates(what: string, body: Dated, now: number): Result<true> {
  if (now < body.notBefore - CLOCK_SKEW_MS)
    return refuse(
      'not-yet-valid',
      `a ${what} that is valid only from ${new Date(body.notBefore).toISOString()}`,
    );
  if (now > body.notAfter + CLOCK_SKEW_MS)
    return refuse('expired', `a ${what} that expired on ${new Date(body.notAfter).toISOString()}`);
  return ok(true);
}

async function verifyByAuthority<T extends Dated & { ring: RingId }>(
  what: string,
  purpose: string,
  certificate: { readonly body: T; readonly signature: Bytes },
  trust: RingTrust,
  now: number,
): Promise<Result<T>> {
  const { body, signature } = certificate;
  if (!equalBytes(body.ring, trust.ring)) return refuse('wrong-ring', `a ${what} of another ring`);
  const dates = checkDates(what, body, now);
  if (!dates.ok) return dates;
  if (!(await verifyRsa(trust.authorityKey, purpose, body, signature)))
    return refuse('bad-signature', `a ${what} that the authority did not sign`);
  return ok(body);
}
