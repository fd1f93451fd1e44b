/** What neighbours in a tree say to each other: one schema per message, one codec for all. */
import * as v from 'valibot';
import type { Bytes } from '../codec/bytes.ts';
import type { NodeId } from '../codec/id.ts';
import { MULTICAST_BYTES_MAX } from '../codec/limits.ts';
import { ok, type Result } from '../codec/result.ts';
import { bytesMax, bytesOf, codec, idSchema, listOf, taggedBy, timeSchema, whole } from '../codec/schema.ts';
import { SIGNATURE_BYTES } from '../crypto/sign.ts';
import { TELL_BYTES_MAX } from '../overlay/messages.ts';
import { CHANNEL_MAX, CHANNELS_MAX, DEPTH_MAX, OTHERS_MAX } from './limits.ts';
import { shortCertificate, type ShortCertificate } from './short-certificate.ts';

/** The service under which they are told; its name is in every copy of a multicast. */
export const MULTICAST_SERVICE = 'scribe';

/** A child's own number of a group, chosen when it joins: 2 to 5 bytes instead of 34 in each copy of a multicast. */
const channel = whole(CHANNEL_MAX);
const channels = v.pipe(listOf(channel, CHANNELS_MAX), v.minLength(1));
const path = listOf(idSchema, DEPTH_MAX);

/** Child to parent: be my parent in this group's tree. */
export const joinMessage = v.strictObject({ type: v.literal('join'), group: idSchema, channel });

/** Parent to child: I am. `path`: the nodes from the root to the parent, both included. Again whenever the path changes. */
export const acceptedMessage = v.strictObject({ type: v.literal('accepted'), channel, path });

/** Parent to child: I have too many children, go to one of these; `delayMs`: from the parent to it. */
export const elsewhereMessage = v.strictObject({
  type: v.literal('elsewhere'),
  channel,
  others: listOf(v.strictObject({ node: idSchema, delayMs: whole(CHANNEL_MAX) }), OTHERS_MAX),
});

/** Child to parent, after `elsewhere`: I have no link to any of them. */
export const stayMessage = v.strictObject({ type: v.literal('stay'), channel });

/** Child to parent: I am your child no longer. */
export const leaveMessage = v.strictObject({ type: v.literal('leave'), channels });

/** Parent to child: I am your parent no longer. */
export const goneMessage = v.strictObject({ type: v.literal('gone'), channels });

/** Parent to child: I am still there, though there was nothing to forward. */
export const aliveMessage = v.strictObject({ type: v.literal('alive'), channels });

/** Child to parent: I still want to be your child. */
export const renewMessage = v.strictObject({ type: v.literal('renew'), channels });

const control = taggedBy('type', [
  joinMessage,
  acceptedMessage,
  elsewhereMessage,
  stayMessage,
  leaveMessage,
  goneMessage,
  aliveMessage,
  renewMessage,
]);

/** A multicast on its way down, as a list without names: channel, node id of the sender, epoch, seq, payload, signature. */
const data = [
  channel,
  idSchema,
  timeSchema,
  whole(),
  bytesMax(MULTICAST_BYTES_MAX),
  bytesOf(SIGNATURE_BYTES),
] as const;
const wireData = v.strictTuple(data);
/** The same with its sender's certificate. */
const wireFirstData = v.strictTuple([...data, shortCertificate]);

/** Parent to child: a multicast. What is signed (MulticastBody) follows from it, the group and the sender's certificate. */
export interface DataMessage {
  readonly type: 'data';
  readonly channel: number;
  readonly sender: NodeId;
  readonly epoch: number;
  readonly seq: number;
  readonly payload: Bytes;
  readonly signature: Bytes;
  /** Of a sender that the parent had not heard here before: so its children may not know it either. */
  readonly certificate?: ShortCertificate | undefined;
}

type Control = v.InferOutput<typeof control>;
export type MulticastMessage = Control | DataMessage;
export type MessageOf<T extends MulticastMessage['type']> = Extract<MulticastMessage, { readonly type: T }>;

/** A list is a multicast; looked at first, so that nothing is tried in vain. */
const either = v.lazy((value): typeof wireData | typeof wireFirstData | typeof control => {
  if (!Array.isArray(value)) return control;
  return value.length > data.length ? wireFirstData : wireData;
});

/** On the wire: `{v: 1, m: message}`. */
const wire = codec('multicast message', v.strictObject({ v: v.literal(1), m: either }), TELL_BYTES_MAX);

export function encodeMessage(message: MulticastMessage): Bytes {
  if (message.type !== 'data') return wire.encode({ v: 1, m: message });
  const { channel: number, sender, epoch, seq, payload, signature, certificate } = message;
  const said = [number, sender, epoch, seq, payload, signature] as const;
  return wire.encode({ v: 1, m: certificate ? [...said, certificate] : [...said] });
}

/** Refusals: `too-large`, `malformed`, `unknown-version`, `bad-schema`. Never throws. */
export function decodeMessage(bytes: Uint8Array): Result<MulticastMessage> {
  const decoded = wire.decode(bytes);
  if (!decoded.ok) return decoded;
  const { m } = decoded.value;
  if (!Array.isArray(m)) return ok(m);
  const [number, sender, epoch, seq, payload, signature, certificate] = m;
  return ok({ type: 'data', channel: number, sender, epoch, seq, payload, signature, certificate });
}
