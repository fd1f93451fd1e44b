/**
 * The overlay's driver: checks what comes from the network before it becomes an event of the machine, turns its effects
 * into sends, dials and timers, and its calls into promises.
 */
import { assert } from '../codec/assert.ts';
import type { Bytes } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import type { Counters } from '../codec/counters.ts';
import { idText, type Key, type NodeId } from '../codec/id.ts';
import { ROUTED_BYTES_MAX } from '../codec/limits.ts';
import type { Random } from '../crypto/random.ts';
import type { RingTrust } from '../identity/certificates.ts';
import type { Vault } from '../identity/vault.ts';
import { ContactChecker } from './contact-checker.ts';
import type { Contact } from './contact.ts';
import { answerIntroductions, FoundContacts, INTRODUCTIONS_SERVICE } from './introductions.ts';
import { Lookups } from './lookups.ts';
import type { CallOutcome, OverlayEffect, OverlayMachineEvent } from './machine-events.ts';
import { BODY_BYTES_MAX, REQUEST_TIMEOUT_MS_MAX, TELL_BYTES_MAX } from './messages.ts';
import { MessageInbox } from './message-inbox.ts';
import type { Network } from './network.ts';
import { OverlayMachine, type KnownPeer } from './overlay-machine.ts';
import { Outbox } from './outbox.ts';
import { responseOf } from './outcomes.ts';
import { OverlayError } from './overlay.ts';
import { PathCaches } from './path-caches.ts';
import type {
  PathCache,
  AskOptions,
  Lookup,
  LookupOptions,
  Overlay,
  OverlayEvent,
  RequestOptions,
  ServiceHandler,
  ServiceOptions,
  TellHandler,
  Way,
} from './overlay.ts';
import { SecureRouting } from './secure/secure-routing.ts';
import { Services } from './services.ts';

const TIMEOUT_MS = 10_000;
const SECURE_LOOKUP_MS = 30_000;

export interface OverlayPorts {
  readonly self: Contact;
  readonly trust: RingTrust;
  /** Not yet started. */
  readonly network: Network;
  /** Signs what we say of our neighbours. */
  readonly vault: Pick<Vault, 'sign'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly counters: Counters;
}

/** A peer with the figures of its link. */
export interface OverlayPeerView extends KnownPeer {
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

export interface OverlayView {
  readonly ready: boolean;
  /** All nodes we know, without us. */
  readonly peers: readonly OverlayPeerView[];
}

/** What the network page needs beside the overlay itself. */
export interface OverlayNode extends Overlay {
  view(): OverlayView;
}

export function createOverlay(ports: OverlayPorts): OverlayNode {
  return new Driver(ports);
}

type Call = (callId: number) => OverlayMachineEvent;

class Driver implements OverlayNode {
  readonly self: Contact;
  readonly #network: Network;
  readonly #clock: Clock;
  readonly #counters: Counters;
  readonly #machine: OverlayMachine;
  readonly #checker: ContactChecker;
  readonly #services: Services;
  readonly #events: OverlayMachineEvent[] = [];
  readonly #calls = new Map<number, (outcome: CallOutcome) => void>();
  readonly #listeners = new Set<(event: OverlayEvent) => void>();
  readonly #tellHandlers = new Map<string, TellHandler>();
  readonly #paths: PathCaches;
  readonly #inbox: MessageInbox;
  readonly #found: FoundContacts;
  readonly #outbox: Outbox;
  readonly #lookups: Lookups;
  readonly #secure: SecureRouting;
  readonly #started = Promise.withResolvers<void>();
  #cancelTimer: () => void = () => undefined;
  #stepping = false;
  #lastCall = 0;
  #latest = 0;
  #clockOffset = 0;
  #stopped = false;

  constructor({ self, trust, network, vault, clock, random, counters }: OverlayPorts) {
    this.self = self;
    this.#network = network;
    this.#clock = clock;
    this.#counters = counters;
    this.#machine = new OverlayMachine(self, random);
    this.#checker = new ContactChecker(trust, clock, counters);
    this.#paths = new PathCaches(counters);
    this.#found = new FoundContacts(this.#checker, counters);
    this.#inbox = new MessageInbox(this.#checker, counters, (event) =>
      this.#dispatch({ ...event, known: this.#paths.answer(event.message) }),
    );
    this.#outbox = new Outbox(network, clock, counters, ({ to, message }, lost) =>
      this.#dispatch({ type: 'send-failed', to, message, lost }),
    );
    this.#services = new Services(counters);
    this.handle(INTRODUCTIONS_SERVICE, async (body) =>
      answerIntroductions(body, (nodeId) => this.#machine.introduction(nodeId)),
    );
    const shared = { clock, counters, found: this.#found, isStopped: () => this.#stopped };
    this.#lookups = new Lookups({
      ...shared,
      call: (event) => this.#call(event),
      contact: (nodeId) => this.contact(nodeId),
      isLinked: (nodeId) => this.isLinked(nodeId),
      now: () => this.#now(),
    });
    this.#secure = new SecureRouting({
      ...shared,
      overlay: this,
      vault,
      random,
      checker: this.#checker,
      contacts: () => [...this.#machine.known().map(({ contact }) => contact), ...this.#found.contacts()],
      isForwardable: (service) => this.#services.isForwardable(service),
    });
  }

  get ready(): boolean {
    return this.#machine.ready;
  }

  async start(bootstrap: readonly Contact[]): Promise<void> {
    await this.#network.start({
      linkUp: (contact, direct) => this.#dispatch({ type: 'link-up', contact, direct }),
      linkDown: (nodeId, reason) => this.#linkDown(nodeId, reason),
      message: (from, message) => this.#inbox.receive(from, message),
    });
    const unsubscribe = this.subscribe(({ type }) => {
      if (type === 'ready') this.#started.resolve();
    });
    this.#dispatch({ type: 'start', bootstrap });
    await this.#started.promise;
    unsubscribe();
    if (this.#stopped) throw new OverlayError('stopped', 'this node has left the ring');
  }

  async lookup(key: Key, { secure = false, ...options }: LookupOptions = {}): Promise<Lookup> {
    if (secure) return this.#secure.lookup(key, options.timeoutMs ?? SECURE_LOOKUP_MS);
    return this.#lookups.lookup(key, this.#deadline(options));
  }

  async request(to: NodeId, service: string, body: Bytes, options: RequestOptions = {}): Promise<Bytes> {
    if (this.#stopped) throw new OverlayError('stopped', 'this node has left the ring');
    if (body.length > BODY_BYTES_MAX)
      throw new OverlayError('too-large', `a request of ${body.length} bytes is over the limit`);
    if (idText(to) === idText(this.self.nodeId))
      return responseOf(await this.#services.answer(service, body, this.self.nodeId));
    const deadline = this.#deadline(options);
    if (!this.isLinked(to)) {
      const answer = await this.#secure.reach(to, service, body, deadline - this.#now());
      if (answer) return answer;
    }
    let needsLink = body.length > ROUTED_BYTES_MAX;
    for (;;) {
      if (needsLink) await this.#lookups.connect(to, deadline);
      const timeoutMs = Math.max(1, deadline - this.#now());
      const outcome = await this.#call((call) => ({ type: 'request', call, to, service, body, timeoutMs }));
      // The answer is too large to be routed: the question is asked again over a link.
      const again = outcome.kind === 'failure' && outcome.code === 'too-large' && !needsLink;
      if (!again) return responseOf(outcome);
      needsLink = true;
    }
  }

  handle(service: string, handler: ServiceHandler, options?: ServiceOptions): void {
    this.#services.add(service, handler, options);
  }

  async ask(key: Key, service: string, body: Bytes, options: AskOptions = {}): Promise<Bytes> {
    if (this.#stopped) throw new OverlayError('stopped', 'this node has left the ring');
    if (body.length > ROUTED_BYTES_MAX)
      throw new OverlayError('too-large', `a routed request of ${body.length} bytes is over the limit`);
    const timeoutMs = Math.max(1, this.#deadline(options) - this.#now());
    const { via, constrained = false } = options;
    const question = { key, service, body, timeoutMs, via, constrained };
    return responseOf(await this.#call((call) => ({ type: 'ask', call, ...question })));
  }

  cache(service: string, cache: PathCache): void {
    this.#paths.add(service, cache);
  }

  tell(to: NodeId, service: string, body: Bytes): boolean {
    assert(body.length <= TELL_BYTES_MAX, 'a one-way message fits');
    if (!this.isLinked(to)) return false;
    this.#dispatch({ type: 'tell', to, service, body });
    return true;
  }

  listen(service: string, handler: TellHandler): void {
    this.#tellHandlers.set(service, handler);
  }

  nextHop(key: Key): Way {
    return this.#machine.nextHop(key, this.#now());
  }

  isLinked(nodeId: NodeId): boolean {
    return this.#machine.isLinked(nodeId);
  }

  protect(nodeId: NodeId): () => void {
    let on = true;
    this.#dispatch({ type: 'protect', nodeId, on });
    return () => {
      if (on) this.#dispatch({ type: 'protect', nodeId, on: false });
      on = false;
    };
  }

  leafSet(): readonly Contact[] {
    return this.#machine.leafSet();
  }

  closest(key: Key, count: number): readonly Contact[] {
    return this.#machine.closest(key, count);
  }

  contact(nodeId: NodeId): Contact | undefined {
    return this.#machine.contact(nodeId) ?? this.#found.get(nodeId)?.contact;
  }

  subscribe(listener: (event: OverlayEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  wake(): void {
    this.#dispatch({ type: 'wake' });
  }

  async leave(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#dispatch({ type: 'leave' });
    this.#cancelTimer();
    this.#started.resolve();
    await this.#outbox.stop();
    await this.#network.stop();
  }

  view(): OverlayView {
    const links = new Map(this.#network.links().map((link) => [idText(link.contact.nodeId), link]));
    const peers = this.#machine.known().map((peer) => {
      const link = links.get(idText(peer.contact.nodeId));
      return {
        ...peer,
        rttMs: link?.rttMs ?? peer.rttMs,
        sentBytes: link?.sentBytes ?? 0,
        receivedBytes: link?.receivedBytes ?? 0,
      };
    });
    return { ready: this.ready, peers };
  }

  /** Never goes back, whatever the machine's clock does. */
  #now(): number {
    const read = this.#clock.now() + this.#clockOffset;
    if (read < this.#latest) this.#clockOffset += this.#latest - read;
    this.#latest = Math.max(read, this.#latest);
    return this.#latest;
  }

  #deadline({ timeoutMs = TIMEOUT_MS }: RequestOptions): number {
    return this.#now() + Math.min(timeoutMs, REQUEST_TIMEOUT_MS_MAX);
  }

  /** Effects may cause events at once: these wait for their turn. */
  #dispatch(event: OverlayMachineEvent): void {
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

  #perform(effect: OverlayEffect): void {
    switch (effect.type) {
      case 'send':
        return this.#outbox.send(effect);
      case 'dial':
        return this.#dial(effect.contact, effect.via);
      case 'close':
        return this.#network.close(effect.nodeId, effect.reason);
      case 'set-timer':
        this.#cancelTimer();
        this.#cancelTimer = this.#clock.after(Math.max(0, effect.at - this.#now()), () =>
          this.#dispatch({ type: 'timer' }),
        );
        return;
      case 'deliver':
        return this.#deliver(effect);
      case 'complete':
        this.#calls.get(effect.call)?.(effect.outcome);
        this.#calls.delete(effect.call);
        return;
      case 'passed':
        return this.#paths.passed(effect.service, effect.key, effect.body);
      case 'told':
        return this.#told(effect);
      case 'event':
        return this.#notify(effect.event);
      case 'refused':
        return this.#counters.refused('overlay', effect);
    }
  }

  /** A listener's failure is its own: the machine's other effects must not be lost. */
  #notify(event: OverlayEvent): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch (error) {
        this.#counters.refused('overlay', { code: 'listener-failed', reason: String(error) });
      }
    }
  }

  #told({ service, body, from }: Extract<OverlayEffect, { type: 'told' }>): void {
    const handler = this.#tellHandlers.get(service);
    if (handler === undefined)
      return this.#counters.refused('overlay', {
        code: 'unknown-service',
        reason: 'a message to no service of ours',
      });
    try {
      handler(body, from);
    } catch (error) {
      this.#counters.refused('overlay', { code: 'listener-failed', reason: `${service}: ${String(error)}` });
    }
  }

  #call(event: Call): Promise<CallOutcome> {
    const { promise, resolve } = Promise.withResolvers<CallOutcome>();
    const call = ++this.#lastCall;
    this.#calls.set(call, resolve);
    this.#dispatch(event(call));
    return promise;
  }

  #dial(contact: Contact, via: readonly NodeId[]): void {
    const { nodeId } = contact;
    this.#network.connect(contact, via).then(
      () => this.#dispatch({ type: 'dial-ended', nodeId }),
      () => {
        this.#counters.add('overlay.dials-failed');
        this.#dispatch({ type: 'dial-ended', nodeId });
      },
    );
  }

  #deliver({ delivery, service, body, from }: Extract<OverlayEffect, { type: 'deliver' }>): void {
    void this.#services
      .answer(service, body, from)
      .then((answer) => this.#dispatch({ type: 'respond', delivery, answer }));
  }

  #linkDown(nodeId: NodeId, reason: string): void {
    // Another link to the same node has taken its place.
    if (reason === 'replaced') return;
    this.#dispatch({ type: 'link-down', nodeId, reason });
  }
}
