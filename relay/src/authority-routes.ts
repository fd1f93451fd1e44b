/** The authority over HTTP, as src/core/identity/join.ts documents it: DAG-CBOR in, DAG-CBOR out, refusals with a code. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Bytes } from '../../src/core/codec/bytes.ts';
import type { Clock } from '../../src/core/codec/clock.ts';
import type { Counters } from '../../src/core/codec/counters.ts';
import { ok, refuse, type Refusal, type Result } from '../../src/core/codec/result.ts';
import type { Codec } from '../../src/core/codec/schema.ts';
import { sentence } from '../../src/core/identity/sentences.ts';
import type { Authority } from '../../src/core/identity/authority.ts';
import { ringDescriptorCodec, type IdentityCertificate } from '../../src/core/identity/certificates.ts';
import {
  authorityRefusalCodec,
  checkRequestCodec,
  enrolRequestCodec,
  expelRequestCodec,
  joinRequestCodec,
  membershipCodec,
} from '../../src/core/identity/join.ts';
import { readBody } from './http-body.ts';
import { RateLimit } from './rate-limit.ts';

export const DAG_CBOR_TYPE = 'application/vnd.ipld.dag-cbor';
/** Largest request: a signed join request is under 2 KiB. */
export const REQUEST_BYTES_MAX = 8 * 1024;
/** Requests to the authority under way at once; each costs an RSA signature or two. */
export const REQUESTS_MAX = 32;
/** Requests of one address: at once, and lastingly per second. A whole organization may share one address. */
export const BURST_MAX = 200;
export const PER_SECOND_MAX = 10;

type Answer = { readonly status: 200; readonly body: Bytes } | { readonly status: 204 };

export interface AuthorityRoutesPorts {
  readonly authority: Authority;
  /** Puts a certificate into the ring, so that a new name can be written to from its first moment. */
  readonly publish: (certificate: IdentityCertificate) => Promise<void>;
  readonly counters: Counters;
  readonly clock: Clock;
}

/** Answers everything under `/authority/`. */
export class AuthorityRoutes {
  readonly #ports: AuthorityRoutesPorts;
  readonly #limit = new RateLimit(BURST_MAX, PER_SECOND_MAX);
  #underWay = 0;

  constructor(ports: AuthorityRoutesPorts) {
    this.#ports = ports;
  }

  async serve(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('cache-control', 'no-store');
    const answer = await this.#admit(path, request);
    if (!answer.ok) return this.#refuse(answer, response);
    if (answer.value.status === 204) response.writeHead(204).end();
    else response.writeHead(200, { 'content-type': DAG_CBOR_TYPE }).end(answer.value.body);
  }

  async #admit(path: string, request: IncomingMessage): Promise<Result<Answer>> {
    const { clock } = this.#ports;
    if (!this.#limit.allow(request.socket.remoteAddress ?? 'unknown', clock.now()))
      return refuse('too-many-requests', sentence('relay/too-many-requests'));
    return this.#answer(path, request);
  }

  /** Acts on the body when it is here: only work takes a slot, so that slow senders take none. */
  async #withBody<T>(
    request: IncomingMessage,
    format: Codec<T>,
    act: (body: T) => Promise<Result<Answer>>,
  ): Promise<Result<Answer>> {
    const body = await readAs(request, format);
    if (!body.ok) return body;
    if (this.#underWay >= REQUESTS_MAX) return refuse('busy', sentence('relay/busy'));
    this.#underWay++;
    try {
      return await act(body.value);
    } finally {
      this.#underWay--;
    }
  }

  async #answer(path: string, request: IncomingMessage): Promise<Result<Answer>> {
    const { authority, publish } = this.#ports;
    switch (`${request.method} ${path}`) {
      case 'GET /authority/ring':
        return ok({ status: 200, body: ringDescriptorCodec.encode(authority.descriptor()) });
      case 'POST /authority/check':
        return this.#withBody(request, checkRequestCodec, async (body) => {
          const checked = await authority.check(body);
          return checked.ok ? ok({ status: 204 }) : checked;
        });
      case 'POST /authority/join':
        return this.#withBody(request, joinRequestCodec, async (body) => {
          const joined = await authority.join(body);
          if (joined.ok) await publish(joined.value.identityCertificate);
          return member(joined);
        });
      case 'POST /authority/enrol':
        return this.#withBody(request, enrolRequestCodec, async (body) =>
          member(await authority.enrol(body)),
        );
      case 'POST /authority/expel':
        return this.#withBody(request, expelRequestCodec, async (body) => {
          const expelled = await authority.expel(body);
          return expelled.ok ? ok({ status: 204 }) : expelled;
        });
      default:
        return ROUTES.includes(path)
          ? refuse('bad-method', `The path ${path} does not answer ${request.method}.`)
          : refuse('unknown-path', 'The authority has no such path.');
    }
  }

  #refuse(refusal: Refusal, response: ServerResponse): void {
    this.#ports.counters.refused('authority', refusal);
    const status = STATUS[refusal.code] ?? 400;
    const { code, reason } = refusal;
    // What was not read of a request would be taken for the next one.
    if (code === 'too-large' || code === 'aborted') response.setHeader('connection', 'close');
    if (status === 429 || status === 503) response.setHeader('retry-after', '5');
    response.writeHead(status, { 'content-type': DAG_CBOR_TYPE });
    response.end(authorityRefusalCodec.encode({ v: 1, code, reason: reason.slice(0, 500) }));
  }
}

const ROUTES: readonly string[] = ['ring', 'check', 'join', 'enrol', 'expel'].map(
  (name) => `/authority/${name}`,
);

/** HTTP status by refusal code; 400 for all others. */
const STATUS: Readonly<Record<string, number>> = {
  'invitation-unknown': 404,
  'invitation-used-up': 410,
  'invitation-expired': 410,
  'address-taken': 409,
  'unknown-identity': 404,
  'device-removed': 403,
  'bad-signature': 403,
  'unknown-path': 404,
  'bad-method': 405,
  'too-large': 413,
  'bad-type': 415,
  'too-many-requests': 429,
  busy: 503,
};

async function readAs<T>(request: IncomingMessage, format: Codec<T>): Promise<Result<T>> {
  const type = request.headers['content-type']?.split(';')[0]!.trim().toLowerCase();
  if (type !== DAG_CBOR_TYPE) return refuse('bad-type', `The body has to be ${DAG_CBOR_TYPE}.`);
  const bytes = await readBody(request, REQUEST_BYTES_MAX);
  if (!bytes.ok) return bytes;
  const decoded = format.decode(bytes.value);
  return decoded.ok ? decoded : refuse('bad-request', `The request is ${decoded.reason}.`);
}

function member(result: Result<Parameters<typeof membershipCodec.encode>[0]>): Result<Answer> {
  return result.ok ? ok({ status: 200, body: membershipCodec.encode(result.value) }) : result;
}
