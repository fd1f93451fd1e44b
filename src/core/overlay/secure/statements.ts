/** What nodes say of who lives nearest to a key: the formats of question and answer, and the checks of signatures. */
import * as v from 'valibot';
import type { Bytes } from '../../codec/bytes.ts';
import { idText, type Key, type NodeId } from '../../codec/id.ts';
import { ROUTED_BYTES_MAX } from '../../codec/limits.ts';
import { ok, refuse, type Result } from '../../codec/result.ts';
import { bytesOf, codec, idSchema, listOf, whole } from '../../codec/schema.ts';
import { SIGNATURE_BYTES, verifyEd25519 } from '../../crypto/sign.ts';
import {
  STATEMENT_NODES_MAX,
  STATEMENT_NONCE_BYTES,
  type NearestBody,
} from '../../identity/signing-purposes.ts';
import type { ContactChecker } from '../contact-checker.ts';
import { VIA_MAX, wireContact, type Contact, type Introduction } from '../contact.ts';
import { LEAF_SET_SIZE } from '../leaf-set.ts';

export const NEAREST_SERVICE = 'overlay.nearest';
/** Certificates that an asker says it has, by the leading bytes of their node ids. */
export const HELD_MAX = 32;
export const HELD_BYTES = 8;

export const nearestRequest = codec(
  'nearest request',
  v.strictObject({
    v: v.literal(1),
    key: idSchema,
    nonce: bytesOf(STATEMENT_NONCE_BYTES),
    /** Nodes that the one asked should name. */
    count: whole(STATEMENT_NODES_MAX),
    /** Members of its leaf set whose statements are wanted beside its own; null: of all whom it names. */
    wanted: v.nullable(listOf(idSchema, LEAF_SET_SIZE)),
    held: listOf(bytesOf(HELD_BYTES), HELD_MAX),
  }),
  2 * 1024,
);
export type NearestRequest = v.InferOutput<typeof nearestRequest.schema>;

/** The body that is signed has the key and the nonce of the question, and the peer key of the node. */
const signedStatement = v.strictObject({
  node: idSchema,
  nearest: listOf(idSchema, STATEMENT_NODES_MAX),
  signature: bytesOf(SIGNATURE_BYTES),
  /** Null: the asker has it. */
  contact: v.nullable(wireContact),
});
export type SignedStatement = v.InferOutput<typeof signedStatement>;

/** The node's own statement first. */
export const nearestAnswer = codec(
  'nearest answer',
  v.strictObject({
    v: v.literal(1),
    statements: v.pipe(listOf(signedStatement, LEAF_SET_SIZE + 1), v.minLength(1)),
  }),
  ROUTED_BYTES_MAX,
);

/** A statement whose certificate and signature are good. */
export interface CheckedStatement {
  readonly contact: Contact;
  /** Those whom it names are linked with it. */
  readonly introduction: Introduction;
  readonly nearest: readonly NodeId[];
}

export interface StatementChecks {
  readonly checker: ContactChecker;
  /** The contact of a node whose certificate was checked before. */
  readonly known: (nodeId: NodeId) => Contact | undefined;
}

/** The body that a node signs. */
export function statementBody(
  { key, nonce }: { readonly key: Key; readonly nonce: Bytes },
  by: Bytes,
  nearest: readonly NodeId[],
): NearestBody {
  return { v: 1, key, nonce, by, nearest: [...nearest] };
}

/** Refusals: `unknown-node`, `wrong-node`, `named-twice`, `bad-signature`. */
export async function checkStatement(
  { node, nearest, signature, contact: wire }: SignedStatement,
  question: { readonly key: Key; readonly nonce: Bytes },
  { checker, known }: StatementChecks,
): Promise<Result<CheckedStatement>> {
  const contact = wire === null ? known(node) : (await checker.check([wire]))[0]?.contact;
  if (contact === undefined) return refuse('unknown-node', 'a statement without a good certificate');
  if (idText(contact.nodeId) !== idText(node))
    return refuse('wrong-node', 'a statement with the certificate of another node');
  if (new Set([node, ...nearest].map(idText)).size !== nearest.length + 1)
    return refuse('named-twice', 'a statement that names a node twice, or its own');
  const body = statementBody(question, contact.peerKey, nearest);
  if (!(await verifyEd25519(contact.peerKey, 'nearest', body, signature)))
    return refuse('bad-signature', 'a statement that its node did not sign for this question');
  return ok({ contact, introduction: { contact, via: nearest.slice(0, VIA_MAX) }, nearest });
}
