/** Invitations: tokens that a person can mistype and notice, and the rules of using them up. */
import * as v from 'valibot';
import { concat, equalBytes, fromBase32, toBase32, type Bytes } from '../codec/bytes.ts';
import type { Id } from '../codec/id.ts';
import { ok, refuse, type Refusal, type Result } from '../codec/result.ts';
import { codec, idSchema, timeSchema, whole } from '../codec/schema.ts';
import { sentence } from './sentences.ts';
import { sha256 } from '../crypto/hash.ts';
import type { Random } from '../crypto/random.ts';

const SECRET_BYTES = 16;
const CHECKSUM_BYTES = 4;
/** RFC 4648 base32 of 20 bytes, lower case, without multibase prefix: exactly 32 characters. */
export const TOKEN_CHARACTERS = ((SECRET_BYTES + CHECKSUM_BYTES) * 8) / 5;
/** People who may join by one invitation. */
export const INVITATION_USES_MAX = 100_000;

/** What the authority keeps: the token itself is known only to those who were given it. */
export const invitationSchema = v.strictObject({
  v: v.literal(1),
  /** SHA-256 of the token's 16 secret bytes. */
  tokenHash: idSchema,
  usesMax: whole(INVITATION_USES_MAX),
  uses: whole(INVITATION_USES_MAX),
  notAfter: timeSchema,
});
export type Invitation = v.InferOutput<typeof invitationSchema>;
export const invitationCodec = codec('invitation', invitationSchema, 512);

/** base32(16 random bytes ‖ first 4 bytes of their SHA-256). */
export function makeToken(random: Random): string {
  return tokenText(random.bytes(SECRET_BYTES));
}

/** The token of 16 secret bytes. */
export function tokenText(secret: Bytes): string {
  return toBase32(concat(secret, sha256(secret).subarray(0, CHECKSUM_BYTES))).slice(1);
}

/** Hash under which the authority knows the token. Upper case and blanks are forgiven. Refusal: `invitation-malformed`. */
export function parseToken(typed: string): Result<Id> {
  const token = typed.replace(/[\s-]/g, '').toLowerCase();
  if (token.length !== TOKEN_CHARACTERS || !/^[a-z2-7]+$/.test(token))
    return malformed(sentence('invitation/part-missing'));
  const bytes = fromBase32(`b${token}`);
  const secret = bytes.slice(0, SECRET_BYTES);
  if (!equalBytes(sha256(secret).subarray(0, CHECKSUM_BYTES), bytes.subarray(SECRET_BYTES)))
    return malformed(sentence('invitation/mistyped'));
  return ok(sha256(secret));
}

/** Whether one more person may join by it. Refusals: `invitation-unknown`, `invitation-expired`, `invitation-used-up`. */
export function checkInvitation(invitation: Invitation | undefined, now: number): Result<Invitation> {
  if (!invitation) return refuse('invitation-unknown', sentence('invitation/unknown'));
  if (now > invitation.notAfter) return refuse('invitation-expired', sentence('invitation/expired'));
  if (invitation.uses >= invitation.usesMax)
    return refuse('invitation-used-up', sentence('invitation/used-up'));
  return ok(invitation);
}

/** The invitation after one more use; checked before. */
export function useInvitation(invitation: Invitation): Invitation {
  return { ...invitation, uses: invitation.uses + 1 };
}

function malformed(reason: string): Refusal {
  return refuse('invitation-malformed', reason);
}
