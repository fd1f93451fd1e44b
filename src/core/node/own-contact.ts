/** This node's own contact: its certificate is renewed while the node runs; place and key stay. */
import { assert } from '../codec/assert.ts';
import { equalBytes } from '../codec/bytes.ts';
import type { NodeCertificate } from '../identity/certificates.ts';
import type { Contact } from '../overlay/contact.ts';

export interface OwnContact extends Contact {
  /** Whoever asks from now on gets this certificate, which must be of the same node. */
  renew(certificate: NodeCertificate): void;
}

/** A tab's contact: it has no addresses. */
export function ownContact(first: NodeCertificate): OwnContact {
  const { nodeId, peerKey, role } = first.body;
  let current = first;
  return {
    nodeId,
    peerKey,
    role,
    addresses: [],
    get certificate() {
      return current;
    },
    renew(certificate) {
      assert(isSameNode(certificate, current), 'a renewed certificate is of the same node');
      current = certificate;
    },
  };
}

/** Whether both certify the same key at the same place. */
export function isSameNode({ body: a }: NodeCertificate, { body: b }: NodeCertificate): boolean {
  return equalBytes(a.nodeId, b.nodeId) && equalBytes(a.peerKey, b.peerKey) && a.role === b.role;
}
