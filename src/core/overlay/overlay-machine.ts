/**
 * Pastry as a step machine (Rowstron & Druschel 2001): events in, effects out, no I/O, the same effects for the same
 * events. The parts: who is linked (links.ts), who knows whom (exchange.ts), whether we are ready (membership.ts), routed
 * messages (router.ts) and requests over a link (direct-requests.ts); they share machine-state.ts.
 */
import { assert, unreachable } from '../codec/assert.ts';
import type { Key, NodeId } from '../codec/id.ts';
import { ROUTED_BYTES_MAX } from '../codec/limits.ts';
import type { Random } from '../crypto/random.ts';
import type { Contact, Introduction } from './contact.ts';
import { DirectRequests } from './direct-requests.ts';
import { Exchange } from './exchange.ts';
import { sortedByDistance } from './leaf-set.ts';
import { Links } from './links.ts';
import { Membership } from './membership.ts';
import type { MessageOf, OverlayMessage } from './messages.ts';
import type { CallOutcome, OverlayEffect, OverlayMachineEvent } from './machine-events.ts';
import { laneOfBody, MachineState, type Phase } from './machine-state.ts';
import type { Peer } from './peers.ts';
import { nextHop } from './next-hop.ts';
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
  readonly #links: Links;
  readonly #exchange: Exchange;
  readonly #membership: Membership;
  readonly #router: Router;
  readonly #direct: DirectRequests;
  /** Leaf set as last told to the layers above. */
  #toldMembers: readonly Peer[] = [];
  #timerAt = Infinity;

  constructor(self: Contact, random: Random) {
    this.#state = new MachineState(self, random);
    this.#links = new Links(
      this.#state,
      (peer, now) => this.#lost(peer, now),
      (peer) => this.#direct.isBusy(peer),
    );
    this.#exchange = new Exchange(this.#state, this.#links);
    this.#membership = new Membership(this.#state, this.#links, this.#exchange);
    this.#router = new Router(this.#state, (peer, now) => this.#links.suspect(peer, now));
    this.#direct = new DirectRequests(this.#state, (peer, now) => this.#links.probe(peer, now));
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
    return this.#state.leafSet.members().map(({ contact }) => contact);
  }

  /** Closest linked nodes to the key, ourselves included, closest first. */
  closest(key: Key, count: number): readonly Contact[] {
    const live = [this.#state.self, ...[...this.#state.peers.linked()].map(({ contact }) => contact)];
    return sortedByDistance(key, live).slice(0, count);
  }

  /** The contact of a node whose certificate we have checked. */
  contact(nodeId: NodeId): Contact | undefined {
    if (this.#state.isSelf(nodeId)) return this.#state.self;
    const peer = this.#state.peers.get(nodeId);
    return peer?.checked ? peer.contact : undefined;
  }

  /** What we tell others of ourselves or of a node we are linked with. */
  introduction(nodeId: NodeId): Introduction | undefined {
    if (this.#state.isSelf(nodeId)) return { contact: this.#state.self, via: [] };
    const peer = this.#state.peers.get(nodeId);
    return peer?.link && introduced(peer, this.#state.self.nodeId);
  }

  /** Where a message for this key goes from here. */
  nextHop(key: Key, now: number): Way {
    if (!this.#state.ready) return { kind: 'none' };
    const hop = nextHop(
      this.#state,
      { message: { type: 'lookup', target: key, hops: [] }, refusedBy: new Set() },
      now,
    );
    if (hop.kind === 'forward') return { kind: 'next', nodeId: hop.peer.nodeId };
    return { kind: hop.kind === 'here' ? 'here' : 'none' };
  }

  isLinked(nodeId: NodeId): boolean {
    return this.#state.peers.get(nodeId)?.link !== undefined;
  }

  /** Everybody we know. */
  known(): readonly KnownPeer[] {
    return [...this.#state.peers.all()].map((peer) => ({
      contact: peer.contact,
      inLeafSet: this.#state.leafSet.has(peer.nodeId),
      inTable: this.#state.table.has(peer.nodeId),
      direct: peer.link?.direct,
      rttMs: peer.rttMs === Infinity ? undefined : peer.rttMs,
    }));
  }

  #handle(event: OverlayMachineEvent, now: number): void {
    switch (event.type) {
      case 'start':
        this.#exchange.start(now);
        return this.#membership.start(event.bootstrap, now);
      case 'link-up':
        return this.#exchange.greet(this.#links.up(event.contact, event.direct, now));
      case 'link-down':
        return this.#withPeer(event.nodeId, (peer) => this.#links.down(peer, false, now));
      case 'message':
        return this.#withPeer(event.from, (peer) => {
          if (peer.link) this.#onMessage(peer, event.message, event.contacts, now);
        });
      case 'dial-ended':
        return this.#withPeer(event.nodeId, (peer) => this.#links.dialEnded(peer, now));
      case 'send-failed':
        return this.#withPeer(event.to, (peer) => this.#sendFailed(peer, event.message, event.lost, now));
      case 'timer':
        return this.#tick(now);
      case 'lookup':
        return this.#router.lookup(event.call, event.key, event.timeoutMs, now);
      case 'request':
        return this.#request(event, now);
      case 'ask':
        return this.#router.ask(event, now);
      case 'tell':
        return this.#withPeer(event.to, ({ link }) => {
          const { to, service, body } = event;
          if (link)
            this.#state.emit({
              type: 'send',
              to,
              message: { type: 'tell', service, body },
              lane: laneOfBody(body),
            });
        });
      case 'protect':
        return this.#links.protect(event.nodeId, event.on);
      case 'connect':
        return this.#links.connect(event.call, event.introduction, event.timeoutMs, now);
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

  #onMessage(from: Peer, message: OverlayMessage, contacts: readonly Introduction[], now: number): void {
    this.#links.heard(from, message, now);
    switch (message.type) {
      case 'lookup':
      case 'routed-request':
      case 'join':
        return this.#router.onRouted(from, message, contacts, now);
      case 'ack':
        if (!message.taken) this.#membership.onJoinFailed(message.id, now);
        return this.#router.onAck(from, message, now);
      case 'reply':
        this.#membership.onJoinFailed(message.id, now);
        return this.#router.onReturn(from, message, contacts, now);
      case 'joined':
        if (this.#membership.onJoined(message.id, contacts, now)) return;
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
          from: from.nodeId,
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
    const peer = this.#state.peers.get(to);
    if (peer?.link) return this.#direct.request(call, peer, service, body, timeoutMs, now);
    if (body.length <= ROUTED_BYTES_MAX) return this.#router.request(call, to, service, body, timeoutMs, now);
    this.#state.emit({ type: 'complete', call, outcome: { kind: 'failure', code: 'unreachable' } });
  }

  #onLeave(from: Peer, { nodes }: MessageOf<'leave'>, now: number): void {
    this.#links.close(from, 'left', true, now);
    for (const nodeId of nodes) {
      const known = this.#state.peers.get(nodeId);
      if (known?.checked) this.#links.want(known, now);
    }
  }

  #sendFailed(peer: Peer, message: OverlayMessage, lost: boolean, now: number): void {
    if (lost) return this.#links.down(peer, false, now);
    switch (message.type) {
      case 'lookup':
      case 'routed-request':
      case 'join':
        return this.#router.sendFailed(peer, message, now);
      case 'request':
        return this.#direct.sendFailed(message);
      default:
        return;
    }
  }

  /** After a link went, whoever's message was on it. */
  #lost(peer: Peer, now: number): void {
    this.#direct.linkLost(peer);
    this.#router.linkLost(peer, now);
    this.#exchange.repair(this.#state.leafSet.sideOf(peer.nodeId));
  }

  #leave(): void {
    for (const peer of this.#state.peers.linked()) {
      const nodes = this.#state.nearest(peer.nodeId).map(({ nodeId }) => nodeId);
      this.#state.send(peer, { type: 'leave', nodes });
    }
    this.#links.stop();
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
    this.#links.tick(now);
    this.#direct.tick(now);
    this.#router.tick(now);
    this.#exchange.tick(now);
    this.#membership.tick(now);
  }

  /** What follows from the event, whichever it was. */
  #settle(now: number): void {
    if (this.#state.phase === 'left') return;
    this.#membership.settle(now);
    if (this.#state.routesChanged) {
      this.#state.routesChanged = false;
      this.#router.retryHeld(now);
    }
    this.#links.trim(now);
    this.#links.dialNext(now);
    this.#tellChanges(now);
  }

  #tellChanges(now: number): void {
    const members = this.#state.leafSet.members();
    if (members !== this.#toldMembers) {
      const [before, after] = [new Set(this.#toldMembers), new Set(members)];
      const added = members.filter((peer) => !before.has(peer)).map(({ nodeId }) => nodeId);
      const removed = this.#toldMembers.filter((peer) => !after.has(peer)).map(({ nodeId }) => nodeId);
      this.#toldMembers = members;
      if (added.length + removed.length > 0) {
        this.#state.emit({ type: 'event', event: { type: 'leaf-set', added, removed } });
        this.#exchange.changed(now);
      }
    }
    const { linksUp, linksDown } = this.#state;
    if (linksUp.length + linksDown.length === 0) return;
    this.#state.emit({ type: 'event', event: { type: 'links', up: linksUp, down: linksDown } });
    this.#state.linksUp = [];
    this.#state.linksDown = [];
  }

  #setTimer(fired: boolean): void {
    const deadline = this.#state.takeDeadline();
    if (!fired && deadline >= this.#timerAt) return;
    this.#timerAt = deadline;
    if (deadline < Infinity) this.#state.emit({ type: 'set-timer', at: deadline });
  }

  #withPeer(nodeId: NodeId, action: (peer: Peer) => void): void {
    const peer = this.#state.peers.get(nodeId);
    if (peer) action(peer);
  }
}
