/** Certificates that the ring's authority did not sign, though they say so. */
import { signedBytes } from '../../src/core/crypto/sign.ts';
import type { NodeCertificate } from '../../src/core/identity/certificates.ts';

const algorithm = {
  name: 'RSASSA-PKCS1-v1_5',
  modulusLength: 2048,
  publicExponent: Uint8Array.of(1, 0, 1),
  hash: 'SHA-256',
};

/** The same certificate, signed by an authority of its own. */
export async function signedByAnother({ body }: NodeCertificate): Promise<NodeCertificate> {
  const { privateKey } = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify']);
  const bytes = signedBytes('node-certificate', body);
  const signature = await crypto.subtle.sign(algorithm.name, privateKey, bytes);
  return { body, signature: new Uint8Array(signature) };
}
