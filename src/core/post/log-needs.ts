/**
 * Which blocks a log still needs. Its snapshot stands for what lies before it, so clusters there are needed only by devices that have
 * not read so far: they read on from where they are, and the cluster at that place proves that the log only grew.
 */
import { equalBytes, type Bytes } from '../codec/bytes.ts';
import { idText, type Key } from '../codec/id.ts';
import { logClusterCodec, logIndexCodec, type LogHead } from './log-head.ts';
import { piecesIn, piecesOf, type Piece } from './log-tree.ts';
import { PostError } from './post-error.ts';

/** What is known of a log: what its newest head says, and how far each other device of the person has read it. */
export interface KnownLog {
  readonly device: Bytes;
  readonly head: Pick<LogHead, 'first' | 'levels' | 'snapshot'>;
  /** One number a device: entries that it has read; 0 for one that has said nothing of it. */
  readonly readBy: readonly number[];
}

/** Entries below this number are needed by nobody: a snapshot stands for them, and all other devices have read them. */
export function unneededBefore({ head, readBy }: KnownLog): number {
  return Math.min(head.snapshot?.next ?? 0, ...readBy);
}

/**
 * Names of the blocks that the log needs: parts of its snapshot, clusters, and what leads to them. Rejects as `fetch` does, or
 * with PostError `damaged`.
 */
export async function neededBlocks(
  log: KnownLog,
  fetch: (key: Key) => Promise<Bytes>,
): Promise<ReadonlySet<string>> {
  const needed = new Set(log.head.snapshot?.segments.flatMap(({ parts }) => parts).map(idText));
  const from = unneededBefore(log);
  const open: Piece[] = [...(piecesOf(log.head) ?? [])];
  for (let piece = open.pop(); piece !== undefined; piece = open.pop()) {
    if (piece.end <= from) continue;
    needed.add(idText(piece.key));
    if (piece.level === 0) continue;
    const index = logIndexCodec.decode(await fetch(piece.key));
    const pieces = index.ok ? piecesIn(index.value.links, index.value.level, piece.first) : undefined;
    if (pieces === undefined) throw new PostError('damaged', 'an index block of a log that cannot be read');
    open.push(...pieces);
  }
  return needed;
}

/** The device whose log the block is a cluster or an index block of, as it says of itself; undefined when it is none. */
export function logOf(block: Bytes): Bytes | undefined {
  const cluster = logClusterCodec.decode(block);
  if (cluster.ok) return cluster.value.device;
  const index = logIndexCodec.decode(block);
  return index.ok ? index.value.device : undefined;
}

export function isLogOf(block: Bytes, devices: readonly Bytes[]): boolean {
  const device = logOf(block);
  return device !== undefined && devices.some((one) => equalBytes(one, device));
}
