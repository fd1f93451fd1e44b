/** Sends own multicasts to their groups' roots, numbered and signed, again until a root has taken them. */
import type { Bytes } from '../codec/bytes.ts';
import { CLOCK_SKEW_MS, type Clock } from '../codec/clock.ts';
import { idText, type Key } from '../codec/id.ts';
import { MULTICAST_BYTES_MAX, ROUTED_BYTES_MAX } from '../codec/limits.ts';
import type { Vault } from '../identity/vault.ts';
import { OverlayError, type Overlay } from '../overlay/overlay.ts';
import { OUTGOING_MAX } from './limits.ts';
import type { Publication } from './machine-events.ts';
import { MulticastError, type Published } from './multicast.ts';
import {
  PUBLISH_SERVICE,
  publishReply,
  publishRequest,
  ROOT_SERVICE,
  rootReply,
  rootRequest,
  type PublishOutcome,
} from './requests.ts';

/** Pause before a root is asked again. */
const PAUSE_MS = 500;
/** How long one question waits; several fit into the time that a multicast has. */
const ASK_MS = 3_000;
/** A root may have begun just now and know of no members yet: it is asked once more. */
const NOBODY_MAX = 1;
/** Times that a root may call our epoch stale. */
const STALE_MAX = 2;

/** Our own numbering of a group. */
interface Numbering {
  epoch: number;
  next: number;
  /** A root has taken something of this epoch: our certificate is known there. */
  introduced: boolean;
}

/** `again`: no usable answer. */
type Outcome = PublishOutcome | { readonly kind: 'again' };

export class Publisher {
  readonly #overlay: Overlay;
  readonly #vault: Pick<Vault, 'sign'>;
  readonly #clock: Clock;
  /** Called when a root has taken a multicast. */
  readonly #onSent: (publication: Publication) => void;
  /** By the group's name, the longest silent first. */
  readonly #numberings = new Map<string, Numbering>();
  #lastEpoch = 0;

  constructor(
    overlay: Overlay,
    vault: Pick<Vault, 'sign'>,
    clock: Clock,
    onSent: (publication: Publication) => void,
  ) {
    this.#overlay = overlay;
    this.#vault = vault;
    this.#clock = clock;
    this.#onSent = onSent;
  }

  /** Rejects with MulticastError `too-large`, `refused`, `timeout`, `stopped`. */
  async publish(group: Key, payload: Bytes, timeoutMs: number): Promise<Published> {
    if (payload.length > MULTICAST_BYTES_MAX)
      throw new MulticastError('too-large', `a multicast of ${payload.length} bytes is over the limit`);
    const deadline = this.#clock.now() + timeoutMs;
    const numbering = this.#numbering(group);
    let publication = await this.#sign(group, payload, numbering);
    let [nobody, stale] = [0, 0];
    while (this.#clock.now() < deadline) {
      const introduces = !numbering.introduced;
      const outcome = await this.#ask(publication, introduces, deadline);
      if (outcome.kind === 'sent') {
        numbering.introduced = true;
        this.#onSent(publication);
        return 'sent';
      }
      if (outcome.kind === 'refused') throw new MulticastError('refused', outcome.reason, outcome.code);
      if (outcome.kind === 'nobody' && nobody++ >= NOBODY_MAX) return 'nobody';
      if (outcome.kind === 'stale') {
        if (stale++ >= STALE_MAX || outcome.epoch > this.#clock.now() + CLOCK_SKEW_MS)
          throw new MulticastError('refused', 'the root calls every epoch stale', 'stale-epoch');
        this.#begin(numbering, outcome.epoch);
        publication = await this.#sign(group, payload, numbering);
      } else if (outcome.kind === 'who' && !introduces) numbering.introduced = false;
      else await this.#pause();
    }
    throw new MulticastError('timeout', 'no root of the group took the multicast in time');
  }

  #numbering(group: Key): Numbering {
    const name = idText(group);
    const numbering = this.#numberings.get(name) ?? { epoch: 0, next: 0, introduced: false };
    if (numbering.epoch === 0) this.#begin(numbering, 0);
    this.#numberings.delete(name);
    if (this.#numberings.size >= OUTGOING_MAX) this.#numberings.delete(this.#numberings.keys().next().value!);
    this.#numberings.set(name, numbering);
    return numbering;
  }

  /** A new epoch, later than `stale` and than all before, though the clock may have been set back. */
  #begin(numbering: Numbering, stale: number): void {
    if (numbering.epoch > stale) return;
    this.#lastEpoch = Math.max(Math.floor(this.#clock.now()), this.#lastEpoch + 1, stale + 1);
    numbering.epoch = this.#lastEpoch;
    numbering.next = 0;
    numbering.introduced = false;
  }

  async #sign(group: Key, payload: Bytes, numbering: Numbering): Promise<Publication> {
    const { nodeId, peerKey } = this.#overlay.self;
    const { epoch } = numbering;
    const seq = numbering.next++;
    const body = { v: 1, group, from: peerKey, epoch, seq, payload } as const;
    const signature = await this.#vault.sign('multicast', body);
    return { group, sender: nodeId, epoch, seq, payload, signature };
  }

  async #ask(publication: Publication, introduces: boolean, deadline: number): Promise<Outcome> {
    const certificate = introduces ? this.#overlay.self.certificate : null;
    const body = publishRequest.encode({ v: 1, ...publication, certificate });
    const timeoutMs = Math.max(1, Math.min(ASK_MS, deadline - this.#clock.now()));
    try {
      const answer = await this.#send(publication.group, body, timeoutMs);
      const reply = publishReply.decode(answer);
      return reply.ok ? reply.value.outcome : { kind: 'again' };
    } catch (error) {
      if (!(error instanceof OverlayError)) throw error;
      if (error.code === 'stopped') throw new MulticastError('stopped', error.message);
      return { kind: 'again' };
    }
  }

  /** What is too large to be routed goes over a link to the root, which says first who it is. */
  async #send(group: Key, body: Bytes, timeoutMs: number): Promise<Bytes> {
    if (body.length <= ROUTED_BYTES_MAX)
      return this.#overlay.ask(group, PUBLISH_SERVICE, body, { timeoutMs });
    const question = rootRequest.encode({ v: 1, group });
    const answer = rootReply.decode(await this.#overlay.ask(group, ROOT_SERVICE, question, { timeoutMs }));
    if (!answer.ok) throw new OverlayError('unreachable', answer.reason);
    return this.#overlay.request(answer.value.root, PUBLISH_SERVICE, body, { timeoutMs });
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => void this.#clock.after(PAUSE_MS, resolve));
  }
}
