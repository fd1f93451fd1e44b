/** Reads a device's log from the ring and checks it: signature, sequence, hash chain, and that it only grew. */
import { equalBytes, type Bytes } from '../codec/bytes.ts';
import type { Id } from '../codec/id.ts';
import { ok, refuse, type Result } from '../codec/result.ts';
import { verifyEd25519 } from '../crypto/sign.ts';
import { MAILBOX_LABEL } from '../identity/identity-block.ts';
import type { Storage } from '../storage/storage.ts';
import {
  chainAfter,
  chainOrigin,
  logClusterCodec,
  logHeadCodec,
  type LogCluster,
  type LogHead,
  type SeenHead,
} from './log-head.ts';

/** What is already known of a log. */
export interface LogPosition {
  /** Entries read so far: the next sequence number. */
  readonly next: number;
  readonly chain: Id;
}

export interface LogTail extends LogPosition {
  /** Sealed entries from the position that was asked for, oldest first. */
  readonly entries: readonly Bytes[];
  readonly head: LogHead;
  /** Version of the head's record. */
  readonly version: number;
  readonly seen: readonly SeenHead[];
}

export function logStart(device: Bytes): LogPosition {
  return { next: 0, chain: chainOrigin(device) };
}

/**
 * Entries that the log of `device` has beyond `known`; undefined when nobody holds a head. Refusals: `bad-signature`,
 * `rolled-back` (shorter than known), `forked` (another history than known), `broken-chain`, and those of the formats.
 * Rejects with StorageError.
 */
export async function readLog(
  storage: Storage,
  device: Bytes,
  known: LogPosition,
): Promise<Result<LogTail | undefined>> {
  const record = await storage.getRecord(device, MAILBOX_LABEL);
  if (record === undefined) {
    if (known.next > 0) return refuse('rolled-back', 'a log that was there is gone');
    return ok(undefined);
  }
  const { body, signature } = record;
  if (!equalBytes(body.writer, device) || body.label !== MAILBOX_LABEL)
    return refuse('bad-signature', 'a log head of another writer');
  if (!(await verifyEd25519(device, 'device-record', body, signature)))
    return refuse('bad-signature', 'a log head that its device did not sign');
  const decoded = logHeadCodec.decode(body.value);
  if (!decoded.ok) return decoded;
  const head = decoded.value;
  const end = head.first + head.entries.length;
  if (end < known.next) return refuse('rolled-back', 'a log that is shorter than it was');
  const clusters = await walkBack(storage, device, head, known.next);
  if (!clusters.ok) return clusters;
  return joinClusters(clusters.value, head, known, body.version);
}

/** The clusters that reach from `from` to the head, oldest first; the head's own entries are the last one. */
async function walkBack(
  storage: Storage,
  device: Bytes,
  head: LogHead,
  from: number,
): Promise<Result<readonly Pick<LogCluster, 'first' | 'before' | 'entries'>[]>> {
  const clusters: Pick<LogCluster, 'first' | 'before' | 'entries'>[] = [head];
  let newer: Pick<LogHead, 'first' | 'before' | 'previous'> = head;
  // `first` falls at each step, so this ends; each step costs its writer a stored block.
  while (newer.first > from) {
    if (newer.previous === null) return refuse('broken-chain', 'a log whose beginning is missing');
    const decoded = logClusterCodec.decode(await storage.fetch(newer.previous, { keep: true }));
    if (!decoded.ok) return decoded;
    const cluster = decoded.value;
    if (!equalBytes(cluster.device, device)) return refuse('broken-chain', 'a cluster of another log');
    if (cluster.entries.length === 0 || cluster.first + cluster.entries.length !== newer.first)
      return refuse('broken-chain', 'a log with a gap in its sequence');
    if (!equalBytes(chainAfter(cluster.before, cluster.entries), newer.before))
      return refuse('broken-chain', 'a log whose hash chain does not fit');
    clusters.unshift(cluster);
    newer = cluster;
  }
  if (newer.first === 0 && !equalBytes(newer.before, chainOrigin(device)))
    return refuse('broken-chain', 'a log with another beginning');
  return ok(clusters);
}

function joinClusters(
  clusters: readonly Pick<LogCluster, 'first' | 'before' | 'entries'>[],
  head: LogHead,
  known: LogPosition,
  version: number,
): Result<LogTail> {
  const oldest = clusters[0]!;
  const all = clusters.flatMap((cluster) => cluster.entries);
  const skip = known.next - oldest.first;
  if (!equalBytes(chainAfter(oldest.before, all.slice(0, skip)), known.chain))
    return refuse('forked', 'a log with another history than was seen before');
  const entries = all.slice(skip);
  const chain = chainAfter(known.chain, entries);
  return ok({ next: known.next + entries.length, chain, entries, head, version, seen: head.seen });
}
