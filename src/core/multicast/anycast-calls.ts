/** The driver's part of anycasts: each step of the walk is a request to a neighbour, answered when the walk has ended. */
import type { Bytes } from '../codec/bytes.ts';
import { CLOCK_SKEW_MS, type Clock } from '../codec/clock.ts';
import type { Counters } from '../codec/counters.ts';
import type { Key } from '../codec/id.ts';
import { MULTICAST_BYTES_MAX } from '../codec/limits.ts';
import { ok, refuse, type Result } from '../codec/result.ts';
import { verifyEd25519 } from '../crypto/sign.ts';
import type { Vault } from '../identity/vault.ts';
import { OverlayError, type Overlay } from '../overlay/overlay.ts';
import { ANYCAST_MARGIN_MS, ANYCAST_MS_MAX } from './limits.ts';
import type { CallId, MulticastEffect, MulticastMachineEvent, Walk } from './machine-events.ts';
import type { Memberships } from './memberships.ts';
import { MulticastError, type Answered } from './multicast.ts';
import { ANYCAST_SERVICE, anycastReply, anycastRequest, type AnycastRequest } from './requests.ts';
import type { Senders } from './senders.ts';
import { refusing } from './tree-services.ts';

export interface AnycastPorts {
  readonly overlay: Overlay;
  readonly vault: Pick<Vault, 'sign'>;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly senders: Senders;
  readonly memberships: Memberships;
  readonly nextCall: () => CallId;
  readonly dispatch: (event: MulticastMachineEvent) => void;
}

/** An anycast under way through this node. */
interface Passing {
  readonly request: AnycastRequest;
  readonly end: (walk: Walk) => void;
}

export class AnycastCalls {
  readonly #ports: AnycastPorts;
  readonly #passing = new Map<CallId, Passing>();

  constructor(ports: AnycastPorts) {
    this.#ports = ports;
    ports.overlay.handle(ANYCAST_SERVICE, (body) => this.#answer(body));
  }

  /** One of our own. Rejects with MulticastError `too-large`, or VaultError. */
  async start(group: Key, payload: Bytes, timeoutMs: number): Promise<Answered | undefined> {
    const { overlay, vault, clock } = this.#ports;
    if (payload.length > MULTICAST_BYTES_MAX)
      throw new MulticastError('too-large', `an anycast of ${payload.length} bytes is over the limit`);
    const { nodeId, peerKey, certificate } = overlay.self;
    const at = Math.floor(clock.now());
    const signature = await vault.sign('anycast', { v: 1, group, from: peerKey, payload, at });
    const waitMs = Math.floor(Math.min(timeoutMs, ANYCAST_MS_MAX));
    const said = { v: 1, group, payload, at, signature, certificate } as const;
    const walk = await this.#walk({ ...said, visited: [nodeId], timeoutMs: waitMs });
    return walk.taken;
  }

  offer({ call, timeoutMs }: Extract<MulticastEffect, { type: 'offer' }>): void {
    const { clock, memberships, dispatch } = this.#ports;
    const { group, payload, certificate } = this.#passing.get(call)!.request;
    const answer = (bytes: Bytes | undefined): void => dispatch({ type: 'offered', call, answer: bytes });
    const cancel = clock.after(timeoutMs, () => answer(undefined));
    void memberships.offer({ group, sender: certificate.body, payload }).then((bytes) => {
      cancel();
      answer(bytes);
    });
  }

  pass({ call, to, visited, timeoutMs }: Extract<MulticastEffect, { type: 'pass' }>): void {
    const { overlay, counters, dispatch } = this.#ports;
    const { request } = this.#passing.get(call)!;
    const body = anycastRequest.encode({ ...request, visited: [...visited], timeoutMs });
    const waitMs = timeoutMs + ANYCAST_MARGIN_MS / 2;
    overlay.request(to, ANYCAST_SERVICE, body, { timeoutMs: waitMs }).then(
      (answer) => dispatch({ type: 'passed', call, walk: this.#walkOf(answer) }),
      (error: unknown) => {
        counters.add(`multicast.anycast-${error instanceof OverlayError ? error.code : 'failed'}`);
        dispatch({ type: 'passed', call, walk: undefined });
      },
    );
  }

  walked(call: CallId, walk: Walk): void {
    this.#passing.get(call)?.end(walk);
    this.#passing.delete(call);
  }

  /** A neighbour asks us to go on. */
  async #answer(body: Bytes): Promise<Bytes> {
    const request = anycastRequest.decode(body);
    if (!request.ok) throw refusing(this.#ports.counters, request);
    const checked = await this.#check(request.value);
    if (!checked.ok) throw refusing(this.#ports.counters, checked);
    const { taken, visited } = await this.#walk(request.value);
    return anycastReply.encode({ v: 1, taken: taken ?? null, visited: [...visited] });
  }

  /** At every node, so that a forged one walks nowhere. Refusals: `expired`, `bad-signature`, those of Senders. */
  async #check({ group, payload, at, signature, certificate }: AnycastRequest): Promise<Result<true>> {
    const { clock, senders } = this.#ports;
    if (Math.abs(clock.now() - at) > CLOCK_SKEW_MS) return refuse('expired', 'an anycast of another day');
    const learned = await senders.learn(certificate);
    if (!learned.ok) return learned;
    const { peerKey } = certificate.body;
    if (!(await verifyEd25519(peerKey, 'anycast', { v: 1, group, from: peerKey, payload, at }, signature)))
      return refuse('bad-signature', 'an anycast that its sender did not sign');
    return ok(true);
  }

  #walk(request: AnycastRequest): Promise<Walk> {
    const { nextCall, dispatch } = this.#ports;
    const call = nextCall();
    const { promise, resolve } = Promise.withResolvers<Walk>();
    this.#passing.set(call, { request, end: resolve });
    const { group, visited, timeoutMs } = request;
    dispatch({ type: 'anycast', call, group, visited, timeoutMs });
    return promise;
  }

  #walkOf(answer: Bytes): Walk | undefined {
    const reply = anycastReply.decode(answer);
    if (reply.ok) return { taken: reply.value.taken ?? undefined, visited: reply.value.visited };
    this.#ports.counters.refused('multicast', reply);
    return undefined;
  }
}
