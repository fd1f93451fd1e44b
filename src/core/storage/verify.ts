/** The checks before anything is written or believed: hashes, signatures, issuers, dates. */
import { equalBytes, type Bytes } from '../codec/bytes.ts';
import { CLOCK_SKEW_MS } from '../codec/clock.ts';
import type { Id, Key } from '../codec/id.ts';
import { RETENTION_MS } from '../codec/limits.ts';
import { ok, refuse, type Result } from '../codec/result.ts';
import { encodeCbor } from '../codec/cbor.ts';
import { certificateKey, inboxKey, recordKey, sha256, sha256Of } from '../crypto/hash.ts';
import { verifyEd25519 } from '../crypto/sign.ts';
import {
  verifyIdentityCertificate,
  verifyNodeCertificate,
  type IdentityCertificate,
  type RingTrust,
} from '../identity/certificates.ts';
import { LEASE_MS } from './lease.ts';
import type { InboxEntry, Receipt, StoredRecord } from './storage.ts';
import type { CertifiedEntry, InboxClear, Lease } from './wire.ts';

/** Where a thing belongs and which state of it this is. */
export interface Held {
  readonly key: Key;
  /** Grows with each state of a record or certificate; the date of inbox entries and clears; 0 for blocks. */
  readonly version: number;
  /** SHA-256 of the block or of the encoded body. */
  readonly held: Id;
}

/** SHA-256 of a body's encoding: names a record's state, an inbox entry, a clear. */
export function bodyHash(body: unknown): Id {
  return sha256(encodeCbor(body));
}

/** Refusal: `wrong-hash`. */
export async function verifyBlock(key: Key, block: Bytes): Promise<Result<true>> {
  if (equalBytes(await sha256Of(block), key)) return ok(true);
  return refuse('wrong-hash', 'a block whose hash is not its key');
}

/**
 * Whether a member signed it. A lease that has run out still fits: it protects nothing, but its block may be handed on until the
 * block goes. Refusals: `wrong-key`, `wrong-size`, `not-yet-valid`, `too-long`, `wrong-holder`, `bad-signature`, those of
 * verifyNodeCertificate.
 */
export async function verifyLease(
  lease: Lease,
  key: Key,
  sizeBytes: number,
  trust: RingTrust,
  now: number,
): Promise<Result<true>> {
  const { body, signature, certificate } = lease;
  if (!equalBytes(body.key, key)) return refuse('wrong-key', 'a lease on another block');
  if (body.sizeBytes !== sizeBytes) return refuse('wrong-size', 'a lease on another size');
  if (body.at > now + CLOCK_SKEW_MS) return refuse('not-yet-valid', 'a lease from the future');
  if (body.until > body.at + LEASE_MS) return refuse('too-long', 'a lease over the longest term');
  if (!equalBytes(certificate.body.peerKey, body.holder))
    return refuse('wrong-holder', 'a lease with the certificate of another node');
  const member = await verifyNodeCertificate(certificate, trust, body.at);
  if (!member.ok) return member;
  if (!(await verifyEd25519(body.holder, 'lease', body, signature)))
    return refuse('bad-signature', 'a lease that its holder did not sign');
  return ok(true);
}

/** Records are signed for one of two purposes, by the writer's identity or device key. Refusal: `bad-signature`. */
export async function verifyRecord(record: StoredRecord): Promise<Result<Held>> {
  const { body, signature } = record;
  const signed =
    (await verifyEd25519(body.writer, 'device-record', body, signature)) ||
    (await verifyEd25519(body.writer, 'identity-record', body, signature));
  if (!signed) return refuse('bad-signature', 'a record that its writer did not sign');
  return ok({ key: recordKey(body.writer, body.label), version: body.version, held: bodyHash(body) });
}

/** Refusals: those of verifyIdentityCertificate. */
export async function verifyCertificate(
  certificate: IdentityCertificate,
  trust: RingTrust,
  now: number,
): Promise<Result<Held>> {
  const checked = await verifyIdentityCertificate(certificate, trust, now);
  if (!checked.ok) return checked;
  const { name, serial } = checked.value;
  return ok({ key: certificateKey(name), version: serial, held: bodyHash(certificate.body) });
}

/** Checks what a reader of an inbox can check. Refusals: `wrong-key`, `bad-signature`. */
export async function verifyEntry(entry: InboxEntry, key: Key): Promise<Result<Held>> {
  const { body, signature } = entry;
  if (!equalBytes(inboxKey(body.owner), key)) return refuse('wrong-key', 'an entry of another inbox');
  if (!(await verifyEd25519(body.from, 'inbox-entry', body, signature)))
    return refuse('bad-signature', 'an inbox entry that its sender did not sign');
  return ok({ key, version: body.at, held: bodyHash(body) });
}

/**
 * Checks what a replica must: the sender was a member when it wrote. Refusals: `expired`, `not-yet-valid`,
 * `wrong-sender`, `bad-signature`, `wrong-ring`.
 */
export async function verifyCertifiedEntry(
  { entry, certificate }: CertifiedEntry,
  trust: RingTrust,
  now: number,
): Promise<Result<Held>> {
  const { from, owner, at } = entry.body;
  const dated = checkAge('an inbox entry', at, now);
  if (!dated.ok) return dated;
  if (!equalBytes(certificate.body.peerKey, from))
    return refuse('wrong-sender', 'an inbox entry with the certificate of another node');
  const member = await verifyNodeCertificate(certificate, trust, at);
  if (!member.ok) return member;
  return verifyEntry(entry, inboxKey(owner));
}

/** Refusals: `expired`, `not-yet-valid`, `bad-signature`. */
export async function verifyClear(clear: InboxClear, now: number): Promise<Result<Held>> {
  const { body, signature } = clear;
  const dated = checkAge('an inbox clear', body.at, now);
  if (!dated.ok) return dated;
  if (!(await verifyEd25519(body.owner, 'inbox-clear', body, signature)))
    return refuse('bad-signature', 'an inbox clear that its owner did not sign');
  return ok({ key: inboxKey(body.owner), version: body.at, held: bodyHash(body) });
}

/** Refusals: `wrong-receipt`, `bad-signature`. `holder` is the peer key that the replica's certificate shows. */
export async function verifyReceipt(
  receipt: Receipt,
  kind: Receipt['body']['kind'],
  { key, held }: Pick<Held, 'key' | 'held'>,
  holder: Bytes,
  now: number,
): Promise<Result<Receipt>> {
  const { body, signature } = receipt;
  const fits =
    body.kind === kind &&
    equalBytes(body.key, key) &&
    equalBytes(body.held, held) &&
    equalBytes(body.holder, holder) &&
    Math.abs(body.at - now) <= CLOCK_SKEW_MS;
  if (!fits) return refuse('wrong-receipt', 'a receipt for something else, or of another time');
  if (!(await verifyEd25519(holder, 'receipt', body, signature)))
    return refuse('bad-signature', 'a receipt that its replica did not sign');
  return ok(receipt);
}

/** When what was written `at` is too old to be taken, and so need not be remembered any more. */
export function forgottenAt(at: number): number {
  return at + RETENTION_MS + 2 * CLOCK_SKEW_MS;
}

function checkAge(what: string, at: number, now: number): Result<true> {
  if (at > now + CLOCK_SKEW_MS) return refuse('not-yet-valid', `${what} from the future`);
  if (at < now - RETENTION_MS - CLOCK_SKEW_MS) return refuse('expired', `${what} over its retention`);
  return ok(true);
}
