/** A contact: a node whose certificate has been checked. Only checked contacts enter the state machines. */
import * as v from 'valibot';
import type { Bytes } from '../codec/bytes.ts';
import type { NodeId } from '../codec/id.ts';
import type { Result } from '../codec/result.ts';
import { idSchema, listOf, text } from '../codec/schema.ts';
import {
  signedNodeCertificate,
  verifyNodeCertificate,
  type NodeCertificate,
  type RingTrust,
  type Role,
} from '../identity/certificates.ts';
import { ok } from '../codec/result.ts';

export interface Contact {
  readonly nodeId: NodeId;
  /** 32 bytes, Ed25519. */
  readonly peerKey: Bytes;
  readonly role: Role;
  readonly certificate: NodeCertificate;
  /** Multiaddrs to dial directly: relays have some, tabs none. */
  readonly addresses: readonly string[];
}

/** A contact as somebody told us of it, with nodes that can introduce us to it (signalling): its neighbours. */
export interface Introduction {
  readonly contact: Contact;
  /** At most VIA_MAX; hearsay. */
  readonly via: readonly NodeId[];
}

/** Introducers that a contact names on the wire. */
export const VIA_MAX = 8;

/** A contact as it travels: unchecked. */
export const wireContact = v.strictObject({
  certificate: signedNodeCertificate,
  addresses: listOf(text(256), 8),
  via: listOf(idSchema, VIA_MAX),
});
export type WireContact = v.InferOutput<typeof wireContact>;

/** Checks the certificate. Refusals: those of verifyNodeCertificate. */
export async function checkContact(
  wire: Pick<WireContact, 'certificate' | 'addresses'>,
  trust: RingTrust,
  now: number,
): Promise<Result<Contact>> {
  const checked = await verifyNodeCertificate(wire.certificate, trust, now);
  if (!checked.ok) return checked;
  return ok(contactOf(wire));
}

/**
 * The contact of a certificate that was checked. Nobody signs addresses: those of anybody but a relay are dropped, or any
 * member could have others dial where it likes, and keep them from those whom they look for.
 */
export function contactOf({
  certificate,
  addresses,
}: Pick<WireContact, 'certificate' | 'addresses'>): Contact {
  const { nodeId, peerKey, role } = certificate.body;
  return { nodeId, peerKey, role, certificate, addresses: role === 'relay' ? addresses : [] };
}

export function toWire({ certificate, addresses }: Contact, via: readonly NodeId[] = []): WireContact {
  return { certificate, addresses: [...addresses], via: [...via] };
}
