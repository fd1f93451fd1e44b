/** The headers of a message: what the notification carries and the mailbox shows before the body is fetched. */
import * as v from 'valibot';
import { concat, utf8, type Bytes } from '../codec/bytes.ts';
import { ATTACHMENT_BYTES_MAX, RECIPIENTS_MAX } from '../codec/limits.ts';
import { bytesOf, codec, listOf, text, timeSchema, whole } from '../codec/schema.ts';
import { sha256 } from '../crypto/hash.ts';
import { CONTENT_BYTES_MAX } from '../post/notification.ts';
import { referenceSchema } from '../post/reference.ts';

export const MESSAGE_ID_BYTES = 16;
export const NAME_CHARS_MAX = 100;
/** RFC 5322, 2.1.1: a line has at most 998 characters. */
export const SUBJECT_CHARS_MAX = 998;
export const PREVIEW_CHARS_MAX = 140;
export const ATTACHMENTS_MAX = 100;
export const FILE_NAME_CHARS_MAX = 255;
export const FILE_TYPE_CHARS_MAX = 127;
/** Encoded headers: they travel in one notification and lie in one log entry. */
export const HEADERS_BYTES_MAX = 24 * 1024;

const correspondent = v.strictObject({ name: text(NAME_CHARS_MAX), address: text(320) });
export type Correspondent = v.InferOutput<typeof correspondent>;

export const messageIdSchema = bytesOf(MESSAGE_ID_BYTES);

export const mailHeaders = v.strictObject({
  /** Random; with the sender's key it makes the message's id. */
  nonce: bytesOf(16),
  from: correspondent,
  to: listOf(correspondent, RECIPIENTS_MAX),
  cc: listOf(correspondent, RECIPIENTS_MAX),
  subject: text(SUBJECT_CHARS_MAX),
  preview: text(PREVIEW_CHARS_MAX),
  at: timeSchema,
  inReplyTo: v.nullable(messageIdSchema),
  attachments: listOf(
    v.strictObject({
      name: text(FILE_NAME_CHARS_MAX),
      type: text(FILE_TYPE_CHARS_MAX),
      sizeBytes: whole(ATTACHMENT_BYTES_MAX),
    }),
    ATTACHMENTS_MAX,
  ),
});
export type MailHeaders = v.InferOutput<typeof mailHeaders>;

/** Content of a notification of kind `mail`. */
export const mailNoticeCodec = codec(
  'mail notification',
  v.strictObject({ v: v.literal(1), headers: mailHeaders, reference: referenceSchema }),
  CONTENT_BYTES_MAX,
);

/** Content of a notification of kind `receipt`. */
export const mailReceiptCodec = codec(
  'mail receipt',
  v.strictObject({ v: v.literal(1), message: messageIdSchema, state: v.picklist(['received', 'read']) }),
  256,
);
export type MailReceipt = v.InferOutput<typeof mailReceiptCodec.schema>;

/** Bound to the sender's identity key, so that nobody can take the id of somebody else's message. */
export function messageIdOf(sender: Bytes, nonce: Bytes): Bytes {
  return sha256(concat(utf8('epost/message'), sender, nonce)).slice(0, MESSAGE_ID_BYTES);
}

/** The id of the received copy in the mailbox of a person who wrote to herself. */
export function ownCopyIdOf(messageId: Bytes): Bytes {
  return sha256(concat(utf8('epost/own-copy'), messageId)).slice(0, MESSAGE_ID_BYTES);
}

/** Distinct addresses of `to` and `cc`, in their order. */
export function recipientsOf(headers: Pick<MailHeaders, 'to' | 'cc'>): readonly Correspondent[] {
  const byAddress = new Map<string, Correspondent>();
  for (const person of [...headers.to, ...headers.cc])
    if (!byAddress.has(person.address)) byAddress.set(person.address, person);
  return [...byAddress.values()];
}

/** First words of a text, on one line. */
export function previewOf(text: string): string {
  const line = text
    .slice(0, 4 * PREVIEW_CHARS_MAX)
    .replace(/\s+/g, ' ')
    .trim();
  return clip(line, PREVIEW_CHARS_MAX);
}

/** At most `max` UTF-16 units, no pair cut in two. */
export function clip(text: string, max: number): string {
  const cut = text.slice(0, max);
  return /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut;
}
