/** Everything that nodes of the overlay say to each other: one schema per message, one codec for all. */
import * as v from 'valibot';
import { idText } from '../codec/id.ts';
import { BLOCK_BYTES_MAX, CONTACTS_MAX, MESSAGE_BYTES_MAX, ROUTED_BYTES_MAX } from '../codec/limits.ts';
import { bytesMax, bytesOf, codec, idSchema, listOf, taggedBy, text, whole } from '../codec/schema.ts';
import { wireContact } from './contact.ts';
import { LEAF_SET_SIZE } from './leaf-set.ts';

/** Bytes of a request id: random, so that nobody off the path can guess it. */
export const REQUEST_ID_BYTES = 16;
/** Nodes that a routed message may pass. */
export const HOPS_MAX = 32;
/** How long anybody may be asked to remember a request. */
export const REQUEST_TIMEOUT_MS_MAX = 120_000;
/** Body of a request or a response over a link: a block and what describes it. */
export const BODY_BYTES_MAX = BLOCK_BYTES_MAX + 8 * 1024;
/** Body of a one-way message: a multicast of 64 KiB and what describes it. */
export const TELL_BYTES_MAX = ROUTED_BYTES_MAX + 4 * 1024;
/** Contacts that may be asked for at once. */
export const ASKED_CONTACTS_MAX = 32;
/** A refusal's sentence. */
export const REASON_LENGTH_MAX = 500;
/** Failed neighbours in one announcement. */
export const GONE_MAX = 8;
const CODE_LENGTH_MAX = 64;
const SERVICE_LENGTH_MAX = 64;

const requestId = bytesOf(REQUEST_ID_BYTES);
const code = text(CODE_LENGTH_MAX);
const service = text(SERVICE_LENGTH_MAX);

/** What all routed messages have. Routed means: hop by hop towards the node closest to `target`. */
const routed = {
  id: requestId,
  target: idSchema,
  /** The nodes it passed, its origin first, the sender last. */
  hops: v.pipe(listOf(idSchema, HOPS_MAX), v.minLength(1)),
  /** How long the origin waits, counted from its start: hops forget the request after that. */
  timeoutMs: whole(REQUEST_TIMEOUT_MS_MAX),
};

/** Who is the root of `target`? */
export const lookupMessage = v.strictObject({ type: v.literal('lookup'), ...routed });

/** A request to the service of the node at `target`, or of the root of `target`. */
export const routedRequestMessage = v.strictObject({
  type: v.literal('routed-request'),
  ...routed,
  service,
  body: bytesMax(ROUTED_BYTES_MAX),
  /** `node`: only the node whose id is `target` may answer; `root`: whoever is closest. */
  at: v.picklist(['node', 'root']),
  /** Hops use their constrained routing tables (Castro et al. 2002, section 4). */
  constrained: v.boolean(),
});

/** A node that wants to join; `target` is its id (Pastry §2.4). */
export const joinMessage = v.strictObject({
  type: v.literal('join'),
  ...routed,
  /** The joining node. */
  contacts: v.pipe(v.array(wireContact), v.length(1)),
});

/** To the sender of a routed message: `taken` when this hop sees to it, else the sender must find another way. */
export const ackMessage = v.strictObject({ type: v.literal('ack'), id: requestId, taken: v.boolean() });

const outcome = taggedBy('kind', [
  /** Of a lookup: the root and its leaf set, closest to the target first. */
  v.strictObject({
    kind: v.literal('root'),
    nearest: v.pipe(
      listOf(idSchema, LEAF_SET_SIZE + 1),
      v.minLength(1),
      // One node named several times would be a whole replica set.
      v.check((nodes) => new Set(nodes.map(idText)).size === nodes.length, 'a node named twice'),
    ),
  }),
  v.strictObject({ kind: v.literal('response'), body: bytesMax(ROUTED_BYTES_MAX) }),
  /** The service said no. */
  v.strictObject({ kind: v.literal('refusal'), code, reason: text(REASON_LENGTH_MAX) }),
  /**
   * `unreachable`: the root of the id is another node; `no-route`: no way on, or too many hops; `too-large`: the
   * response must not be routed, ask over a link.
   */
  v.strictObject({
    kind: v.literal('failure'),
    code: v.picklist(['unreachable', 'no-route', 'too-large']),
  }),
]);

/** Travels back along the path of a lookup or routed request. */
export const replyMessage = v.strictObject({
  type: v.literal('reply'),
  id: requestId,
  /** Hops that the request took. */
  hopCount: whole(HOPS_MAX),
  outcome,
});

/** Travels back along the path of a join: the root and its leaf set, then rows of the nodes on the path. */
export const joinedMessage = v.strictObject({
  type: v.literal('joined'),
  id: requestId,
  hopCount: whole(HOPS_MAX),
  contacts: listOf(wireContact, CONTACTS_MAX),
});

/** The sender's linked nodes that are closest to the receiver. */
export const announceMessage = v.strictObject({
  type: v.literal('announce'),
  nodes: listOf(idSchema, LEAF_SET_SIZE),
  /** Neighbours of the sender that failed a short while ago, or that it could not reach: the receiver looks for itself. */
  gone: listOf(idSchema, GONE_MAX),
  wantsReply: v.boolean(),
});

/** Says good-bye; `nodes` as in an announcement, so that the receiver can fill the gap. */
export const leaveMessage = v.strictObject({
  type: v.literal('leave'),
  nodes: listOf(idSchema, LEAF_SET_SIZE),
});

/** Asks for contacts of nodes that the receiver has named. */
export const askContactsMessage = v.strictObject({
  type: v.literal('ask-contacts'),
  nodes: listOf(idSchema, ASKED_CONTACTS_MAX),
});

/** Asks for row `row` of the receiver's routing table. */
export const askRowMessage = v.strictObject({ type: v.literal('ask-row'), row: whole(63) });

/** Answers both. */
export const contactsMessage = v.strictObject({
  type: v.literal('contacts'),
  contacts: listOf(wireContact, ASKED_CONTACTS_MAX),
});

/** Keep-alive. */
export const probeMessage = v.strictObject({ type: v.literal('probe'), nonce: whole() });
export const probeReplyMessage = v.strictObject({ type: v.literal('probe-reply'), nonce: whole() });

/** A request over the link between two nodes. */
export const requestMessage = v.strictObject({
  type: v.literal('request'),
  id: requestId,
  service,
  body: bytesMax(BODY_BYTES_MAX),
});

/** Its answer. */
export const responseMessage = v.strictObject({
  type: v.literal('response'),
  id: requestId,
  outcome: taggedBy('kind', [
    v.strictObject({ kind: v.literal('response'), body: bytesMax(BODY_BYTES_MAX) }),
    v.strictObject({ kind: v.literal('refusal'), code, reason: text(REASON_LENGTH_MAX) }),
  ]),
});

/** A one-way message over the link between two nodes. */
export const tellMessage = v.strictObject({
  type: v.literal('tell'),
  service,
  body: bytesMax(TELL_BYTES_MAX),
});

export const overlayMessage = taggedBy('type', [
  lookupMessage,
  routedRequestMessage,
  joinMessage,
  ackMessage,
  replyMessage,
  joinedMessage,
  announceMessage,
  leaveMessage,
  askContactsMessage,
  askRowMessage,
  contactsMessage,
  probeMessage,
  probeReplyMessage,
  requestMessage,
  responseMessage,
  tellMessage,
]);

export type OverlayMessage = v.InferOutput<typeof overlayMessage>;
export type MessageOf<T extends OverlayMessage['type']> = Extract<OverlayMessage, { readonly type: T }>;
/** Messages that travel hop by hop towards the root of their target. */
export type RoutedMessage = MessageOf<'lookup' | 'routed-request' | 'join'>;
/** Messages that travel back along such a path. */
export type ReturnMessage = MessageOf<'reply' | 'joined'>;
export type ReplyOutcome = MessageOf<'reply'>['outcome'];
/** What a service answered. */
export type ServiceAnswer = MessageOf<'response'>['outcome'];

/** On the wire: `{v: 1, m: message}`. */
export const overlayCodec = codec(
  'overlay message',
  v.strictObject({ v: v.literal(1), m: overlayMessage }),
  MESSAGE_BYTES_MAX,
);
