/**
 * A trace of the overlay simulator: JSON lines, first a header, then events in the order of time. Anybody may have written
 * one, so that everything in it has a bound, and only what fits these schemas is played.
 *
 *     {"v":1,"seed":7,"nodes":["03f2a91c5d7e4", …],"roles":"rtt…","endMs":240000}
 *     {"t":0,"e":"up","n":0}
 *     {"t":31,"e":"send","a":0,"b":4,"k":"lookup","d":38,"id":12}
 */
import * as v from 'valibot';

export const TRACE_VERSION = 1;
/** Bytes of a whole trace. */
export const TRACE_BYTES_MAX = 128 * 1024 * 1024;
/** UTF-16 units of one line: the header of a full ring has about 64 Ki. */
export const LINE_LENGTH_MAX = 128 * 1024;
export const NODES_MAX = 4_096;
export const EVENTS_MAX = 2_000_000;
export const LOOKUPS_MAX = 100_000;
/** Messages that carry one look-up: its hops, their repetitions, its answer's way back. */
export const LOOKUP_SENDS_MAX = 1_024;
/** Partitions, one after another. */
export const CUTS_MAX = 256;
/** Groups of one partition. */
export const GROUPS_MAX = 8;
/** Types of messages in one trace. */
export const KINDS_MAX = 64;
export const KIND_LENGTH_MAX = 32;
/** A message's way takes at most a minute. */
export const DELAY_MS_MAX = 60_000;
export const HOPS_MAX = 64;
/** A day. */
export const END_MS_MAX = 86_400_000;
const SEED_LENGTH_MAX = 64;
/** Hexadecimal digits that are kept of an id: 52 bits, which a number holds exactly. */
export const ID_DIGITS = 13;

const whole = (max: number) => v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(max));
const id = v.pipe(v.string(), v.regex(new RegExp(`^[0-9a-f]{${ID_DIGITS}}$`)));

/** Line 1. A node's number in the events is its place in `nodes`. */
export const traceHeader = v.strictObject({
  v: v.literal(TRACE_VERSION),
  seed: v.union([v.pipe(v.number(), v.safeInteger()), v.pipe(v.string(), v.maxLength(SEED_LENGTH_MAX))]),
  /** The first digits of each id, most significant first. */
  nodes: v.pipe(v.array(id), v.minLength(1), v.maxLength(NODES_MAX)),
  /** A letter a node: `t` a browser tab, `r` a relay, `b` a bridge. */
  roles: v.pipe(v.string(), v.maxLength(NODES_MAX), v.regex(/^[trb]*$/)),
  endMs: whole(END_MS_MAX),
});

/** Milliseconds since the beginning; never less than in the line before. */
const t = whole(END_MS_MAX);
const node = whole(NODES_MAX - 1);
const lookup = whole(Number.MAX_SAFE_INTEGER);

export const traceEvent = v.variant('e', [
  v.strictObject({
    t,
    /**
     * `up`: begins to join; `ready`: knows its neighbours and answers for its keys; `unready`: is not sure of them any more;
     * `leave`: says good-bye; `crash`: is gone without a word; `sleep`: stands still; `wake`: goes on, not ready.
     */
    e: v.picklist(['up', 'ready', 'unready', 'leave', 'crash', 'sleep', 'wake']),
    n: node,
  }),
  /** Both ends hold the link, or one of them has let go. */
  v.strictObject({ t, e: v.picklist(['link', 'unlink']), a: node, b: node }),
  v.strictObject({
    t,
    e: v.literal('send'),
    a: node,
    b: node,
    /** The message's type. */
    k: v.pipe(v.string(), v.regex(/^[a-z][a-z-]*$/), v.maxLength(KIND_LENGTH_MAX)),
    /** Milliseconds on its way. */
    d: whole(DELAY_MS_MAX),
    /** The look-up that it carries, or carries the answer of. */
    id: v.optional(lookup),
  }),
  /** `n` asks for the root of `key`; `id` is the look-up's own number. */
  v.strictObject({ t, e: v.literal('lookup'), n: node, id: lookup, key: id }),
  /** `right`: no live node that the asker could reach was closer to the key than `root`. */
  v.strictObject({
    t,
    e: v.literal('answer'),
    n: node,
    id: lookup,
    root: node,
    hops: whole(HOPS_MAX),
    right: v.boolean(),
  }),
  /** The asker waits no longer. */
  v.strictObject({ t, e: v.literal('lost'), n: node, id: lookup }),
  /** From now on only nodes of the same group reach each other; a group number for each node. */
  v.strictObject({
    t,
    e: v.literal('cut'),
    groups: v.pipe(v.array(whole(GROUPS_MAX - 1)), v.maxLength(NODES_MAX)),
  }),
  v.strictObject({ t, e: v.literal('heal') }),
]);

export type TraceHeader = v.InferOutput<typeof traceHeader>;
export type TraceEvent = v.InferOutput<typeof traceEvent>;

/** Names of the events; the log keeps a name's place in this list. */
export const eventNames = [
  'up',
  'ready',
  'unready',
  'leave',
  'crash',
  'sleep',
  'wake',
  'link',
  'unlink',
  'send',
  'lookup',
  'answer',
  'lost',
  'cut',
  'heal',
] as const satisfies readonly TraceEvent['e'][];

export type EventName = (typeof eventNames)[number];

/** The events in columns, as there may be millions: row i is the i-th event. */
export interface EventLog {
  readonly length: number;
  /** Milliseconds since the beginning. */
  readonly at: Uint32Array;
  /** Place in `eventNames`. */
  readonly name: Uint8Array;
  /** The node, or the sender, or one end of the link. */
  readonly a: Uint16Array;
  /** The receiver, or the other end. */
  readonly b: Uint16Array;
  /** Of a message: its type's place in `kinds`. */
  readonly kind: Uint8Array;
  /** Of a message: milliseconds on its way. */
  readonly delay: Uint16Array;
  /** Place in `lookups`, or in `cuts`; -1: none. */
  readonly ref: Int32Array;
}

export interface TracedLookup {
  readonly asker: number;
  /** 13 hexadecimal digits. */
  readonly key: string;
  readonly askedMs: number;
  /** The messages that carried it and its answer: their places in the log. */
  readonly sends: readonly number[];
  readonly end: LookupEnd | undefined;
}

export type LookupEnd =
  | {
      readonly kind: 'answer';
      readonly atMs: number;
      readonly root: number;
      readonly hops: number;
      readonly right: boolean;
    }
  | { readonly kind: 'lost'; readonly atMs: number };

export interface Trace {
  readonly seed: string;
  /** 13 hexadecimal digits each, all different. */
  readonly nodes: readonly string[];
  /** As long as `nodes`. */
  readonly roles: readonly ('t' | 'r' | 'b')[];
  readonly endMs: number;
  readonly events: EventLog;
  /** In the order in which they were asked. */
  readonly lookups: readonly TracedLookup[];
  /** A group number for each node. */
  readonly cuts: readonly (readonly number[])[];
  /** The types of messages that occur. */
  readonly kinds: readonly string[];
}
