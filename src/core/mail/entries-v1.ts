/** Version 1 of the mailbox's entries, as logs may still hold them: read, never written. */
import * as v from 'valibot';
import { RECIPIENTS_MAX } from '../codec/limits.ts';
import { bytesOf, codec, listOf, text, timeSchema, whole } from '../codec/schema.ts';
import { PUBLIC_KEY_BYTES } from '../crypto/sign.ts';
import { LOG_ENTRY_BYTES_MAX } from '../post/log-head.ts';
import { referenceSchema } from '../post/reference.ts';
import type { Change, MailEntry } from './entries.ts';
import { evidenceSchema, REASON_CHARS_MAX, recordedStates } from './evidence-schema.ts';
import { mailHeaders, messageIdSchema, NAME_CHARS_MAX } from './headers.ts';

const publicKey = bytesOf(PUBLIC_KEY_BYTES);
const address = text(320);
const folder = v.picklist(['inbox', 'sent', 'archive', 'trash']);

const changeSchema = v.variant('kind', [
  v.strictObject({
    kind: v.literal('add'),
    message: messageIdSchema,
    folder,
    unread: v.boolean(),
    from: publicKey,
    headers: mailHeaders,
    reference: referenceSchema,
  }),
  v.strictObject({ kind: v.literal('move'), message: messageIdSchema, folder }),
  v.strictObject({ kind: v.literal('flag'), message: messageIdSchema, unread: v.boolean() }),
  v.strictObject({ kind: v.literal('remove'), message: messageIdSchema }),
  v.strictObject({
    kind: v.literal('delivery'),
    message: messageIdSchema,
    recipients: listOf(address, RECIPIENTS_MAX),
    state: v.picklist(recordedStates),
    at: timeSchema,
    reason: v.nullable(text(REASON_CHARS_MAX)),
    evidence: evidenceSchema,
  }),
  v.strictObject({
    kind: v.literal('person'),
    address,
    name: text(NAME_CHARS_MAX),
    identityKey: publicKey,
  }),
  v.strictObject({ kind: v.literal('setting'), name: v.literal('read-receipts'), value: v.boolean() }),
]);
type ChangeV1 = v.InferOutput<typeof changeSchema>;

export const entryV1Codec = codec(
  'mailbox entry',
  v.strictObject({ v: v.literal(1), lamport: whole(2 ** 48), change: changeSchema }),
  LOG_ENTRY_BYTES_MAX,
);

/** What the entry says, as version 2 says it. */
export function upgraded({ lamport, change }: v.InferOutput<typeof entryV1Codec.schema>): MailEntry {
  return { lamport, change: upgradedChange(change) };
}

function upgradedChange(change: ChangeV1): Change {
  switch (change.kind) {
    case 'move':
      return { kind: 'move', messages: [change.message], folder: change.folder };
    case 'flag':
      return { kind: 'flag', messages: [change.message], flag: 'unread', on: change.unread };
    case 'remove':
      return { kind: 'remove', messages: [change.message] };
    case 'setting':
      return { kind: 'setting', setting: { name: change.name, value: change.value } };
    default:
      return change;
  }
}
