/** The test ring's own certificates pass the checks that real ones must pass. */
import { expect, test } from 'vitest';
import {
  verifyIdentityCertificate,
  verifyNodeCertificate,
  verifyRingDescriptor,
} from '../../../src/core/identity/certificates.ts';
import { signEd25519, verifyEd25519 } from '../../../src/core/crypto/sign.ts';
import { createTestRing } from '../../support/ring.ts';

test('certificates and descriptor of a test ring verify', async () => {
  const ring = await createTestRing(1);
  const { contact, keys } = await ring.contact('ada', 'relay');
  expect((await verifyNodeCertificate(contact.certificate, ring.trust, 5)).ok).toBe(true);
  expect((await verifyRingDescriptor(await ring.describe([contact]))).ok).toBe(true);
  const identity = await ring.identityCertificate('ada', keys.identity.publicKey);
  expect((await verifyIdentityCertificate(identity, ring.trust, 5)).ok).toBe(true);
  const signature = await signEd25519(keys.peer.pair.privateKey, 'receipt', { a: 1 });
  expect(await verifyEd25519(contact.peerKey, 'receipt', { a: 1 }, signature)).toBe(true);
});

test('the same seed and name give the same member', async () => {
  const [one, two] = [await createTestRing('x'), await createTestRing('x')];
  const [a, b, c] = [await one.contact('ada'), await two.contact('ada'), await two.contact('bea')];
  expect(a.contact).toEqual(b.contact);
  expect(a.contact.nodeId).not.toEqual(c.contact.nodeId);
});
