/** The services of this node: handlers by name, and what becomes of their answers and failures. */
import type { Bytes } from '../codec/bytes.ts';
import type { Counters } from '../codec/counters.ts';
import type { NodeId } from '../codec/id.ts';
import { BODY_BYTES_MAX, REASON_LENGTH_MAX, type ServiceAnswer } from './messages.ts';
import { ServiceRefusal, type ServiceHandler, type ServiceOptions } from './overlay.ts';

/** Requests of others that are handled at once. */
export const DELIVERIES_MAX = 512;

export class Services {
  readonly #handlers = new Map<string, ServiceHandler>();
  readonly #forwardable = new Set<string>();
  readonly #counters: Counters;
  #running = 0;

  constructor(counters: Counters) {
    this.#counters = counters;
  }

  add(service: string, handler: ServiceHandler, { forwardable = false }: ServiceOptions = {}): void {
    this.#handlers.set(service, handler);
    if (forwardable) this.#forwardable.add(service);
  }

  /** Whether requests of this service may be handed on for others. */
  isForwardable(service: string): boolean {
    return this.#forwardable.has(service);
  }

  /** Never rejects. Refusals: those of the handler, `unknown-service`, `busy`, `internal`. */
  async answer(service: string, body: Bytes, from: NodeId): Promise<ServiceAnswer> {
    const handler = this.#handlers.get(service);
    if (handler === undefined) return this.#refuse('unknown-service', 'this node has no such service');
    if (this.#running >= DELIVERIES_MAX) return this.#refuse('busy', 'this node handles too many requests');
    this.#running++;
    try {
      const answer = await handler(body, from);
      if (answer.length <= BODY_BYTES_MAX) return { kind: 'response', body: answer };
      return this.#refuse('internal', 'the answer is over the limit');
    } catch (error) {
      if (error instanceof ServiceRefusal)
        return { kind: 'refusal', code: error.code, reason: error.message.slice(0, REASON_LENGTH_MAX) };
      this.#counters.refused('overlay', { code: 'service-failed', reason: `${service}: ${String(error)}` });
      return { kind: 'refusal', code: 'internal', reason: 'the service failed' };
    } finally {
      this.#running--;
    }
  }

  #refuse(code: string, reason: string): ServiceAnswer {
    this.#counters.refused('overlay', { code, reason });
    return { kind: 'refusal', code, reason };
  }
}
