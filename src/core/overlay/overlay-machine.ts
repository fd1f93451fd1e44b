/**
 * Pastry as a step machine (Rowstron & Druschel 2001): events in, effects out, no I/O, the same effects for the same
 * events. The parts: who is linked (links.ts), who knows whom (exchange.ts), whether we are ready (membership.ts), routed
 * messages (router.ts) and requests over a link (direct-requests.ts); they share machine-state.ts.
 */
import { assert, unreachable } from '../codec/assert.ts';
import { equalBytes } from '../codec/bytes.ts';
import type { Key, NodeId } from '../codec/id.ts';
import { ROUTED_BYTES_MAX } from '../codec/limits.ts';
import type { Random } from '../crypto/random.ts';
import type { Contact, Introduction } from './contact.ts';
import { Budget } from './budget.ts';
import { Dials } from './dials.ts';
import { DirectRequests } from './direct-requests.ts';
import { Exchange } from './exchange.ts';
import { LEAF_SET_SIZE, sortedByDistance } from './leaf-set.ts';
import { Liveness } from './liveness.ts';
import { Links } from './links.ts';
import { Membership } from './membership.ts';
import type { MessageOf, OverlayMessage } from './messages.ts';
import type { ArrivedMessage, CallOutcome, OverlayEffect, OverlayMachineEvent } from './machine-events.ts';
import { MachineState, type Phase } from './machine-state.ts';
import { CHECKED, DIALLING, DIRECT, LINKED, MET, ROUTE, type PeerIndex } from './peer-table.ts';
import { HERE, nextHop, NONE, WAIT } from './next-hop.ts';
import type { Way } from './overlay.ts';
import { Router } from './router.ts';
import { introduced } from './share.ts';

/** A timer that is later than this means that the machine slept. */
const SLEPT_MS = 10_000;

/** A peer as the network page shows it. */
export interface KnownPeer {
  readonly contact: Contact;
  readonly inLeafSet: boolean;
  readonly inTable: boolean;
  /** Undefined: not linked. */
  readonly direct: boolean | undefined;
  /** As measured by probes. */
  readonly rttMs: number | undefined;
}

export class OverlayMachine {
  readonly #state: MachineState;
  readonly #dials: Dials;
  readonly #liveness: Liveness;
  readonly #links: Links;
  readonly #budget: Budget;
  readonly #exchange: Exchange;
  readonly #membership: Membership;
  readonly #router: Router;
  readonly #direct: DirectRequests;
  /** Leaf set as last told to the layers above: its peers and their ids. */
  #toldMembers: readonly PeerIndex[] = [];
  #toldIds: readonly NodeId[] = [];
  #timerAt = Infinity;

  constructor(self: Contact, random: Random) {
    const state = new MachineState(self, random);
    this.#state = state;
    this.#dials = new Dials(state);
    this.#liveness = new Liveness(state, (p, now) => this.#links.close(p, 'silent', 'lost', now));
    this.#links = new Links(state, this.#dials, this.#liveness, (p, wasAdjacent, now) =>
      this.#lost(p, wasAdjacent, now),
    );
    this.#exchange = new Exchange(state, this.#dials, this.#liveness);
    this.#membership = new Membership(state, this.#dials, this.#liveness, this.#exchange);
    this.#router = new Router(state, this.#dials, this.#liveness);
    this.#direct = new DirectRequests(state, (p, now) => this.#liveness.probe(p, now));
    this.#budget = new Budget(
      state,
      (p) => this.#direct.isBusy(p),
      (p, now) => this.#links.close(p, 'over-budget', 'closed', now),
    );
  }

  /** `now`: milliseconds, never going back by much; a leap forward is taken for sleep. */
  step(event: OverlayMachineEvent, now: number): readonly OverlayEffect[] {
    if (this.#state.phase === 'left') return this.#afterLeaving(event);
    this.#handle(event, now);
    this.#settle(now);
    this.#setTimer(event.type === 'timer');
    return this.#state.takeEffects();
  }

  get ready(): boolean {
    return this.#state.ready;
  }

  get phase(): Phase {
    return this.#state.phase;
  }

  /** Requests under way through this node, for tests of bounds. */
  get pendingCount(): number {
    return this.#router.size;
  }

  /** Nearest nodes on both sides, without us. */
  leafSet(): readonly Contact[] {
    return this.#state.leafSet.members().map((p) => this.#state.peers.contact(p));
  }

  /** Closest linked nodes to the key, ourselves included, closest first. */
  closest(key: Key, count: number): readonly Contact[] {
    const { peers, self } = this.#state;
    const live = peers.linked.map((p) => peers.contact(p));
    return sortedByDistance(key, [self, ...live]).slice(0, count);
  }

  /** The contact of a node whose certificate we have checked. */
  contact(nodeId: NodeId): Contact | undefined {
    if (this.#state.isSelf(nodeId)) return this.#state.self;
    const p = this.#state.peers.find(nodeId);
    return p !== undefined && this.#state.peers.is(p, CHECKED) ? this.#state.peers.contact(p) : undefined;
  }

  /** What we tell others of ourselves or of a node we are linked with. */
  introduction(nodeId: NodeId): Introduction | undefined {
    if (this.#state.isSelf(nodeId)) return { contact: this.#state.self, via: [] };
    const p = this.#state.peers.find(nodeId);
    return p !== undefined && this.#state.peers.is(p, LINKED) ? introduced(this.#state, p) : undefined;
  }

  /** Where a message for this key goes from here. */
  nextHop(key: Key, now: number): Way {
    if (!this.#state.ready) return { kind: 'none' };
    const message = { type: 'lookup', target: key, hops: [] } as const;
    const way = { message, constrained: false, refusedBy: [], detours: true };
    const hop = nextHop(this.#state, this.#dials, { ...way, message: { ...message, hops: [] } }, now);
    if (hop === HERE) return { kind: 'here' };
    return hop === WAIT || hop === NONE
      ? { kind: 'none' }
      : { kind: 'next', nodeId: this.#state.peers.nodeId(hop) };
  }

  isLinked(nodeId: NodeId): boolean {
    const p = this.#state.peers.find(nodeId);
    return p !== undefined && this.#state.peers.is(p, LINKED);
  }

  /** Everybody we know. */
  known(): readonly KnownPeer[] {
    const { peers, leafSet } = this.#state;
    return [...peers.all()].map((p) => ({
      contact: peers.contact(p),
      inLeafSet: leafSet.has(p),
      inTable: peers.is(p, ROUTE),
      direct: peers.is(p, LINKED) ? peers.is(p, DIRECT) : undefined,
      rttMs: peers.rttMs(p) === Infinity ? undefined : peers.rttMs(p),
    }));
  }

  #handle(event: OverlayMachineEvent, now: number): void {
    switch (event.type) {
      case 'start':
        this.#exchange.start(now);
        return this.#membership.start(event.bootstrap, now);
      case 'link-up':
        return this.#linkUp(event.contact, event.direct, now);
      case 'link-down':
        return this.#withPeer(event.nodeId, (p) =>
          this.#links.down(p, event.reason === 'closed' ? 'closed' : 'lost', now),
        );
      case 'message':
        return this.#message(event, now);
      case 'dial-ended':
        return this.#withPeer(event.nodeId, (p) => this.#dialEnded(p, now));
      case 'send-failed':
        return this.#withPeer(event.to, (p) => this.#sendFailed(p, event.message, event.lost, now));
      case 'timer':
        return this.#tick(now);
      case 'lookup':
        return this.#router.lookup(event.call, event.key, event.timeoutMs, now);
      case 'request':
        return this.#request(event, now);
      case 'ask':
        return this.#router.ask(event, now);
      case 'tell':
        return this.#withPeer(event.to, (p) =>
          this.#state.send(p, { type: 'tell', service: event.service, body: event.body }),
        );
      case 'protect':
        return this.#budget.protect(event.nodeId, event.on);
      case 'connect':
        return this.#dials.connect(event.call, event.introduction, event.timeoutMs, now);
      case 'respond':
        if (event.delivery.path === 'link') return this.#direct.respond(event.delivery, event.answer);
        return this.#router.respond(event.delivery, event.answer, now);
      case 'wake':
        return this.#membership.wake(now);
      case 'leave':
        return this.#leave();
      default:
        return unreachable(event);
    }
  }

  #message(event: ArrivedMessage, now: number): void {
    const { peers } = this.#state;
    const p = peers.find(event.from);
    if (p !== undefined && peers.is(p, LINKED)) this.#onMessage(p, event, now);
  }

  #linkUp(contact: Contact, direct: boolean, now: number): void {
    const { peers } = this.#state;
    const known = peers.find(contact.nodeId);
    const lost = known !== undefined && peers.is(known, MET) && !peers.is(known, LINKED);
    const lostAt = lost ? peers.heardAt(known) : now;
    this.#exchange.greet(this.#links.up(contact, direct, now), lostAt, now);
  }

  #dialEnded(p: PeerIndex, now: number): void {
    const { peers } = this.#state;
    if (peers.is(p, DIALLING) && !peers.is(p, LINKED)) this.#exchange.tellUnreached(p, now);
    this.#dials.ended(p, now);
  }

  #onMessage(from: PeerIndex, { message, contacts, known }: ArrivedMessage, now: number): void {
    this.#liveness.heard(from, message, now);
    switch (message.type) {
      case 'lookup':
      case 'routed-request':
      case 'join':
        return this.#router.onRouted(from, message, contacts, known, now);
      case 'ack':
        if (!message.taken) this.#membership.onJoinFailed(message.id, now);
        return this.#router.onAck(from, message, now);
      case 'reply':
        this.#membership.onJoinFailed(message.id, now);
        return this.#router.onReturn(from, message, contacts, now);
      case 'joined':
        if (this.#membership.onJoined(from, message.id, contacts, now)) return;
        return this.#router.onReturn(from, message, contacts, now);
      case 'announce':
        return this.#exchange.onAnnounce(from, message, now);
      case 'ask-contacts':
        return this.#exchange.onAskContacts(from, message);
      case 'ask-row':
        return this.#exchange.onAskRow(from, message);
      case 'contacts':
        return this.#exchange.onContacts(from, contacts, now);
      case 'leave':
        return this.#onLeave(from, message, now);
      case 'probe':
        return this.#state.send(from, { type: 'probe-reply', nonce: message.nonce });
      case 'probe-reply':
        return;
      case 'tell':
        return this.#state.emit({
          type: 'told',
          service: message.service,
          body: message.body,
          from: this.#state.peers.nodeId(from),
        });
      case 'request':
        return this.#direct.onRequest(from, message);
      case 'response':
        return this.#direct.onResponse(from, message);
      default:
        return unreachable(message);
    }
  }

  #request(event: Extract<OverlayMachineEvent, { type: 'request' }>, now: number): void {
    const { call, to, service, body, timeoutMs } = event;
    assert(!this.#state.isSelf(to), 'the driver answers our own requests');
    const p = this.#state.peers.find(to);
    if (p !== undefined && this.#state.peers.is(p, LINKED))
      return this.#direct.request(call, p, service, body, timeoutMs, now);
    if (body.length <= ROUTED_BYTES_MAX) return this.#router.request(call, to, service, body, timeoutMs, now);
    this.#state.emit({ type: 'complete', call, outcome: { kind: 'failure', code: 'unreachable' } });
  }

  #onLeave(from: PeerIndex, { nodes }: MessageOf<'leave'>, now: number): void {
    this.#links.close(from, 'left', 'left', now);
    for (const nodeId of nodes) {
      const known = this.#state.peers.find(nodeId);
      if (known !== undefined && this.#state.peers.is(known, CHECKED)) this.#dials.want(known, now);
    }
  }

  #sendFailed(p: PeerIndex, message: OverlayMessage, lost: boolean, now: number): void {
    if (lost) return this.#links.down(p, 'lost', now);
    switch (message.type) {
      case 'lookup':
      case 'routed-request':
      case 'join':
        return this.#router.sendFailed(p, message, now);
      case 'request':
        return this.#direct.sendFailed(message);
      default:
        return;
    }
  }

  /** After a link went, whoever's message was on it. */
  #lost(p: PeerIndex, wasAdjacent: boolean, now: number): void {
    const nodeId = this.#state.peers.nodeId(p);
    this.#direct.linkLost(p);
    this.#router.linkLost(p, now);
    this.#exchange.repairRow(now);
    if (!this.#state.leafSet.wouldEnter(nodeId)) return;
    this.#exchange.repair(this.#state.leafSet.sideOf(nodeId), now);
    if (wasAdjacent) this.#exchange.tellGone(nodeId, now);
  }

  #leave(): void {
    const { peers } = this.#state;
    for (const p of peers.linked) {
      const nodes = this.#state.nearest(peers.nodeId(p)).map((near) => peers.nodeId(near));
      this.#state.send(p, { type: 'leave', nodes: nodes.slice(0, LEAF_SET_SIZE) });
    }
    this.#dials.stop();
    this.#router.stop();
    this.#direct.stop();
    this.#state.phase = 'left';
  }

  #afterLeaving(event: OverlayMachineEvent): readonly OverlayEffect[] {
    if (
      event.type !== 'lookup' &&
      event.type !== 'request' &&
      event.type !== 'ask' &&
      event.type !== 'connect'
    )
      return [];
    const outcome: CallOutcome = { kind: 'failure', code: 'stopped' };
    return [{ type: 'complete', call: event.call, outcome }];
  }

  #tick(now: number): void {
    if (now > this.#timerAt + SLEPT_MS) this.#membership.wake(now);
    this.#liveness.tick(now);
    this.#dials.tick(now);
    this.#direct.tick(now);
    this.#router.tick(now);
    this.#exchange.tick(now);
    if (!this.#state.ready) this.#membership.tick(now);
  }

  /** What follows from the event, whichever it was. */
  #settle(now: number): void {
    const state = this.#state;
    if (state.phase === 'left') return;
    // Who is ready stays so while no link comes or goes.
    if (!state.ready || state.linksChanged) this.#membership.settle(now);
    if (state.routesChanged) {
      state.routesChanged = false;
      this.#router.retryHeld(now);
    }
    if (state.peers.linked.length > state.linksMax) this.#budget.trim(now);
    if (state.dialsChanged) this.#dials.next(now);
    if (state.linksChanged) this.#tellChanges();
  }

  #tellChanges(): void {
    const members = this.#state.leafSet.members();
    if (members !== this.#toldMembers) {
      const ids = members.map((p) => this.#state.peers.nodeId(p));
      const added = missingFrom(this.#toldIds, ids);
      const removed = missingFrom(ids, this.#toldIds);
      this.#toldMembers = members;
      this.#toldIds = ids;
      for (const nodeId of added) this.#exchange.tellNewMember(nodeId);
      if (added.length + removed.length > 0)
        this.#state.emit({ type: 'event', event: { type: 'leaf-set', added, removed } });
    }
    const links = this.#state.takeLinkChanges();
    if (links) this.#state.emit({ type: 'event', event: { type: 'links', ...links } });
  }

  #setTimer(fired: boolean): void {
    const deadline = this.#state.takeDeadline();
    if (!fired && deadline >= this.#timerAt) return;
    this.#timerAt = deadline;
    if (deadline < Infinity) this.#state.emit({ type: 'set-timer', at: deadline });
  }

  #withPeer(nodeId: NodeId, action: (p: PeerIndex) => void): void {
    const p = this.#state.peers.find(nodeId);
    if (p !== undefined) action(p);
  }
}

/** Those of `nodes` that are not in `list`. */
function missingFrom(list: readonly NodeId[], nodes: readonly NodeId[]): readonly NodeId[] {
  return nodes.filter((nodeId) => !list.some((other) => other === nodeId || equalBytes(other, nodeId)));
}
