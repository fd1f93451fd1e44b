/** The stored message: headers, bodies, and references to the parts; one object in the message store. */
import * as v from 'valibot';
import { fromUtf8, utf8, type Bytes } from '../codec/bytes.ts';
import { ATTACHMENT_BYTES_MAX } from '../codec/limits.ts';
import { codec, listOf, text, whole } from '../codec/schema.ts';
import type { BlockInfo, MessageStore } from '../post/message-store.ts';
import { PostError } from '../post/post-error.ts';
import { referenceSchema, type Reference } from '../post/reference.ts';
import { bytesSource } from '../post/source.ts';
import { ATTACHMENTS_MAX, FILE_NAME_CHARS_MAX, FILE_TYPE_CHARS_MAX, mailHeaders } from './headers.ts';

/** A body up to this many UTF-8 bytes lies in the message itself, a longer one beside it. */
export const BODY_INLINE_BYTES_MAX = 64 * 1024;
/** UTF-8 bytes of a text that a person writes. */
export const BODY_BYTES_MAX = 4 * 1024 * 1024;
const MESSAGE_OBJECT_BYTES_MAX = 512 * 1024;

const bodySchema = v.union([
  v.strictObject({ inline: text(BODY_INLINE_BYTES_MAX) }),
  v.strictObject({ reference: referenceSchema }),
]);
export type StoredBody = v.InferOutput<typeof bodySchema>;

const partSchema = v.strictObject({
  name: text(FILE_NAME_CHARS_MAX),
  type: text(FILE_TYPE_CHARS_MAX),
  sizeBytes: whole(ATTACHMENT_BYTES_MAX),
  reference: referenceSchema,
});
export type Part = v.InferOutput<typeof partSchema>;

const messageSchema = v.strictObject({
  v: v.literal(1),
  headers: mailHeaders,
  text: bodySchema,
  html: v.nullable(bodySchema),
  parts: listOf(partSchema, ATTACHMENTS_MAX),
});
export type StoredMessage = v.InferOutput<typeof messageSchema>;

export const messageCodec = codec('message', messageSchema, MESSAGE_OBJECT_BYTES_MAX);

/** A body for a message, on this disk when resolved, with the blocks it took. */
export async function keepBody(
  store: MessageStore,
  body: string,
): Promise<{ body: StoredBody; blocks: readonly BlockInfo[] }> {
  const bytes = utf8(body);
  if (bytes.length <= BODY_INLINE_BYTES_MAX) return { body: { inline: body }, blocks: [] };
  const { reference, blocks } = await store.keep(bytesSource(bytes), 'random');
  return { body: { reference }, blocks };
}

/** Rejects with StorageError, or PostError `damaged`. */
export async function readBody(store: MessageStore, body: StoredBody, keep: boolean): Promise<string> {
  if ('inline' in body) return body.inline;
  if (body.reference.sizeBytes > 2 * BODY_BYTES_MAX)
    throw new PostError('too-large', 'a body over the limit');
  return decodeText(await store.readAll(body.reference, { keep }));
}

/** Rejects with StorageError, or PostError `damaged`. */
export async function readMessage(
  store: MessageStore,
  reference: Reference,
  keep: boolean,
): Promise<StoredMessage> {
  if (reference.sizeBytes > MESSAGE_OBJECT_BYTES_MAX)
    throw new PostError('too-large', 'a message over the limit');
  const decoded = messageCodec.decode(await store.readAll(reference, { keep }));
  if (!decoded.ok) throw new PostError('damaged', decoded.reason);
  return decoded.value;
}

function decodeText(bytes: Bytes): string {
  try {
    return fromUtf8(bytes);
  } catch (error) {
    if (error instanceof TypeError) throw new PostError('damaged', 'a body that is not UTF-8');
    throw error;
  }
}
