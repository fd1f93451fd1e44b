/** What the mailbox's log says: one change an entry, ordered by Lamport time and device. */
import * as v from 'valibot';
import { RECIPIENTS_MAX } from '../codec/limits.ts';
import { bytesMax, bytesOf, codec, listOf, text, timeSchema, whole } from '../codec/schema.ts';
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from '../crypto/sign.ts';
import { LOG_ENTRY_BYTES_MAX } from '../post/log-head.ts';
import { referenceSchema } from '../post/reference.ts';
import { mailHeaders, messageIdSchema, NAME_CHARS_MAX } from './headers.ts';
import { deliveryStates, folders } from './views.ts';

/** Signatures kept as the proof of one step. */
export const SIGNATURES_MAX = 6;
export const REASON_CHARS_MAX = 300;

const publicKey = bytesOf(PUBLIC_KEY_BYTES);
const address = text(320);
const folder = v.picklist(folders);

/**
 * `replicas`: receipts of kind block (key and held: `about`) or of the recipient's inbox (held: `about`). `device`: a receipt of
 * the recipient's node over the sealed notification (held: `about`). `person`: a signed notification with id `about`, of kind
 * `receipt`, from the recipient to the sender.
 */
const evidenceSchema = v.strictObject({
  by: v.picklist(['replicas', 'device', 'person', 'none']),
  /** Distinct nodes that hold it: of the block that is held least. */
  holders: whole(),
  /** Holders that the ring asked for. */
  wanted: whole(),
  signatures: listOf(
    v.strictObject({
      /** Peer key of a replica or device node; device key of a person's device. */
      signer: publicKey,
      about: bytesMax(32),
      at: timeSchema,
      signature: bytesOf(SIGNATURE_BYTES),
    }),
    SIGNATURES_MAX,
  ),
});
export type Evidence = v.InferOutput<typeof evidenceSchema>;

export const recordedStates = [...deliveryStates, 'bounced'] as const;

const changeSchema = v.variant('kind', [
  v.strictObject({
    kind: v.literal('add'),
    message: messageIdSchema,
    folder,
    unread: v.boolean(),
    /** Identity key of the sender. */
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
export type Change = v.InferOutput<typeof changeSchema>;
export type ChangeOf<K extends Change['kind']> = Extract<Change, { kind: K }>;

const entrySchema = v.strictObject({
  v: v.literal(1),
  /** Greater than that of every entry its writer had seen. Far below the largest whole number: there is always a next one. */
  lamport: whole(2 ** 48),
  change: changeSchema,
});
export type MailEntry = v.InferOutput<typeof entrySchema>;

export const mailEntryCodec = codec('mailbox entry', entrySchema, LOG_ENTRY_BYTES_MAX);

export const noEvidence: Evidence = { by: 'none', holders: 0, wanted: 0, signatures: [] };
