/**
 * What proves that a log was forked, rolled back or withheld: heads that contradict each other, each signed by its device
 * (Li et al., SUNDR 2004, §3.2: who once shows two histories can never join them again).
 */
import { equalBytes, toHex, type Bytes } from '../codec/bytes.ts';
import { sha256 } from '../crypto/hash.ts';
import type { StoredRecord } from '../storage/storage.ts';
import { logHeadCodec } from './log-head.ts';

export interface LogEvidence {
  /** Whose log it is about. */
  readonly device: Bytes;
  /** At most two signed heads: what was known, and what contradicts it. */
  readonly heads: readonly StoredRecord[];
}

/** Hexadecimal digits by which a person can tell keys and heads apart. */
const DIGITS = 12;

/** A sentence for each head: whose it is, its version and date, how many entries it ends at, and its SHA-256. */
export function describeEvidence({ device, heads }: LogEvidence): string {
  return [`Device ${short(device)}.`, ...heads.map(describeHead)].join(' ');
}

/** Whether two records are the same statement. Ed25519 signatures are deterministic: one body has one. */
export function sameRecord(a: StoredRecord, b: StoredRecord): boolean {
  return (
    a.body.version === b.body.version &&
    equalBytes(a.signature, b.signature) &&
    equalBytes(a.body.value, b.body.value)
  );
}

function describeHead({ body }: StoredRecord): string {
  const decoded = logHeadCodec.decode(body.value);
  const length = decoded.ok
    ? `${decoded.value.first + decoded.value.entries.length} entries`
    : decoded.reason;
  const at = new Date(body.at).toISOString();
  const hash = short(sha256(body.value));
  return `Head ${body.version} signed by ${short(body.writer)} on ${at}: ${length}, SHA-256 ${hash}.`;
}

function short(bytes: Bytes): string {
  return toHex(bytes).slice(0, DIGITS);
}
