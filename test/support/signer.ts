/** What signs for a node whose keys a test ring made: the part of a vault that the overlay needs. */
import { signEd25519 } from '../../src/core/crypto/sign.ts';
import type { Vault } from '../../src/core/identity/vault.ts';
import type { TestKeys } from './ring.ts';

/** Signs everything with the peer key. */
export function peerSigner({ peer }: TestKeys): Pick<Vault, 'sign'> {
  return { sign: (purpose, body) => signEd25519(peer.pair.privateKey, purpose, body) };
}
