/** The proof of a step of a delivery, as the log keeps it. */
import * as v from 'valibot';
import { bytesMax, bytesOf, listOf, timeSchema, whole } from '../codec/schema.ts';
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from '../crypto/sign.ts';
import { deliveryStates } from './views.ts';

/** Signatures kept as the proof of one step. */
export const SIGNATURES_MAX = 6;
export const REASON_CHARS_MAX = 300;

export const recordedStates = [...deliveryStates, 'bounced'] as const;

/**
 * `replicas`: receipts of kind block (key and held: `about`) or of the recipient's inbox (held: `about`). `device`: a receipt of
 * the recipient's node over the sealed notification (held: `about`). `person`: a signed notification with id `about`, of kind
 * `receipt`, from the recipient to the sender.
 */
export const evidenceSchema = v.strictObject({
  by: v.picklist(['replicas', 'device', 'person', 'none']),
  /** Distinct nodes that hold it: of the block that is held least. */
  holders: whole(),
  /** Holders that the ring asked for. */
  wanted: whole(),
  signatures: listOf(
    v.strictObject({
      /** Peer key of a replica or device node; device key of a person's device. */
      signer: bytesOf(PUBLIC_KEY_BYTES),
      about: bytesMax(32),
      at: timeSchema,
      signature: bytesOf(SIGNATURE_BYTES),
    }),
    SIGNATURES_MAX,
  ),
});
export type Evidence = v.InferOutput<typeof evidenceSchema>;

export const noEvidence: Evidence = { by: 'none', holders: 0, wanted: 0, signatures: [] };
