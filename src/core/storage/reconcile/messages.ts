/** What two replicas say to each other when they compare what they hold. */
import * as v from 'valibot';
import { ID_BYTES, ID_DIGITS } from '../../codec/id.ts';
import { ROUTED_BYTES_MAX } from '../../codec/limits.ts';
import { bytesOf, codec, idSchema, listOf } from '../../codec/schema.ts';
import { FINGERPRINT_BYTES, NONCE_BYTES, type KeyTree } from './key-tree.ts';
import { BRANCHES, LEAF_ENTRIES_MAX, type Entry } from './tree-node.ts';
import type { Bytes } from '../../codec/bytes.ts';

const version = v.literal(1);
/** Ranges that one question opens: keeps the answer within ROUTED_BYTES_MAX, also if each is a list of entries. */
export const RANGES_MAX = 48;

/** Digits of a key's beginning, one to a byte. */
const prefix = v.custom<Bytes>(
  (value) =>
    value instanceof Uint8Array && value.length < ID_DIGITS && value.every((digit) => digit < BRANCHES),
  'digits',
);
const entry = v.custom<Entry>(
  (value) => value instanceof Uint8Array && (value.length === ID_BYTES || value.length === 2 * ID_BYTES),
  'a key, or a key and a state',
);

export const reconcileRequest = codec(
  'reconcile request',
  v.strictObject({
    v: version,
    nonce: bytesOf(NONCE_BYTES),
    from: idSchema,
    to: idSchema,
    prefixes: listOf(prefix, RANGES_MAX),
  }),
  ROUTED_BYTES_MAX,
);
export type ReconcileRequest = v.InferOutput<typeof reconcileRequest.schema>;

/** For each prefix the fingerprints of its 16 parts, or all its entries. */
const range = v.union([bytesOf(BRANCHES * FINGERPRINT_BYTES), listOf(entry, LEAF_ENTRIES_MAX)]);
export const reconcileReply = codec(
  'reconcile reply',
  v.strictObject({ v: version, ranges: listOf(range, RANGES_MAX) }),
  ROUTED_BYTES_MAX,
);
export type ReconcileReply = v.InferOutput<typeof reconcileReply.schema>;

/** Answers from `tree` alone: nothing is remembered of the asker. */
export function answerReconcile(
  tree: KeyTree,
  { nonce, from, to, prefixes }: ReconcileRequest,
): ReconcileReply {
  const here = tree.within({ from, to });
  return {
    v: 1,
    ranges: prefixes.map((one) => {
      const listed = here.listed(one);
      return listed === undefined ? here.fingerprints(one, nonce) : [...listed];
    }),
  };
}
