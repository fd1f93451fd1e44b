/** A reference: where a stored message is and what opens it. Whoever has it can read the message; forwarding copies it. */
import * as v from 'valibot';
import { bytesOf, idSchema, whole } from '../codec/schema.ts';

export const referenceSchema = v.strictObject({
  v: v.literal(1),
  ring: idSchema,
  /** Key of the content block: the chunk itself, or the manifest that lists the chunks. */
  key: idSchema,
  /** True when the block under `key` is a manifest. */
  manifest: v.boolean(),
  /** 32 bytes: opens that block. */
  secret: bytesOf(32),
  /** H of that block's plaintext, checked after decryption. */
  plaintextHash: idSchema,
  /** Length of the whole message before encryption. */
  sizeBytes: whole(),
});

export type Reference = v.InferOutput<typeof referenceSchema>;
