/**
 * Where two devices that are being paired leave each other sealed messages: POST and GET `/pairing/<place>/<slot>`, at most 4 KiB of
 * bytes. A GET waits a while for what is not there yet and then answers 204: ask again. Refusals are as the authority's.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Bytes } from '../../src/core/codec/bytes.ts';
import type { Clock } from '../../src/core/codec/clock.ts';
import type { Counters } from '../../src/core/codec/counters.ts';
import { ok, refuse, type Refusal, type Result } from '../../src/core/codec/result.ts';
import { sentence } from '../../src/core/identity/sentences.ts';
import { authorityRefusalCodec } from '../../src/core/identity/join.ts';
import { SLOT_BYTES_MAX, slots, type Slot } from '../../src/core/identity/rendezvous.ts';
import { RendezvousTable } from '../../src/core/identity/rendezvous-table.ts';
import { DAG_CBOR_TYPE } from './authority-routes.ts';
import { readBody } from './http-body.ts';
import { RateLimit } from './rate-limit.ts';

export const PAIRING_PATH = '/pairing/';
/** How long a GET waits: proxies let a request without an answer live for 30 s at least. */
export const WAIT_MS = 20_000;
/** Requests that wait at once. */
export const WAITING_MAX = 500;
/** Requests of one address: at once, and lastingly per second. */
export const BURST_MAX = 200;
export const PER_SECOND_MAX = 10;

export interface PairingRoutesPorts {
  readonly counters: Counters;
  readonly clock: Clock;
}

/** Answers everything under PAIRING_PATH. */
export class PairingRoutes {
  readonly #ports: PairingRoutesPorts;
  readonly #table = new RendezvousTable();
  readonly #limit = new RateLimit(BURST_MAX, PER_SECOND_MAX);
  #waiting = 0;

  constructor(ports: PairingRoutesPorts) {
    this.#ports = ports;
  }

  async serve(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('cache-control', 'no-store');
    const answer = await this.#answer(path, request, response);
    if (!answer.ok) return this.#refuse(answer, response);
    if (answer.value === undefined) response.writeHead(204).end();
    else response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(answer.value);
  }

  async #answer(
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<Result<Bytes | undefined>> {
    const { clock } = this.#ports;
    const from = request.socket.remoteAddress ?? 'unknown';
    if (!this.#limit.allow(from, clock.now()))
      return refuse('too-many-requests', sentence('relay/too-many-requests'));
    const [place, name, more] = path.slice(PAIRING_PATH.length).split('/');
    const slot = slots.find((known) => known === name);
    if (!place || !slot || more !== undefined)
      return refuse('unknown-path', 'There is no such place to meet.');
    if (request.method === 'POST') return this.#post(place, slot, from, request);
    if (request.method === 'GET') return this.#wait(place, slot, response);
    return refuse('bad-method', 'A place to meet is read and written, nothing else.');
  }

  async #post(
    place: string,
    slot: Slot,
    from: string,
    request: IncomingMessage,
  ): Promise<Result<Bytes | undefined>> {
    const bytes = await readBody(request, SLOT_BYTES_MAX);
    if (!bytes.ok) return bytes;
    const posted = this.#table.post(place, slot, bytes.value, from, this.#ports.clock.now());
    if (!posted.ok) return posted;
    this.#ports.counters.add(`pairing.${slot}`);
    return ok(undefined);
  }

  async #wait(place: string, slot: Slot, response: ServerResponse): Promise<Result<Bytes | undefined>> {
    const { clock } = this.#ports;
    const found = this.#table.read(place, slot, clock.now());
    if (!found.ok || found.value !== undefined) return found;
    if (this.#waiting >= WAITING_MAX) return refuse('busy', sentence('relay/busy'));
    this.#waiting++;
    const refused = await this.#changed(place, slot, response).finally(() => this.#waiting--);
    return refused ?? this.#table.read(place, slot, clock.now());
  }

  /** Resolves when the slot is filled, the place ends, the time is over or the asker has gone; or with why it cannot wait. */
  #changed(place: string, slot: Slot, response: ServerResponse): Promise<Refusal | undefined> {
    return new Promise((resolve) => {
      const watching = this.#table.watch(place, slot, () => end());
      if (!watching.ok) return resolve(watching);
      const cancelTimer = this.#ports.clock.after(WAIT_MS, () => end());
      const end = (): void => {
        cancelTimer();
        watching.value();
        response.off('close', end);
        resolve(undefined);
      };
      response.on('close', end);
    });
  }

  #refuse(refusal: Refusal, response: ServerResponse): void {
    this.#ports.counters.refused('pairing', refusal);
    const { code, reason } = refusal;
    const status = STATUS[code] ?? 400;
    if (code === 'too-large' || code === 'aborted') response.setHeader('connection', 'close');
    if (status === 429 || status === 503) response.setHeader('retry-after', '5');
    response.writeHead(status, { 'content-type': DAG_CBOR_TYPE });
    response.end(authorityRefusalCodec.encode({ v: 1, code, reason }));
  }
}

/** HTTP status by refusal code; 400 for all others. */
const STATUS: Readonly<Record<string, number>> = {
  'unknown-path': 404,
  'place-unknown': 404,
  'slot-taken': 409,
  'bad-method': 405,
  'too-large': 413,
  'too-many-requests': 429,
  'too-many-waiting': 429,
  'too-many-places': 503,
  busy: 503,
};
