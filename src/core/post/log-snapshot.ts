/**
 * Snapshots of a log: the entries that still say something, encrypted, in content blocks. A snapshot is a list of segments,
 * each of which stands for a run of entries; new ones are small, and four of one tier are merged into one of the next, so
 * that each entry is written again only a few times (a log-structured merge tree: O'Neil et al. 1996).
 */
import * as v from 'valibot';
import type { Bytes } from '../codec/bytes.ts';
import { BLOCK_BYTES_MAX } from '../codec/limits.ts';
import { bytesMax, bytesOf, codec, listOf, whole } from '../codec/schema.ts';
import { PUBLIC_KEY_BYTES } from '../crypto/sign.ts';
import { LOG_ENTRY_BYTES_MAX, SNAPSHOT_PARTS_MAX, type SnapshotSegment } from './log-head.ts';

/** A snapshot is due when so many clusters were sealed since the last one: what a reader fetches beside it. */
export const SNAPSHOT_EVERY_CLUSTERS = 16;
/** Segments of one tier that are merged. */
export const SEGMENTS_MERGED = 4;
/** A part is closed when its entries have this many bytes; with the last one it fits a content block. */
export const SNAPSHOT_PART_BYTES = 768 * 1024;
const PART_ENTRIES_MAX = 65_536;
/** What an entry's length takes in the encoding, at most. */
const CBOR_HEADER_BYTES = 5;

/** What is in a part before it is sealed for the person's devices. */
const partSchema = v.strictObject({
  v: v.literal(1),
  device: bytesOf(PUBLIC_KEY_BYTES),
  /** Where the segment that it belongs to ends. */
  end: whole(),
  /** Entries as they were before they were sealed, in the order of the log. */
  entries: listOf(bytesMax(LOG_ENTRY_BYTES_MAX), PART_ENTRIES_MAX),
});
export type SnapshotPart = v.InferOutput<typeof partSchema>;
export const snapshotPartCodec = codec('snapshot part', partSchema, BLOCK_BYTES_MAX);

/** Of opened entries, in the order of a log, those without which the state would be another one. */
export type Compact = (entries: readonly Bytes[]) => readonly Bytes[];

/** How many of the newest segments are to be merged with a new one of tier 0, and the tier of what comes out. */
export function mergePlan(segments: readonly SnapshotSegment[]): {
  readonly merged: number;
  readonly tier: number;
} {
  let merged = 0;
  let tier = 0;
  while (
    segments.slice(0, segments.length - merged).filter((segment) => segment.tier === tier).length >=
    SEGMENTS_MERGED - 1
  ) {
    merged += SEGMENTS_MERGED - 1;
    tier += 1;
  }
  return { merged, tier };
}

/** Entries by part: at least one part, none too large for a block. */
export function intoParts(entries: readonly Bytes[]): Bytes[][] {
  const parts: Bytes[][] = [[]];
  let bytes = 0;
  for (const entry of entries) {
    const last = parts.at(-1)!;
    if (bytes >= SNAPSHOT_PART_BYTES || last.length >= PART_ENTRIES_MAX) {
      parts.push([entry]);
      bytes = 0;
    } else last.push(entry);
    bytes += entry.length + CBOR_HEADER_BYTES;
  }
  return parts;
}

/** Whether a head has room for these segments. */
export function fitsHead(segments: readonly SnapshotSegment[]): boolean {
  return segments.reduce((sum, { parts }) => sum + parts.length, 0) <= SNAPSHOT_PARTS_MAX;
}
