/**
 * Emergency: a log whose head is lost, or some of whose blocks are, from whatever disks and replicas still hold. Old heads and
 * what other devices' heads say of the log are its proofs; the hash chain finds the place of every cluster. Entries of a mailbox
 * may be applied in any order and with gaps, so whatever is found counts.
 */
import { equalBytes, toHex, type Bytes } from '../codec/bytes.ts';
import { idText, type Id } from '../codec/id.ts';
import type { Vault } from '../identity/vault.ts';
import { sha256Of } from '../crypto/hash.ts';
import type { StoredRecord } from '../storage/storage.ts';
import {
  chainAfter,
  logClusterCodec,
  logIndexCodec,
  logStart,
  type LogCluster,
  type LogIndex,
  type LogPosition,
} from './log-head.ts';
import { checkHead, type CheckedHead } from './log-reader.ts';
import { piecesIn, piecesOf, type Piece } from './log-tree.ts';

/** Clusters and index blocks of one log that a rebuild looks at; further ones are left out. */
export const REBUILD_BLOCKS_MAX = 300_000;

export interface RebuildSources {
  /** Records that may be heads of the log, old ones too. */
  readonly heads: readonly StoredRecord[];
  /** What checked heads of other devices say of this log. */
  readonly quotes: readonly LogPosition[];
  /** Blocks, of which some may be of the log: everything that a disk holds, say. */
  readonly blocks: AsyncIterable<Bytes> | Iterable<Bytes>;
  /** Opens entries: only the person's devices can have sealed what opens. */
  readonly open: Vault['openMailbox'];
}

interface Gap {
  readonly first: number;
  readonly end: number;
}

/** Sealed entries without a gap, from number `first` on. */
export interface RebuiltRun {
  readonly first: number;
  readonly entries: readonly Bytes[];
  /** Entries below this number are proved by a signed head; those from it on only by the hash chain and by their sealing. */
  readonly proven: number;
}

export interface RebuiltLog {
  readonly runs: readonly RebuiltRun[];
  /** Entries first ≤ n < end that were there, that nobody has, and that no whole snapshot stands for. */
  readonly missing: readonly Gap[];
  /** Sealed parts of the newest snapshot of which all parts were found. */
  readonly parts: readonly Bytes[];
  /** Entries below this number are in `parts` as far as they still count. */
  readonly covered: number;
  /** Checked heads that have another history than the runs: evidence of a fork. */
  readonly against: readonly StoredRecord[];
}

type Run = Pick<LogCluster, 'first' | 'before' | 'entries'>;

interface Found {
  readonly clusters: ReadonlyMap<string, LogCluster>;
  readonly indexes: ReadonlyMap<string, LogIndex>;
  readonly others: ReadonlyMap<string, Bytes>;
}

/** What can be had of the log of `device`. Rejects only when a source does. */
export async function rebuildLog(device: Bytes, sources: RebuildSources): Promise<RebuiltLog> {
  const checked = await Promise.all(sources.heads.map((record) => checkHead(record, device)));
  const heads = checked
    .flatMap((one) => (one.ok ? [one.value] : []))
    .sort((a, b) => b.record.body.version - a.record.body.version);
  const found = await sortBlocks(device, sources, heads);
  const anchors = heads.flatMap((head) => [...clustersOf(head, found), head.head]);
  const marks = new Map<number, Id[]>();
  for (const { next, chain } of [...sources.quotes, ...heads.map(endOf)])
    marks.set(next, [...(marks.get(next) ?? []), chain]);
  const { runs, missing, chains } = walk(device, [...found.clusters.values()], anchors, marks);
  const against = heads.filter((head) => {
    const { next, chain } = endOf(head);
    const known = chains.get(next);
    return known !== undefined && !equalBytes(known, chain);
  });
  const snapshot = snapshotOf(heads, found);
  return {
    ...{ runs, ...snapshot },
    missing: notCovered(missing, snapshot.covered),
    against: against.map(({ record }) => record),
  };
}

async function sortBlocks(
  device: Bytes,
  { blocks, open }: RebuildSources,
  heads: readonly CheckedHead[],
): Promise<Found> {
  const clusters = new Map<string, LogCluster>();
  const indexes = new Map<string, LogIndex>();
  const others = new Map<string, Bytes>();
  const parts = new Set(heads.flatMap(({ head }) => partKeys(head.snapshot).map(idText)));
  for await (const block of blocks) {
    if (clusters.size + indexes.size >= REBUILD_BLOCKS_MAX) break;
    const key = idText(await sha256Of(block));
    if (parts.has(key)) others.set(key, block);
    const cluster = logClusterCodec.decode(block);
    const index = logIndexCodec.decode(block);
    if (cluster.ok && equalBytes(cluster.value.device, device) && cluster.value.entries.length > 0) {
      const opened = await open(cluster.value.entries);
      if (opened.every((entry) => entry.ok)) clusters.set(key, cluster.value);
    } else if (index.ok && equalBytes(index.value.device, device)) indexes.set(key, index.value);
  }
  return { clusters, indexes, others };
}

/** Clusters that a signed head names, as far as they and the index blocks above them were found. */
function clustersOf({ head }: CheckedHead, { clusters, indexes }: Found): LogCluster[] {
  const out: LogCluster[] = [];
  const open: Piece[] = [...(piecesOf(head) ?? [])];
  for (let piece = open.pop(); piece !== undefined; piece = open.pop()) {
    const key = idText(piece.key);
    const cluster = piece.level === 0 ? clusters.get(key) : undefined;
    if (cluster?.first === piece.first) out.push(cluster);
    const index = indexes.get(key);
    if (index !== undefined && index.level === piece.level - 1)
      open.push(...(piecesIn(index.links, index.level, piece.first) ?? []));
  }
  return out;
}

/** Follows the hash chain from the beginning; where it breaks off, from the next entry that a signed head is sure of. */
function walk(
  device: Bytes,
  clusters: readonly Run[],
  anchors: readonly Run[],
  marks: ReadonlyMap<number, readonly Id[]>,
): { runs: RebuiltRun[]; missing: Gap[]; chains: Map<number, Id> } {
  const byStart = new Map<string, Run[]>();
  for (const run of [...anchors, ...clusters]) {
    const start = startText(run.first, run.before);
    byStart.set(start, [...(byStart.get(start) ?? []), run]);
  }
  const runs: RebuiltRun[] = [];
  const missing: Gap[] = [];
  const chains = new Map<number, Id>();
  let { next, chain } = logStart(device);
  let current = { first: next, entries: [] as Bytes[], proven: next };
  const close = (): void => void (current.entries.length > 0 && runs.push(current));
  for (;;) {
    const run = longest(byStart.get(startText(next, chain)) ?? []);
    if (run !== undefined) {
      if (anchors.includes(run)) current.proven = next + run.entries.length;
      for (const entry of run.entries) {
        chain = chainAfter(chain, [entry]);
        next += 1;
        const said = marks.get(next);
        if (said === undefined) continue;
        chains.set(next, chain);
        if (said.some((mark) => equalBytes(mark, chain))) current.proven = Math.max(current.proven, next);
      }
      current.entries.push(...run.entries);
      continue;
    }
    const behind = anchors.filter(({ first, entries }) => first > next && entries.length > 0);
    const after = behind.reduce<Run | undefined>(
      (a, b) => (a === undefined || b.first < a.first ? b : a),
      undefined,
    );
    const end = after?.first ?? Math.max(next, ...marks.keys());
    if (end > next) missing.push({ first: next, end });
    close();
    if (after === undefined) return { runs, missing, chains };
    ({ first: next, before: chain } = after);
    current = { first: next, entries: [], proven: next };
  }
}

/** Clusters behind a snapshot may have been given up: that nobody has them is no loss. */
function notCovered(gaps: readonly Gap[], covered: number): Gap[] {
  return gaps
    .filter(({ end }) => end > covered)
    .map(({ first, end }) => ({ first: Math.max(first, covered), end }));
}

/** Of runs with one beginning: that with the most entries. A head's own cluster is the beginning of the one that it became. */
function longest(runs: readonly Run[]): Run | undefined {
  const best = runs.reduce<Run | undefined>(
    (a, b) => (a === undefined || b.entries.length > a.entries.length ? b : a),
    undefined,
  );
  return best === undefined || best.entries.length === 0 ? undefined : best;
}

/** The newest snapshot that is whole. */
function snapshotOf(heads: readonly CheckedHead[], { others }: Found): Pick<RebuiltLog, 'parts' | 'covered'> {
  for (const { head } of heads) {
    const keys = partKeys(head.snapshot);
    const parts = keys.flatMap((key) => others.get(idText(key)) ?? []);
    if (head.snapshot !== null && parts.length === keys.length) return { parts, covered: head.snapshot.next };
  }
  return { parts: [], covered: 0 };
}

function partKeys(snapshot: CheckedHead['head']['snapshot']): readonly Id[] {
  return snapshot?.segments.flatMap(({ parts }) => parts) ?? [];
}

function endOf({ head, next }: CheckedHead): LogPosition {
  return { next, chain: chainAfter(head.before, head.entries) };
}

function startText(first: number, before: Id): string {
  return `${first}/${toHex(before)}`;
}
