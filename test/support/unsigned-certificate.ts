/** Certificates for machines, whose drivers check signatures before: as long as real ones, signed by nobody. */
import type { NodeId } from '../../src/core/codec/id.ts';
import { RSA_SIGNATURE_BYTES_MAX } from '../../src/core/crypto/sign.ts';
import type { NodeCertificate } from '../../src/core/identity/certificates.ts';

export function unsignedCertificate(nodeId: NodeId): NodeCertificate {
  return {
    body: {
      v: 1,
      ring: new Uint8Array(32),
      nodeId,
      peerKey: new Uint8Array(32),
      name: 'ann@example.org',
      role: 'tab',
      quotaBytes: 0,
      notBefore: 0,
      notAfter: Date.UTC(2030, 0),
    },
    signature: new Uint8Array(RSA_SIGNATURE_BYTES_MAX),
  };
}
