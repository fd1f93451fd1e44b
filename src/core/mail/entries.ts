/**
 * What the mailbox's log says: one change an entry, ordered by Lamport time and device. A change of messages may name many of
 * them: what a person does to a selection is one entry.
 */
import * as v from 'valibot';
import { toHex, type Bytes } from '../codec/bytes.ts';
import { RECIPIENTS_MAX } from '../codec/limits.ts';
import { ok } from '../codec/result.ts';
import { bytesOf, codec, listOf, text, timeSchema, whole, type Codec } from '../codec/schema.ts';
import { PUBLIC_KEY_BYTES } from '../crypto/sign.ts';
import { LOG_ENTRY_BYTES_MAX } from '../post/log-head.ts';
import { referenceSchema } from '../post/reference.ts';
import { entryV1Codec, upgraded } from './entries-v1.ts';
import { evidenceSchema, REASON_CHARS_MAX, recordedStates } from './evidence-schema.ts';
import { folderSchema, labelIdSchema, LABEL_NAME_CHARS_MAX, ownFolderSchema } from './folders.ts';
import { mailHeaders, messageIdSchema, NAME_CHARS_MAX } from './headers.ts';
import { ruleSchema, RULE_ID_BYTES } from './rules.ts';
import { settingSchema } from './settings.ts';

/** Messages that one change may name. */
export const MESSAGES_MAX = 512;

const publicKey = bytesOf(PUBLIC_KEY_BYTES);
const address = text(320);
const messages = listOf(messageIdSchema, MESSAGES_MAX);

/** How a person stands to somebody who writes to them. */
export const standings = ['accepted', 'muted', 'blocked'] as const;
export type Standing = (typeof standings)[number];

/** What a flag says of a message. */
export const flags = ['unread', 'starred'] as const;
export type Flag = (typeof flags)[number];

/** Changes of messages. */
const messageChanges = [
  v.strictObject({
    kind: v.literal('add'),
    message: messageIdSchema,
    folder: folderSchema,
    unread: v.boolean(),
    /** Identity key of the sender. */
    from: publicKey,
    headers: mailHeaders,
    reference: referenceSchema,
  }),
  v.strictObject({ kind: v.literal('move'), messages, folder: folderSchema }),
  v.strictObject({ kind: v.literal('flag'), messages, flag: v.picklist(flags), on: v.boolean() }),
  v.strictObject({ kind: v.literal('label'), messages, label: labelIdSchema, on: v.boolean() }),
  v.strictObject({ kind: v.literal('remove'), messages }),
  v.strictObject({
    kind: v.literal('delivery'),
    message: messageIdSchema,
    recipients: listOf(address, RECIPIENTS_MAX),
    state: v.picklist(recordedStates),
    at: timeSchema,
    reason: v.nullable(text(REASON_CHARS_MAX)),
    evidence: evidenceSchema,
  }),
] as const;

/** Changes of everything else: the newest one about the same thing (`registerOf`) counts. */
const registerChanges = [
  v.strictObject({
    kind: v.literal('person'),
    address,
    name: text(NAME_CHARS_MAX),
    identityKey: publicKey,
  }),
  /** `null`: as if nothing had been said. */
  v.strictObject({ kind: v.literal('standing'), address, standing: v.nullable(v.picklist(standings)) }),
  /** The person compared this key with its owner; `null`: takes that back. */
  v.strictObject({
    kind: v.literal('verified'),
    address,
    identityKey: v.nullable(publicKey),
    at: timeSchema,
  }),
  /** A folder of the person's own; without a name it is no more, and what lies in it is in the archive. */
  v.strictObject({
    kind: v.literal('folder'),
    folder: ownFolderSchema,
    name: v.nullable(text(LABEL_NAME_CHARS_MAX)),
  }),
  /** Name and hue (degrees) of a label; without a name it is no more. */
  v.strictObject({
    kind: v.literal('label-name'),
    label: labelIdSchema,
    name: v.nullable(text(LABEL_NAME_CHARS_MAX)),
    hue: whole(359),
  }),
  v.strictObject({ kind: v.literal('rule'), id: bytesOf(RULE_ID_BYTES), rule: v.nullable(ruleSchema) }),
  v.strictObject({ kind: v.literal('setting'), setting: settingSchema }),
] as const;

const changeSchema = v.variant('kind', [...messageChanges, ...registerChanges]);
export type Change = v.InferOutput<typeof changeSchema>;
export type ChangeOf<K extends Change['kind']> = Extract<Change, { kind: K }>;
export type RegisterChange = v.InferOutput<(typeof registerChanges)[number]>;
export type MessageChange = Exclude<Change, RegisterChange>;

export interface MailEntry {
  /** Greater than that of every entry its writer had seen. Far below the largest whole number: there is always a next one. */
  readonly lamport: number;
  readonly change: Change;
}

const entryV2Codec = codec(
  'mailbox entry',
  v.strictObject({ v: v.literal(2), lamport: whole(2 ** 48), change: changeSchema }),
  LOG_ENTRY_BYTES_MAX,
);

/** Writes version 2; reads versions 1 and 2. */
export const mailEntryCodec: Pick<Codec<MailEntry>, 'name' | 'encode' | 'decode'> = {
  name: entryV2Codec.name,
  encode: ({ lamport, change }) => entryV2Codec.encode({ v: 2, lamport, change }),
  decode(bytes) {
    const entry = entryV2Codec.decode(bytes);
    if (entry.ok) return ok({ lamport: entry.value.lamport, change: entry.value.change });
    if (entry.code !== 'unknown-version') return entry;
    const former = entryV1Codec.decode(bytes);
    return former.ok ? ok(upgraded(former.value)) : former.code === 'unknown-version' ? entry : former;
  },
};

/** Hexadecimal or plain name of the thing that a register's change is about; unique within its kind. */
export function registerOf(change: RegisterChange): string {
  switch (change.kind) {
    case 'person':
    case 'standing':
    case 'verified':
      return change.address;
    case 'folder':
      return change.folder;
    case 'label-name':
      return change.label;
    case 'rule':
      return toHex(change.id);
    case 'setting':
      return change.setting.name;
  }
}

/** Ids of the messages that a change concerns; none for a register's. */
export function messagesOf(change: Change): readonly Bytes[] {
  if ('messages' in change) return change.messages;
  return 'message' in change ? [change.message] : [];
}

export function isMessageChange(change: Change): change is MessageChange {
  return 'messages' in change || 'message' in change;
}
