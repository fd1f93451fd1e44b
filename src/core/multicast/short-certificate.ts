/**
 * A sender's certificate as it goes with its first multicast: without ring and node id, which whoever gets it knows already, and
 * without names of fields. The authority's signature covers the whole certificate, so that a wrong guess does not verify.
 */
import * as v from 'valibot';
import type { NodeId, RingId } from '../codec/id.ts';
import { bytesMax } from '../codec/schema.ts';
import { RSA_SIGNATURE_BYTES_MAX } from '../crypto/sign.ts';
import { nodeCertificateBody, type NodeCertificate } from '../identity/certificates.ts';

const { peerKey, name, role, quotaBytes, notBefore, notAfter } = nodeCertificateBody.entries;

/** Of version 1 of node certificates: peer key, name, role, quota, dates, signature. */
export const shortCertificate = v.strictTuple([
  peerKey,
  name,
  role,
  quotaBytes,
  notBefore,
  notAfter,
  bytesMax(RSA_SIGNATURE_BYTES_MAX),
]);
export type ShortCertificate = v.InferOutput<typeof shortCertificate>;

export function shortened({ body, signature }: NodeCertificate): ShortCertificate {
  return [body.peerKey, body.name, body.role, body.quotaBytes, body.notBefore, body.notAfter, signature];
}

/** The certificate that was shortened, if it was of this node and ring; not checked yet. */
export function lengthened(short: ShortCertificate, ring: RingId, nodeId: NodeId): NodeCertificate {
  const [peerKey, name, role, quotaBytes, notBefore, notAfter, signature] = short;
  return { body: { v: 1, ring, nodeId, peerKey, name, role, quotaBytes, notBefore, notAfter }, signature };
}
