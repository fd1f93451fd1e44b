/** The service by which a node names the contacts of nodes it is linked with: what a look-up answers are ids only. */
import * as v from 'valibot';
import { codec, idSchema, listOf } from '../codec/schema.ts';
import { ROUTED_BYTES_MAX } from '../codec/limits.ts';
import { wireContact } from './contact.ts';
import { ASKED_CONTACTS_MAX } from './messages.ts';

export const INTRODUCTIONS_SERVICE = 'overlay.contacts';

export const introductionRequest = codec(
  'contacts request',
  v.strictObject({ v: v.literal(1), nodes: listOf(idSchema, ASKED_CONTACTS_MAX) }),
  2 * 1024,
);

/** Nodes that are not known are left out. */
export const introductionReply = codec(
  'contacts reply',
  v.strictObject({ v: v.literal(1), contacts: listOf(wireContact, ASKED_CONTACTS_MAX) }),
  ROUTED_BYTES_MAX,
);
