/** What two nodes say before anything else: who they are, and why not. */
import * as v from 'valibot';
import { codec, idSchema, listOf, text, timeSchema } from '../../codec/schema.ts';
import { signedNodeCertificate } from '../../identity/certificates.ts';
import { FRAGMENT_BYTES_MAX, LINK_VERSION } from './limits.ts';

const version = v.literal(LINK_VERSION);

/** The first frame of both sides. The transport has proved the peer key; the certificate has to fit it. */
export const helloCodec = codec(
  'hello',
  v.strictObject({
    v: version,
    ring: idSchema,
    certificate: signedNodeCertificate,
    /** As in Contact. */
    addresses: listOf(text(256), 8),
    /** The sender's clock. */
    at: timeSchema,
  }),
  FRAGMENT_BYTES_MAX,
);
export type Hello = v.InferOutput<typeof helloCodec.schema>;

/** Why a link is not made or not kept: the code of a Refusal and its sentence. */
export const refusalCodec = codec(
  'refusal',
  v.strictObject({ v: version, code: text(64), reason: text(300) }),
  1024,
);

/** Why a link that was up is closed. */
export const closeCodec = codec('close', v.strictObject({ v: version, reason: text(64) }), 256);
