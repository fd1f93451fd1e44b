/** The organization's authority over HTTP: DAG-CBOR both ways, its refusals as values (src/core/identity/join.ts). */
import type { Bytes } from '../../core/codec/bytes.ts';
import type { Codec } from '../../core/codec/schema.ts';
import { ok, refuse, type Result } from '../../core/codec/result.ts';
import {
  ringDescriptorCodec,
  verifyRingDescriptor,
  type RingDescriptor,
  type RingDescriptorBody,
} from '../../core/identity/certificates.ts';
import {
  authorityRefusalCodec,
  checkRequestCodec,
  enrolRequestCodec,
  expelRequestCodec,
  joinRequestCodec,
  membershipCodec,
  type EnrolRequestBody,
  type ExpelRequestBody,
  type JoinRequestBody,
  type Membership,
} from '../../core/identity/join.ts';
import { t } from '../i18n/translate.svelte.ts';

const DAG_CBOR = 'application/vnd.ipld.dag-cbor';
/** An answer that takes longer is none: the relay signs in milliseconds. */
const ANSWER_MS_MAX = 20_000;
/** Answers above this are not read. */
const ANSWER_BYTES_MAX = 64 * 1024;

export class AuthorityClient {
  readonly #fetch: typeof fetch;

  /** `ask`: the browser's fetch, or in tests what answers instead of a relay. */
  constructor(ask: typeof fetch = (input, init) => fetch(input, init)) {
    this.#fetch = ask;
  }

  /** The ring descriptor, checked against its own key. Refusals: `unreachable`, `bad-answer`. */
  async ring(): Promise<Result<RingDescriptorBody>> {
    const descriptor = await this.descriptor();
    return descriptor.ok ? ok(descriptor.value.body) : descriptor;
  }

  /** The same with its signature. */
  async descriptor(): Promise<Result<RingDescriptor>> {
    const answer = await this.#ask('GET', '/authority/ring', undefined);
    const descriptor = answer.ok ? decodeAnswer(ringDescriptorCodec, answer.value) : answer;
    if (!descriptor.ok) return descriptor;
    const verified = await verifyRingDescriptor(descriptor.value);
    return verified.ok ? descriptor : badAnswer(verified.reason);
  }

  /** Whether the invitation holds and the address, if given, is free. Refusals: the authority's, `unreachable`. */
  async check(token: string, name: string | undefined): Promise<Result<true>> {
    const request = name === undefined ? { v: 1 as const, token } : { v: 1 as const, token, name };
    const answer = await this.#ask('POST', '/authority/check', checkRequestCodec.encode(request));
    return answer.ok ? ok(true) : answer;
  }

  async join(body: JoinRequestBody, signature: Bytes): Promise<Result<Membership>> {
    return this.#membership('/authority/join', joinRequestCodec.encode({ body, signature }));
  }

  async enrol(body: EnrolRequestBody, signature: Bytes): Promise<Result<Membership>> {
    return this.#membership('/authority/enrol', enrolRequestCodec.encode({ body, signature }));
  }

  /** Ends the renewals of a removed device. Refusals: the authority's, `unreachable`. */
  async expel(body: ExpelRequestBody, signature: Bytes): Promise<Result<true>> {
    const answer = await this.#ask('POST', '/authority/expel', expelRequestCodec.encode({ body, signature }));
    return answer.ok ? ok(true) : answer;
  }

  async #membership(path: string, request: Bytes): Promise<Result<Membership>> {
    const answer = await this.#ask('POST', path, request);
    return answer.ok ? decodeAnswer(membershipCodec, answer.value) : answer;
  }

  async #ask(method: 'GET' | 'POST', path: string, body: Bytes | undefined): Promise<Result<Bytes>> {
    const request: RequestInit = { method, cache: 'no-store', signal: AbortSignal.timeout(ANSWER_MS_MAX) };
    if (body) Object.assign(request, { body, headers: { 'content-type': DAG_CBOR } });
    try {
      const response = await this.#fetch(path, request);
      const bytes = new Uint8Array(await response.arrayBuffer());
      if (bytes.length > ANSWER_BYTES_MAX) return badAnswer('too long');
      return response.ok ? ok(bytes) : refusalIn(bytes, response.status);
    } catch {
      return refuse('unreachable', t.join.unreachable); // fetch rejects with a bare TypeError for every kind of failure.
    }
  }
}

/** The authority's own words, or for an answer that has none (a proxy's error page) that it cannot be reached. */
function refusalIn(bytes: Bytes, status: number): Result<never> {
  const refusal = authorityRefusalCodec.decode(bytes);
  if (refusal.ok) return refuse(refusal.value.code, refusal.value.reason);
  return status >= 500 ? refuse('unreachable', t.join.unreachable) : badAnswer(`status ${status}`);
}

function decodeAnswer<T>(answerCodec: Codec<T>, bytes: Bytes): Result<T> {
  const decoded = answerCodec.decode(bytes);
  return decoded.ok ? decoded : badAnswer(decoded.reason);
}

function badAnswer(why: string): Result<never> {
  return refuse('bad-answer', t.join.noSense({ why }));
}
