/**
 * How storage lies on the disk port: for each thing an index entry (what repair and statistics read) and its data.
 *
 *     h kind key sub   index entry         d kind key sub   data
 *     l key account    a member's lease    t inbox hash     tombstone of a cleared inbox entry: its `at`
 *     r key            a release of this node's own that the replicas have still to hear of
 *     m                what others were found to hold (mirror-memory.ts)
 *     p key            who holds a block that this node had no room for
 *     c key            our own user claims a block that need not be here
 *     u key            a lease of our own user's that is to be told anew soon
 *
 * `sub` is empty but in inboxes: there it is hash ‖ sender of an entry, or hash ‖ date of a clear.
 */
import * as v from 'valibot';
import { assert } from '../codec/assert.ts';
import { concat, type Bytes } from '../codec/bytes.ts';
import { ID_BYTES, idText, type Id, type Key } from '../codec/id.ts';
import { codec, idSchema, whole } from '../codec/schema.ts';
import type { HeldKind } from './wire.ts';

/** A thing's place on this disk. */
export interface Place {
  readonly kind: HeldKind;
  readonly key: Key;
  readonly sub: Bytes;
}

export const heldIndex = codec(
  'index entry',
  v.strictObject({
    v: v.literal(1),
    sizeBytes: whole(),
    /** As in verify.ts, `Held`. */
    version: whole(),
    /** SHA-256 of the block or body: what receipts speak of. */
    held: idSchema,
    /** SHA-256 of the data on disk. */
    check: idSchema,
    /** Kept by this node's own user. */
    pinned: v.boolean(),
    /** False while the own user's block has not been replicated: then it is the sender's business, not repair's. */
    inserted: v.boolean(),
    /** The data on disk no longer fits `check`: a copy to be replaced, which counts as missing. */
    damaged: v.boolean(),
  }),
  1024,
);
export type HeldIndex = v.InferOutput<typeof heldIndex.schema>;

const NOTHING: Bytes = new Uint8Array(0);
const INDEX = 0x68;
const DATA = 0x64;
const LEASE = 0x6c;
const TOMBSTONE = 0x74;
const RELEASE = 0x72;
const MIRRORS = 0x6d;
const CLAIM = 0x63;
const POINTER = 0x70;
const URGENT = 0x75;
/** In the order in which repair walks: small and urgent things first. */
const KIND_BYTES: Readonly<Record<HeldKind, number>> = {
  certificate: 1,
  record: 2,
  clear: 3,
  inbox: 4,
  block: 5,
};
const KINDS = new Map(Object.entries(KIND_BYTES).map(([kind, byte]) => [byte, kind as HeldKind]));

export function placeOf(kind: HeldKind, key: Key, sub: Bytes = NOTHING): Place {
  return { kind, key, sub };
}

export function placeText({ kind, key }: Place): string {
  return `${kind}/${idText(key)}`;
}

export function indexKey({ kind, key, sub }: Place): Bytes {
  return concat(Uint8Array.of(INDEX, KIND_BYTES[kind]), key, sub);
}

export function dataKey({ kind, key, sub }: Place): Bytes {
  return concat(Uint8Array.of(DATA, KIND_BYTES[kind]), key, sub);
}

/** Prefix of all index entries, of one kind, of one key. */
export function indexPrefix(kind?: HeldKind, key?: Key): Bytes {
  if (kind === undefined) return Uint8Array.of(INDEX);
  return concat(Uint8Array.of(INDEX, KIND_BYTES[kind]), key ?? NOTHING);
}

/** The place that an index key names. */
export function placeOfIndexKey(bytes: Bytes): Place {
  const kind = KINDS.get(bytes[1]!);
  assert(bytes[0] === INDEX && kind !== undefined && bytes.length >= 2 + ID_BYTES, 'an index key');
  return { kind, key: bytes.slice(2, 2 + ID_BYTES), sub: bytes.slice(2 + ID_BYTES) };
}

export function leasePrefix(key: Key): Bytes {
  return concat(Uint8Array.of(LEASE), key);
}

/** `account`: who is charged, SHA-256 of the member's address. */
export function leaseKey(key: Key, account: Id): Bytes {
  return concat(leasePrefix(key), account);
}

/** Without a key: the prefix of all releases that are under way. */
export function releaseKey(key?: Key): Bytes {
  return concat(Uint8Array.of(RELEASE), key ?? NOTHING);
}

export function mirrorsKey(): Bytes {
  return Uint8Array.of(MIRRORS);
}

/** Without a key: the prefix of all claims. */
export function claimKey(key?: Key): Bytes {
  return concat(Uint8Array.of(CLAIM), key ?? NOTHING);
}

/** Without a key: the prefix of all leases that are to be told anew. */
export function urgentKey(key?: Key): Bytes {
  return concat(Uint8Array.of(URGENT), key ?? NOTHING);
}

/** Without a key: the prefix of all pointers. */
export function pointerKey(key?: Key): Bytes {
  return concat(Uint8Array.of(POINTER), key ?? NOTHING);
}

/** The block that a claim, a lease to be told anew, or a pointer is about. */
export function keyOfClaim(bytes: Bytes): Key {
  assert(bytes.length === 1 + ID_BYTES, 'a key of a claim or pointer');
  return bytes.slice(1);
}

/** Without an entry: the prefix of all tombstones of an inbox. Without an inbox: of all. */
export function tombstoneKey(inbox?: Key, entry?: Id): Bytes {
  return concat(Uint8Array.of(TOMBSTONE), inbox ?? NOTHING, entry ?? NOTHING);
}

/** 8 bytes, most significant first. */
export function timeBytes(at: number): Bytes {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, BigInt(at));
  return out;
}

export function timeFromBytes(bytes: Bytes): number {
  return Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0));
}
