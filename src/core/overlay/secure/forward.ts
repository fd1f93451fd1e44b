/**
 * Handing a question on: to a node that is linked with us, or to the root of another point. So a question can take a way that
 * the asker chose, past those who would keep it from its goal.
 */
import * as v from 'valibot';
import type { Bytes } from '../../codec/bytes.ts';
import type { Counters } from '../../codec/counters.ts';
import { equalBytes } from '../../codec/bytes.ts';
import type { NodeId } from '../../codec/id.ts';
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
type ForwardRequest = v.InferOutput<typeof forwardRequest.schema>;

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

  /** Sends a question on a journey, to the node `last` at its end if one is named. Rejects with OverlayError. */
  async send(
    { via, constrained, points, through }: Journey,
    { service, body, timeoutMs, last }: { service: string; body: Bytes; timeoutMs: number; last?: NodeId },
  ): Promise<Bytes> {
    const { overlay } = this.#ports;
    const [start, ...roots] = points;
    const nodes = last && !endsAt(through, last) ? [...through, last] : through;
    const stops: Stop[] = [
      ...roots.map((id) => ({ to: 'root' as const, id })),
      ...nodes.map((id) => ({ to: 'node' as const, id })),
    ];
    const options = { timeoutMs, constrained, ...(via && { via }) };
    if (stops.length === 0) return overlay.ask(start, service, body, options);
    const question = forwardRequest.encode({ v: 1, stops, service, body, timeoutMs });
    return overlay.ask(start, FORWARD_SERVICE, question, options);
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

  async #handOn({ stops, ...request }: ForwardRequest): Promise<Bytes> {
    const { overlay, self } = this.#ports;
    const [next, ...rest] = stops;
    const { timeoutMs } = request;
    const service = rest.length > 0 ? FORWARD_SERVICE : request.service;
    const body = rest.length > 0 ? forwardRequest.encode({ ...request, stops: rest }) : request.body;
    if (next!.to === 'root') return overlay.ask(next!.id, service, body, { timeoutMs, constrained: true });
    if (equalBytes(next!.id, self) || overlay.isLinked(next!.id))
      return overlay.request(next!.id, service, body, { timeoutMs });
    throw new ServiceRefusal('unreachable', 'there is no link to the next node of the way');
  }
}

function endsAt(through: readonly NodeId[], last: NodeId): boolean {
  const end = through.at(-1);
  return end !== undefined && equalBytes(end, last);
}
