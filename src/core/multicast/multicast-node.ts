/**
 * Multicast's driver: decodes what neighbours tell, checks signatures and policies before the machine forwards or delivers,
 * turns its effects into tells, timers and calls of listeners, and its interface into events.
 */
import type { Bytes } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import type { Counters } from '../codec/counters.ts';
import { idText, type Key, type NodeId } from '../codec/id.ts';
import { refuse, type Result } from '../codec/result.ts';
import type { Random } from '../crypto/random.ts';
import { verifyEd25519 } from '../crypto/sign.ts';
import type { NodeCertificate, RingTrust } from '../identity/certificates.ts';
import type { Vault } from '../identity/vault.ts';
import type { Overlay, OverlayEvent } from '../overlay/overlay.ts';
import { AnycastCalls } from './anycast-calls.ts';
import type { CallId, MulticastEffect, MulticastMachineEvent, Publication } from './machine-events.ts';
import { Memberships } from './memberships.ts';
import { decodeMessage, encodeMessage, MULTICAST_SERVICE } from './messages.ts';
import { MulticastMachine } from './multicast-machine.ts';
import {
  MulticastError,
  type Answered,
  type GroupListener,
  type Multicasts,
  type Policy,
  type Published,
  type SendOptions,
} from './multicast.ts';
import { Publisher } from './publisher.ts';
import type { PublishOutcome } from './requests.ts';
import { Senders } from './senders.ts';
import { registerTreeServices } from './tree-services.ts';

const TIMEOUT_MS = 10_000;

export interface MulticastPorts {
  readonly overlay: Overlay;
  readonly vault: Pick<Vault, 'sign'>;
  readonly trust: RingTrust;
  readonly clock: Clock;
  readonly random: Random;
  readonly counters: Counters;
  /** Round-trip times in milliseconds, by name, of the linked nodes whose were measured: asked when a child is handed on. */
  readonly delaysMs: () => ReadonlyMap<string, number>;
}

/** Multicasts, and what the node's composition needs of them. */
export interface MulticastNode extends Multicasts {
  /** Groups that this node is member, forwarder or root of. */
  readonly groupCount: number;
  /** Its place in a group's tree, for pages and tests; undefined: none. */
  place(group: Key): TreePlace | undefined;
  /** Says good-bye to parents; to be called before the overlay leaves. */
  stop(): void;
}

export interface TreePlace {
  readonly root: boolean;
  readonly member: boolean;
  readonly parent: NodeId | undefined;
  readonly children: readonly NodeId[];
}

/** Registers its services at once, so that trees may lead through this node; it says nothing before it has a group. */
export function createMulticast(ports: MulticastPorts): MulticastNode {
  return new Driver(ports);
}

type Check = Extract<MulticastEffect, { readonly type: 'check' }>;

class Driver implements MulticastNode {
  readonly #overlay: Overlay;
  readonly #clock: Clock;
  readonly #counters: Counters;
  readonly #machine: MulticastMachine;
  readonly #memberships: Memberships;
  readonly #senders: Senders;
  readonly #publisher: Publisher;
  readonly #anycasts: AnycastCalls;
  readonly #events: MulticastMachineEvent[] = [];
  readonly #published = new Map<CallId, (outcome: PublishOutcome) => void>();
  /** What lets go of the links to neighbours in trees. */
  readonly #protected = new Map<string, () => void>();
  readonly #unsubscribe: () => void;
  #cancelTimer: () => void = () => undefined;
  #stepping = false;
  #lastCall = 0;
  #latest = 0;
  #clockOffset = 0;
  #stopped = false;

  constructor(ports: MulticastPorts) {
    const { overlay, vault, trust, clock, random, counters, delaysMs } = ports;
    this.#overlay = overlay;
    this.#clock = clock;
    this.#counters = counters;
    this.#memberships = new Memberships(counters);
    this.#senders = new Senders(overlay, trust, clock);
    this.#publisher = new Publisher(overlay, vault, clock, (publication) =>
      this.#dispatch({ type: 'sent', publication, sender: overlay.self.certificate }),
    );
    this.#anycasts = new AnycastCalls({
      ...ports,
      senders: this.#senders,
      memberships: this.#memberships,
      nextCall: () => ++this.#lastCall,
      dispatch: (event) => this.#dispatch(event),
    });
    const surroundings = {
      nextHop: (key: Key) => overlay.nextHop(key),
      isLinked: (nodeId: NodeId) => overlay.isLinked(nodeId),
      delaysMs,
    };
    this.#machine = new MulticastMachine(overlay.self.nodeId, surroundings, random);
    overlay.listen(MULTICAST_SERVICE, (body, from) => this.#told(body, from));
    registerTreeServices(overlay, this.#senders, counters, (publication) => this.#publishHere(publication));
    this.#unsubscribe = overlay.subscribe((event) => this.#onOverlay(event));
  }

  get groupCount(): number {
    return this.#machine.groupCount;
  }

  place(key: Key): TreePlace | undefined {
    const group = this.#machine.group(key);
    if (group === undefined) return undefined;
    const children = [...group.children.values()].map(({ nodeId }) => nodeId);
    return { root: group.root, member: group.member, parent: group.parent?.nodeId, children };
  }

  join(group: Key, policy: Policy, listener: GroupListener): () => void {
    this.#assertRunning();
    if (!this.#memberships.hasRoomFor(group))
      throw new MulticastError('too-many', 'this node is a member of too many groups');
    const { first, remove } = this.#memberships.add(group, policy, listener);
    if (first) this.#dispatch({ type: 'join', group });
    return () => {
      if (remove()) this.#dispatch({ type: 'leave', group });
    };
  }

  async publish(
    group: Key,
    payload: Bytes,
    { timeoutMs = TIMEOUT_MS }: SendOptions = {},
  ): Promise<Published> {
    this.#assertRunning();
    return this.#publisher.publish(group, payload, timeoutMs);
  }

  async anycast(
    group: Key,
    payload: Bytes,
    { timeoutMs = TIMEOUT_MS }: SendOptions = {},
  ): Promise<Answered | undefined> {
    this.#assertRunning();
    return this.#anycasts.start(group, payload, timeoutMs);
  }

  stop(): void {
    if (this.#stopped) return;
    this.#dispatch({ type: 'stop' });
    this.#stopped = true;
    this.#cancelTimer();
    this.#unsubscribe();
    for (const release of this.#protected.values()) release();
    this.#protected.clear();
    for (const end of this.#published.values()) end({ kind: 'not-root' });
  }

  /** Never goes back, whatever the machine's clock does. */
  #now(): number {
    const read = this.#clock.now() + this.#clockOffset;
    if (read < this.#latest) this.#clockOffset += this.#latest - read;
    this.#latest = Math.max(read, this.#latest);
    return this.#latest;
  }

  #assertRunning(): void {
    if (this.#stopped) throw new MulticastError('stopped', 'this node has left the ring');
  }

  #onOverlay(event: OverlayEvent): void {
    if (event.type === 'links') this.#dispatch(event);
    else if (event.type !== 'not-ready') this.#dispatch({ type: 'routes-changed' });
  }

  #told(body: Bytes, from: NodeId): void {
    const message = decodeMessage(body);
    if (!message.ok) return this.#counters.refused('multicast', message);
    this.#dispatch({ type: 'told', from, message: message.value });
  }

  /** Effects may cause events at once: these wait for their turn. */
  #dispatch(event: MulticastMachineEvent): void {
    this.#events.push(event);
    if (this.#stepping) return;
    this.#stepping = true;
    try {
      for (let next = this.#events.shift(); next; next = this.#events.shift())
        for (const effect of this.#machine.step(next, this.#now())) this.#perform(effect);
    } finally {
      this.#stepping = false;
    }
  }

  #perform(effect: MulticastEffect): void {
    switch (effect.type) {
      case 'tell':
        this.#counters.add('multicast.told');
        this.#overlay.tell(effect.to, MULTICAST_SERVICE, encodeMessage(effect.message));
        return;
      case 'protect':
        return this.#protect(effect.nodeId, effect.on);
      case 'check':
        return this.#check(effect);
      case 'deliver':
        return this.#memberships.deliver({ ...effect.publication, sender: effect.sender });
      case 'gap':
        return this.#memberships.gap(effect.gap);
      case 'published':
        this.#published.get(effect.call)?.(effect.outcome);
        this.#published.delete(effect.call);
        return;
      case 'offer':
        return this.#anycasts.offer(effect);
      case 'pass':
        return this.#anycasts.pass(effect);
      case 'walked':
        return this.#anycasts.walked(effect.call, effect.walk);
      case 'set-timer':
        this.#cancelTimer();
        this.#cancelTimer = this.#clock.after(Math.max(0, effect.at - this.#now()), () =>
          this.#dispatch({ type: 'timer' }),
        );
        return;
      case 'count':
        return this.#counters.add(`multicast.${effect.name}`, effect.amount);
      case 'refused':
        return this.#counters.refused('multicast', effect);
    }
  }

  #protect(nodeId: NodeId, on: boolean): void {
    const name = idText(nodeId);
    this.#protected.get(name)?.();
    this.#protected.delete(name);
    if (on) this.#protected.set(name, this.#overlay.protect(nodeId));
  }

  #check({ ticket, ...question }: Check): void {
    void this.#judge(question)
      .catch((error: unknown) => refuse('check-failed', String(error)))
      .then((sender) => this.#dispatch({ type: 'checked', ticket, sender }));
  }

  /** Refusals: those of Senders, `bad-signature`, `not-allowed`. */
  async #judge({ publication, from, certificate }: Omit<Check, 'ticket'>): Promise<Result<NodeCertificate>> {
    const { group, sender, epoch, seq, payload, signature } = publication;
    const found = await this.#senders.find(sender, from, certificate);
    if (!found.ok) return found;
    const { body: node } = found.value;
    const body = { v: 1, group, from: node.peerKey, epoch, seq, payload };
    if (!(await verifyEd25519(node.peerKey, 'multicast', body, signature)))
      return refuse('bad-signature', 'a multicast that its sender did not sign');
    if (!this.#memberships.accept(group, node))
      return refuse('not-allowed', `a multicast of ${node.name}, who may not speak to this group`);
    return found;
  }

  #publishHere(publication: Publication): Promise<PublishOutcome> {
    if (this.#stopped) return Promise.resolve({ kind: 'not-root' });
    const call = ++this.#lastCall;
    const { promise, resolve } = Promise.withResolvers<PublishOutcome>();
    this.#published.set(call, resolve);
    this.#dispatch({ type: 'publish', call, publication, wallClock: this.#clock.now() });
    return promise;
  }
}
