/**
 * Formats of a device's log: the head (a record that carries the newest cluster inline) and the sealed clusters behind it,
 * chained by hash. POST paper §3.4, with clusters of up to 32 entries as one content block.
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

const publicKey = bytesOf(PUBLIC_KEY_BYTES);
const entrySchema = bytesMax(LOG_ENTRY_BYTES_MAX);

/** How far a log was read: `next` entries, whose chain is `chain`. */
export const seenHeadSchema = v.strictObject({ device: publicKey, next: whole(), chain: idSchema });
export type SeenHead = v.InferOutput<typeof seenHeadSchema>;

const clusterEntries = {
  /** Sequence number of entries[0]. */
  first: whole(),
  /** Chain over all entries before `first`. */
  before: idSchema,
  /** Sealed for the person's own devices, oldest first. */
  entries: listOf(entrySchema, CLUSTER_ENTRIES_MAX),
  /** Key of the cluster before this one; null when `first` is 0. */
  previous: v.nullable(idSchema),
};

const logHeadSchema = v.strictObject({
  v: v.literal(1),
  ...clusterEntries,
  /** Heads of the person's other devices, as this device has seen them. */
  seen: listOf(seenHeadSchema, DEVICES_MAX),
});
export type LogHead = v.InferOutput<typeof logHeadSchema>;

const logClusterSchema = v.strictObject({ v: v.literal(1), device: publicKey, ...clusterEntries });
export type LogCluster = v.InferOutput<typeof logClusterSchema>;

export const logHeadCodec = codec('log head', logHeadSchema, RECORD_BYTES_MAX);
export const logClusterCodec = codec('log cluster', logClusterSchema, RECORD_BYTES_MAX);

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

/** How many of the oldest `entries` make a full cluster; 0 when they do not fill one. */
export function fullClusterLength(entries: readonly Uint8Array[]): number {
  let bytes = 0;
  for (let i = 0; i < entries.length; i++) {
    bytes += entries[i]!.length;
    if (i + 1 >= CLUSTER_ENTRIES_MAX || bytes >= CLUSTER_FULL_BYTES) return i + 1;
  }
  return 0;
}
