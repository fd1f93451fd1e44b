/**
 * Formats of a device's log: the head (a signed record that carries the newest cluster inline), the sealed clusters behind
 * it, and the index blocks that name them, so that no reader walks from one to the next. POST paper §3.4; the hash chain
 * and the version vector of heads are Ivy's (Muthitacharoen et al. 2002, §3.1, §3.2).
 */
import * as v from 'valibot';
import { concat, utf8, type Bytes } from '../codec/bytes.ts';
import type { Id } from '../codec/id.ts';
import { DEVICES_MAX, RECORD_BYTES_MAX } from '../codec/limits.ts';
import { bytesMax, bytesOf, codec, idSchema, listOf, whole } from '../codec/schema.ts';
import { sha256 } from '../crypto/hash.ts';
import { PUBLIC_KEY_BYTES } from '../crypto/sign.ts';

/** A sealed entry. With a cluster that is not full (16 KiB) and what the head names, it fits a record of 64 KiB. */
export const LOG_ENTRY_BYTES_MAX = 30 * 1024;
/** A cluster is full at this many entries (the paper's M) … */
export const CLUSTER_ENTRIES_MAX = 32;
/** … or when its entries have this many bytes. */
export const CLUSTER_FULL_BYTES = 16 * 1024;
/** Links of an index block. Fewer lie in the head itself: logs of up to 2,000 entries of usual size have no index block. */
export const LOG_FANOUT = 64;
/** Levels of links in a head, clusters the lowest: room for 64^4 clusters. */
export const LOG_LEVELS_MAX = 4;
/** Segments of a snapshot, and content blocks of all of them: at most 48 MiB of state. */
export const SNAPSHOT_SEGMENTS_MAX = 32;
export const SNAPSHOT_PARTS_MAX = 64;
const SNAPSHOT_TIERS_MAX = 16;

const version = v.literal(2);
const publicKey = bytesOf(PUBLIC_KEY_BYTES);
const entrySchema = bytesMax(LOG_ENTRY_BYTES_MAX);

/** How far a log was read: `next` entries, whose chain is `chain`, under a head of that version. */
export const seenHeadSchema = v.strictObject({
  device: publicKey,
  next: whole(),
  chain: idSchema,
  version: whole(),
});
export type SeenHead = v.InferOutput<typeof seenHeadSchema>;

/** A block behind a head: a cluster, or an index block. It reaches from where the link before it ends up to `end`. */
export const logLinkSchema = v.strictObject({ key: idSchema, end: whole() });
export type LogLink = v.InferOutput<typeof logLinkSchema>;

/** Links by level: clusters in the first list, index blocks over 64 of the level before in the next ones; oldest first. */
export const logLevelsSchema = listOf(listOf(logLinkSchema, LOG_FANOUT - 1), LOG_LEVELS_MAX);
export type LogLevels = v.InferOutput<typeof logLevelsSchema>;

/** Part of a snapshot: what is left of the entries from where the segment before it ends up to `end`, in content blocks. */
const segmentSchema = v.strictObject({
  end: whole(),
  /** Segments of the same tier are merged into one of the next. */
  tier: whole(SNAPSHOT_TIERS_MAX),
  parts: listOf(idSchema, SNAPSHOT_PARTS_MAX),
});
export type SnapshotSegment = v.InferOutput<typeof segmentSchema>;

/** The state that the first `next` entries make, encrypted, so that a reader need not read them. */
export const snapshotSchema = v.strictObject({
  next: whole(),
  chain: idSchema,
  segments: listOf(segmentSchema, SNAPSHOT_SEGMENTS_MAX),
});
export type LogSnapshot = v.InferOutput<typeof snapshotSchema>;

const clusterEntries = {
  /** Sequence number of entries[0]. */
  first: whole(),
  /** Chain over all entries before `first`. */
  before: idSchema,
  /** Sealed for the person's own devices, oldest first. */
  entries: listOf(entrySchema, CLUSTER_ENTRIES_MAX),
};

const logHeadSchema = v.strictObject({
  v: version,
  ...clusterEntries,
  levels: logLevelsSchema,
  snapshot: v.nullable(snapshotSchema),
  /** Heads of the person's other devices, as this device has seen them. */
  seen: listOf(seenHeadSchema, DEVICES_MAX),
});
export type LogHead = v.InferOutput<typeof logHeadSchema>;

const logClusterSchema = v.strictObject({ v: version, device: publicKey, ...clusterEntries });
export type LogCluster = v.InferOutput<typeof logClusterSchema>;

const logIndexSchema = v.strictObject({
  v: version,
  device: publicKey,
  /** Of its links; 0 when they are clusters. */
  level: whole(LOG_LEVELS_MAX),
  links: listOf(logLinkSchema, LOG_FANOUT),
});
export type LogIndex = v.InferOutput<typeof logIndexSchema>;

export const logHeadCodec = codec('log head', logHeadSchema, RECORD_BYTES_MAX);
export const logClusterCodec = codec('log cluster', logClusterSchema, RECORD_BYTES_MAX);
export const logIndexCodec = codec('log index', logIndexSchema, RECORD_BYTES_MAX);

/** How far a log is known: `next` entries, whose chain is `chain`. */
export interface LogPosition {
  /** The next sequence number. */
  readonly next: number;
  readonly chain: Id;
}

/** Chain of an empty log: bound to its writer. */
export function chainOrigin(device: Bytes): Id {
  return sha256(concat(utf8('epost/log/v1'), device));
}

/** Chain after `entries`, given the chain before them: c' = H(c ‖ H(entry)). */
export function chainAfter(before: Id, entries: readonly Uint8Array[]): Id {
  let chain = before;
  for (const entry of entries) chain = sha256(concat(chain, sha256(entry)));
  return chain;
}

/** Nothing of the log of `device` is known. */
export function logStart(device: Bytes): LogPosition {
  return { next: 0, chain: chainOrigin(device) };
}

/** How many of the oldest `entries` make a full cluster; 0 when they do not fill one. */
export function fullClusterLength(entries: readonly Uint8Array[]): number {
  let bytes = 0;
  for (let i = 0; i < entries.length; i++) {
    bytes += entries[i]!.length;
    if (i + 1 >= CLUSTER_ENTRIES_MAX || bytes >= CLUSTER_FULL_BYTES) return i + 1;
  }
  return 0;
}
