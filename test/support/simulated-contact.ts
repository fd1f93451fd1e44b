/** Contacts whose certificates nobody checks: for tests of machines, whose drivers check signatures. */
import { utf8 } from '../../src/core/codec/bytes.ts';
import type { NodeId } from '../../src/core/codec/id.ts';
import { sha256 } from '../../src/core/crypto/hash.ts';
import type { Role } from '../../src/core/identity/certificates.ts';
import type { Contact, WireContact } from '../../src/core/overlay/contact.ts';

/** A contact whose certificate nobody checks here: signatures are the driver's business. */
export function simulatedContact(nodeId: NodeId, role: Role): Contact {
  const peerKey = sha256(nodeId);
  const body = {
    v: 1 as const,
    ring: sha256(utf8('simulated ring')),
    nodeId,
    peerKey,
    name: `${role}@example.org`,
    role,
    quotaBytes: 0,
    notBefore: 0,
    notAfter: Date.UTC(2100, 0, 1),
  };
  const certificate = { body, signature: new Uint8Array(384) };
  return { nodeId, peerKey, role, certificate, addresses: [] };
}

/** Takes a contact as it is. */
export function contactOf(wire: WireContact): Contact {
  const { nodeId, peerKey, role } = wire.certificate.body;
  return { ...wire, nodeId, peerKey, role };
}
