/** Proof that a node holds a block now: a hash that needs all its bytes and a nonce that the asker has just drawn. */
import { concat, equalBytes, utf8, type Bytes } from '../codec/bytes.ts';
import { sha256Of } from '../crypto/hash.ts';

/** Bytes of a challenge's nonce. */
export const PROOF_NONCE_BYTES = 16;
export const PROOF_BYTES = 32;
const PURPOSE = utf8('epost/proof/v1\0');

/** SHA-256(purpose ‖ nonce ‖ prover's peer key ‖ block): the prover's name in it keeps one node from passing on another's proof. */
export function proofOf(nonce: Bytes, prover: Bytes, block: Bytes): Promise<Bytes> {
  return sha256Of(concat(PURPOSE, nonce, prover, block));
}

export async function proves(proof: Bytes, nonce: Bytes, prover: Bytes, block: Bytes): Promise<boolean> {
  return equalBytes(proof, await proofOf(nonce, prover, block));
}
