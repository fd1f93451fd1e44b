/**
 * Handing a question on: to a node that is linked with us, or to the root of another point. So a question can take a way that
 * the asker chose, past those who would keep it from its goal.
 */
import * as v from 'valibot';
import type { Bytes } from '../../codec/bytes.ts';
import type { Counters } from '../../codec/counters.ts';
import { equalBytes } from '../../codec/bytes.ts';
import type { Key, NodeId } from '../../codec/id.ts';
import { ROUTED_BYTES_MAX } from '../../codec/limits.ts';
import { bytesMax, codec, idSchema, listOf, taggedBy, text, whole } from '../../codec/schema.ts';
import { OverlayError, ServiceRefusal, type Overlay } from '../overlay.ts';
import { THROUGH_MAX, type Journey } from './journeys.ts';

export const FORWARD_SERVICE = 'overlay.forward';
/** The root of a second point, nodes on the way, and the one at the end. */
const STOPS_MAX = THROUGH_MAX + 2;
const FORWARD_MS_MAX = 30_000;
/** Questions that are handed on at once. */
export const FORWARDS_MAX = 64;
/** What a body may have, so that it can still be routed with its way. */
export const FORWARDED_BYTES_MAX = ROUTED_BYTES_MAX - 1024;

const stop = taggedBy('to', [
  v.strictObject({ to: v.literal('root'), id: idSchema }),
  v.strictObject({ to: v.literal('node'), id: idSchema }),
]);
export type Stop = v.InferOutput<typeof stop>;

export const forwardRequest = codec(
  'forward request',
  v.strictObject({
    v: v.literal(1),
    /** The rest of the way. */
    stops: v.pipe(listOf(stop, STOPS_MAX), v.minLength(1)),
    service: text(64),
    body: bytesMax(FORWARDED_BYTES_MAX),
    timeoutMs: whole(FORWARD_MS_MAX),
  }),
  ROUTED_BYTES_MAX,
);
export type ForwardRequest = v.InferOutput<typeof forwardRequest.schema>;

/** A question to the service of the node at the end of a journey; `last`: that node, if it is named. */
export interface Sent {
  readonly service: string;
  readonly body: Bytes;
  readonly timeoutMs: number;
  readonly last?: NodeId;
}

/** What is asked where a journey begins: the root of its first point, for its service, or to hand the question on. */
export function departure(
  { points, through }: Journey,
  { service, body, timeoutMs, last }: Sent,
): { readonly start: Key; readonly service: string; readonly body: Bytes } {
  const [start, ...roots] = points;
  const nodes = last && !endsAt(through, last) ? [...through, last] : through;
  const stops: Stop[] = [
    ...roots.map((id) => ({ to: 'root' as const, id })),
    ...nodes.map((id) => ({ to: 'node' as const, id })),
  ];
  if (stops.length === 0) return { start, service, body };
  return {
    start,
    service: FORWARD_SERVICE,
    body: forwardRequest.encode({ v: 1, stops, service, body, timeoutMs }),
  };
}

/** What is asked at the next stop. */
export function onwards({ stops: [next, ...stops], ...request }: ForwardRequest): {
  readonly next: Stop;
  readonly service: string;
  readonly body: Bytes;
} {
  if (stops.length === 0) return { next: next!, service: request.service, body: request.body };
  return { next: next!, service: FORWARD_SERVICE, body: forwardRequest.encode({ ...request, stops }) };
}

export interface ForwarderPorts {
  readonly self: NodeId;
  readonly overlay: Pick<Overlay, 'ask' | 'request' | 'isLinked'>;
  /** Whether requests of this service may be handed on. */
  readonly isForwardable: (service: string) => boolean;
  readonly counters: Counters;
}

export class Forwarder {
  readonly #ports: ForwarderPorts;
  #running = 0;

  constructor(ports: ForwarderPorts) {
    this.#ports = ports;
  }

  /** Sends a question on a journey. Rejects with OverlayError. */
  async send(journey: Journey, sent: Sent): Promise<Bytes> {
    const { via, constrained } = journey;
    const { start, service, body } = departure(journey, sent);
    const options = { timeoutMs: sent.timeoutMs, constrained, ...(via && { via }) };
    return this.#ports.overlay.ask(start, service, body, options);
  }

  /** Rejects with ServiceRefusal: that of the service at the end, `unreachable`, `not-forwarded`, `busy`. */
  async answer(body: Bytes): Promise<Bytes> {
    const { counters, isForwardable } = this.#ports;
    const decoded = forwardRequest.decode(body);
    if (!decoded.ok) {
      counters.refused('overlay', decoded);
      throw new ServiceRefusal(decoded.code, decoded.reason);
    }
    if (!isForwardable(decoded.value.service))
      throw new ServiceRefusal('not-forwarded', 'requests of this service are not handed on');
    if (this.#running >= FORWARDS_MAX)
      throw new ServiceRefusal('busy', 'this node hands on too many requests');
    this.#running++;
    try {
      return await this.#handOn(decoded.value);
    } catch (error) {
      if (!(error instanceof OverlayError)) throw error;
      throw new ServiceRefusal(error.refusalCode ?? 'unreachable', error.message);
    } finally {
      this.#running--;
    }
  }

  async #handOn(request: ForwardRequest): Promise<Bytes> {
    const { overlay, self } = this.#ports;
    const { next, service, body } = onwards(request);
    const { timeoutMs } = request;
    if (next.to === 'root') return overlay.ask(next.id, service, body, { timeoutMs, constrained: true });
    if (equalBytes(next.id, self) || overlay.isLinked(next.id))
      return overlay.request(next.id, service, body, { timeoutMs });
    throw new ServiceRefusal('unreachable', 'there is no link to the next node of the way');
  }
}

function endsAt(through: readonly NodeId[], last: NodeId): boolean {
  const end = through.at(-1);
  return end !== undefined && equalBytes(end, last);
}
