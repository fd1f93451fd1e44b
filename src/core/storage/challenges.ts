/**
 * Challenges drawn in advance, by who has a block in hand and will not keep it: nonces that the holder has not seen, each with the
 * proof that it will owe. So a full node can try who holds its copies without having them (as Ateniese et al., SPDP, 2008, §3).
 */
import * as v from 'valibot';
import type { Bytes } from '../codec/bytes.ts';
import { bytesOf, listOf } from '../codec/schema.ts';
import type { Random } from '../crypto/random.ts';
import { PROOF_BYTES, PROOF_NONCE_BYTES, proofOf } from './proof.ts';

/** Challenges that are drawn at once: 48 bytes each. */
export const DRAWN_MAX = 8;

export const challengesSchema = listOf(
  v.strictObject({ nonce: bytesOf(PROOF_NONCE_BYTES), proof: bytesOf(PROOF_BYTES) }),
  DRAWN_MAX,
);
export type Challenges = v.InferOutput<typeof challengesSchema>;

/** `prover`: peer key of the node that is to hold the block. */
export function drawChallenges(random: Random, prover: Bytes, block: Bytes): Promise<Challenges> {
  const nonces = Array.from({ length: DRAWN_MAX }, () => random.bytes(PROOF_NONCE_BYTES));
  return Promise.all(nonces.map(async (nonce) => ({ nonce, proof: await proofOf(nonce, prover, block) })));
}
