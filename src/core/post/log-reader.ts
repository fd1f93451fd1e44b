/**
 * Reads a device's log from the ring and checks it. One signature, the head's, proves everything: the head names index blocks
 * and clusters by their hashes, and the hash chain ties their entries to what was read before. Blocks are fetched a level at
 * a time, all at once.
 */
import { equalBytes, type Bytes } from '../codec/bytes.ts';
import type { Id } from '../codec/id.ts';
import { ok, refuse, type Result } from '../codec/result.ts';
import { verifyEd25519 } from '../crypto/sign.ts';
import { MAILBOX_LABEL } from '../identity/identity-block.ts';
import type { StoredRecord } from '../storage/storage.ts';
import { mapBounded } from './bounded.ts';
import {
  chainAfter,
  chainOrigin,
  logClusterCodec,
  logHeadCodec,
  logIndexCodec,
  SNAPSHOT_PARTS_MAX,
  type LogCluster,
  type LogHead,
  type LogPosition,
  type LogSnapshot,
} from './log-head.ts';
import type { LogStorage } from './log-storage.ts';
import { piecesIn, piecesOf, type Piece } from './log-tree.ts';

/** Blocks of one log that are asked for at once; storage has its own bound. */
export const LOG_BLOCKS_AT_ONCE = 64;
/** Catching up with more entries than this is done from the snapshot, when there is one. */
export const CATCH_UP_ENTRIES_MAX = 1024;

type Readable = Pick<LogStorage, 'getRecord' | 'fetch'>;

/** A head whose signature and form are right. */
export interface CheckedHead {
  readonly record: StoredRecord;
  readonly head: LogHead;
  /** Entries of the log. */
  readonly next: number;
}

export interface LogTail extends LogPosition {
  /** Where `entries` begin: what was known, or where the snapshot ends. */
  readonly from: LogPosition;
  /** Sealed entries, oldest first. */
  readonly entries: readonly Bytes[];
  /** Sealed parts of the snapshot, when it stands for the entries between what was known and `from`. */
  readonly parts: readonly Bytes[];
}

export interface LogRead extends LogTail, CheckedHead {}

/**
 * The head that the ring has for `device`; undefined when nobody holds one. Refusals: `bad-signature`, `broken-chain`, and
 * those of the format. Rejects with StorageError.
 */
export async function readHead(storage: Readable, device: Bytes): Promise<Result<CheckedHead | undefined>> {
  const record = await storage.getRecord(device, MAILBOX_LABEL);
  return record === undefined ? ok(undefined) : checkHead(record, device);
}

/** Refusals: those of readHead. */
export async function checkHead(record: StoredRecord, device: Bytes): Promise<Result<CheckedHead>> {
  const { body, signature } = record;
  if (!equalBytes(body.writer, device) || body.label !== MAILBOX_LABEL)
    return refuse('bad-signature', 'a log head of another writer');
  if (!(await verifyEd25519(device, 'device-record', body, signature)))
    return refuse('bad-signature', 'a log head that its device did not sign');
  const decoded = logHeadCodec.decode(body.value);
  if (!decoded.ok) return decoded;
  const head = decoded.value;
  if (piecesOf(head) === undefined) return refuse('broken-chain', 'a log whose blocks leave a gap');
  if (head.first === 0 && !equalBytes(head.before, chainOrigin(device)))
    return refuse('broken-chain', 'a log with another beginning');
  if (head.snapshot !== null && !isSnapshotOf(head.snapshot, head))
    return refuse('broken-chain', 'a snapshot that does not fit its log');
  return ok({ record, head, next: head.first + head.entries.length });
}

/**
 * What the log has beyond `known`. With `snapshot` the reader takes the newest snapshot instead of very many entries; the
 * cluster at `known` still proves that the log only grew. Refusals: `rolled-back` (shorter than known), `forked` (another
 * history than known), `broken-chain`, and those of the formats. Rejects with StorageError.
 */
export async function readTail(
  storage: Readable,
  device: Bytes,
  { head, next }: CheckedHead,
  known: LogPosition,
  snapshot = false,
): Promise<Result<LogTail>> {
  if (next < known.next) return refuse('rolled-back', 'a log that is shorter than it was');
  const skip = snapshot ? worthSkipping(head, known) : undefined;
  const from = skip ?? known;
  const wanted = ({ first, end }: Piece): boolean =>
    end > from.next || (skip !== undefined && known.next > 0 && first <= known.next && known.next < end);
  const segments = skip === undefined ? [] : skip.segments.filter(({ end }) => end > known.next);
  const [clusters, parts] = await Promise.all([
    fetchClusters(storage, device, head, wanted),
    mapBounded(
      segments.flatMap((segment) => segment.parts),
      LOG_BLOCKS_AT_ONCE,
      (key) => storage.fetch(key),
    ),
  ]);
  if (!clusters.ok) return clusters;
  const boundary = skip === undefined ? undefined : clusters.value.find(({ first }) => first < from.next);
  if (boundary !== undefined) {
    const skipped = boundary.entries.slice(0, known.next - boundary.first);
    if (!equalBytes(chainAfter(boundary.before, skipped), known.chain)) return forked();
  }
  const run = clusters.value.filter((cluster) => cluster !== boundary);
  const entries = entriesFrom(device, [...run, head], from);
  if (entries.ok) return ok({ ...entries.value, parts });
  // Not fitting what was read before is a fork; not fitting its own snapshot is a head that contradicts itself.
  return entries.code === 'forked' && skip !== undefined
    ? refuse('broken-chain', 'a snapshot that does not fit its log')
    : entries;
}

/** Head and tail in one; undefined when nobody holds a head and nothing is known. Refusals and rejections of both. */
export async function readLog(
  storage: Readable,
  device: Bytes,
  known: LogPosition,
): Promise<Result<LogRead | undefined>> {
  const checked = await readHead(storage, device);
  if (!checked.ok) return checked;
  if (checked.value === undefined) {
    if (known.next > 0) return refuse('rolled-back', 'a log that was there is gone');
    return ok(undefined);
  }
  const tail = await readTail(storage, device, checked.value, known);
  return tail.ok ? ok({ ...checked.value, ...tail.value }) : tail;
}

/** Whether a snapshot's segments run from 0 to where it ends, which is before the head, within the named maximum. */
function isSnapshotOf({ next, segments }: LogSnapshot, { first }: LogHead): boolean {
  const ends = segments.map(({ end }) => end);
  const parts = segments.reduce((sum, segment) => sum + segment.parts.length, 0);
  const grows = ends.every((end, i) => end > (ends[i - 1] ?? 0));
  return grows && ends.at(-1) === next && next <= first && parts <= SNAPSHOT_PARTS_MAX;
}

function worthSkipping({ snapshot }: LogHead, known: LogPosition): LogSnapshot | undefined {
  if (snapshot === null || snapshot.next <= known.next) return undefined;
  return known.next === 0 || snapshot.next - known.next > CATCH_UP_ENTRIES_MAX ? snapshot : undefined;
}

/** The wanted clusters, oldest first. A level of the tree is one round of fetches; each is below the one before. */
async function fetchClusters(
  storage: Readable,
  device: Bytes,
  head: LogHead,
  wanted: (piece: Piece) => boolean,
): Promise<Result<readonly LogCluster[]>> {
  const clusters: LogCluster[] = [];
  let round = piecesOf(head)?.filter(wanted) ?? [];
  while (round.length > 0) {
    const opened = await mapBounded(round, LOG_BLOCKS_AT_ONCE, async (piece) =>
      openPiece(device, piece, await storage.fetch(piece.key, { keep: true })),
    );
    round = [];
    for (const one of opened) {
      if (!one.ok) return one;
      if ('pieces' in one.value) round.push(...one.value.pieces.filter(wanted));
      else clusters.push(one.value);
    }
  }
  return ok(clusters.sort((a, b) => a.first - b.first));
}

/** A cluster, or what an index block links to. */
function openPiece(
  device: Bytes,
  piece: Piece,
  block: Bytes,
): Result<LogCluster | { readonly pieces: readonly Piece[] }> {
  const decoded = piece.level === 0 ? logClusterCodec.decode(block) : logIndexCodec.decode(block);
  if (!decoded.ok) return decoded;
  if (!equalBytes(decoded.value.device, device)) return refuse('broken-chain', 'a block of another log');
  if ('links' in decoded.value) {
    const { level, links } = decoded.value;
    const pieces = piecesIn(links, level, piece.first);
    if (level !== piece.level - 1 || pieces === undefined || pieces.at(-1)?.end !== piece.end)
      return refuse('broken-chain', 'an index of a log that covers something else');
    return ok({ pieces });
  }
  const { first, entries } = decoded.value;
  if (first !== piece.first || entries.length === 0 || first + entries.length !== piece.end)
    return refuse('broken-chain', 'a log with a gap in its sequence');
  return ok(decoded.value);
}

type Run = Pick<LogCluster, 'first' | 'before' | 'entries'>;

/** Entries of a run without gaps from `from` on, its hash chain checked. Refusals: `broken-chain`, `forked`. */
function entriesFrom(device: Bytes, run: readonly Run[], from: LogPosition): Result<Omit<LogTail, 'parts'>> {
  const oldest = run[0]!;
  if (oldest.first === 0 && !equalBytes(oldest.before, chainOrigin(device)))
    return refuse('broken-chain', 'a log with another beginning');
  const entries: Bytes[] = [];
  let chain: Id = oldest.before;
  let next = oldest.first;
  for (const cluster of run) {
    if (cluster.first !== next || !equalBytes(cluster.before, chain))
      return refuse('broken-chain', 'a log whose hash chain does not fit');
    const skipped = cluster.entries.slice(0, Math.max(0, from.next - next));
    const taken = cluster.entries.slice(skipped.length);
    chain = chainAfter(chain, skipped);
    if (next + skipped.length === from.next && !equalBytes(chain, from.chain)) return forked();
    chain = chainAfter(chain, taken);
    next += cluster.entries.length;
    entries.push(...taken);
  }
  return ok({ from: { next: from.next, chain: from.chain }, entries, next, chain });
}

function forked() {
  return refuse('forked', 'a log with another history than was seen before');
}
