/**
 * Recursive prefix routing over open links, replies back along the path. Rowstron & Druschel 2001, §2.2; per-hop
 * acknowledgements and re-routing after Castro, Costa & Rowstron (DSN 2004), §3.2. The origin repeats its request, so that a
 * reply that was lost is said again by whoever has it.
 */
import { equalBytes, type Bytes } from '../codec/bytes.ts';
import type { NodeId } from '../codec/id.ts';
import { ROUTED_BYTES_MAX } from '../codec/limits.ts';
import { ACK_WAIT_MS, isRootsReply, repliesSoon } from './acknowledgement.ts';
import type { Contact, Introduction } from './contact.ts';
import type { Dials } from './dials.ts';
import { joinAnswer } from './join-answer.ts';
import { LEAF_SET_SIZE, sortedByDistance } from './leaf-set.ts';
import type { Liveness } from './liveness.ts';
import type { CallId, CallOutcome, Delivery, OverlayMachineEvent } from './machine-events.ts';
import type { MachineState } from './machine-state.ts';
import { HOPS_MAX, REQUEST_ID_BYTES } from './messages.ts';
import type { MessageOf, ReplyOutcome, ReturnMessage, RoutedMessage, ServiceAnswer } from './messages.ts';
import { HERE, nextHop, NONE, WAIT } from './next-hop.ts';
import { isNoRoute, outcomeOf } from './outcomes.ts';
import type { PeerIndex } from './peer-table.ts';
import { bodyBytes, PendingTable, type Pending } from './pending.ts';
import { includes, isForRoot } from './route-messages.ts';

/** Neighbours that get the reply when one request reached us on several paths. */
const PREVIOUS_MAX = 3;
/** How long a message waits for a dial that makes its way shorter. */
export const DETOUR_MS = 1_500;
/** The origin sends its request again after this long without a reply. */
export const REPEAT_MS = 2_500;
/** Each time that nobody acknowledged, the next wait is twice as long (RFC 6298, §5.5), but for: */
const BACKOFFS_MAX = 4;
/** A hop passes a repeated request on when it did so last this long ago. */
const REPEAT_MS_MIN = 500;

type AskEvent = Extract<OverlayMachineEvent, { readonly type: 'ask' }>;
const toNode = { type: 'routed-request', at: 'node', constrained: false } as const;

export class Router {
  readonly #state: MachineState;
  readonly #dials: Dials;
  readonly #liveness: Liveness;
  readonly #table = new PendingTable();
  /** Nothing is due before. */
  #dueAt = Infinity;

  constructor(state: MachineState, dials: Dials, liveness: Liveness) {
    this.#state = state;
    this.#dials = dials;
    this.#liveness = liveness;
  }

  get size(): number {
    return this.#table.size;
  }

  lookup(call: CallId, target: NodeId, timeoutMs: number, now: number): void {
    this.#begin(call, { type: 'lookup', id: this.#freshId(), target, hops: [], timeoutMs }, undefined, now);
  }

  request(call: CallId, target: NodeId, service: string, body: Bytes, timeoutMs: number, now: number): void {
    const message = { ...toNode, id: this.#freshId(), target, hops: [], timeoutMs, service, body };
    this.#begin(call, message, undefined, now);
  }

  ask({ call, key, service, body, timeoutMs, via, constrained }: AskEvent, now: number): void {
    const how = { type: 'routed-request', at: 'root', constrained } as const;
    const message = { ...how, id: this.#freshId(), target: key, hops: [], timeoutMs, service, body };
    this.#begin(call, message, via, now);
  }

  /** `known`: the answer of the root, if this node can give it. */
  onRouted(
    from: PeerIndex,
    message: RoutedMessage,
    contacts: readonly Introduction[],
    known: Bytes | undefined,
    now: number,
  ): void {
    const refusal = this.#refusalOf(from, message, contacts);
    if (refusal !== undefined) {
      this.#state.refuse('bad-route', refusal);
      return this.#ack(from, message.id, false);
    }
    const reply = this.#table.replyTo(message.id);
    if (reply) return this.#state.send(from, reply);
    const earlier = this.#table.get(message.id);
    if (earlier) return this.#again(earlier, from, message, now);
    const neighbour = this.#state.peers.nodeId(from);
    if (this.#passedUs(message)) return this.#ack(from, message.id, false);
    if (!this.#table.makeRoom(message.id, bodyBytes(message), neighbour)) {
      this.#state.refuse('busy', 'more requests at once than this node routes');
      return this.#ack(from, message.id, false);
    }
    const pending = this.#add(message, contacts[0]?.contact, undefined, now);
    pending.previous.push(neighbour);
    if (known === undefined) this.#proceed(pending, now);
    else this.#answer(pending, { kind: 'response', body: known }, now);
    // A reply says that the message was taken; only without one an acknowledgement is worth its bytes.
    if (!this.#table.has(pending)) return;
    if (!repliesSoon(this.#state, pending, from)) return this.#ack(from, message.id, true);
    pending.ackAt = now + ACK_WAIT_MS;
    this.#schedule(pending);
  }

  onAck(from: PeerIndex, { id, taken }: MessageOf<'ack'>, now: number): void {
    const pending = this.#table.get(id);
    if (pending?.state !== 'sent' || pending.next !== from) return;
    this.#measure(pending, from, now);
    if (taken) pending.state = 'taken';
    else this.#avoid(pending, from, now);
  }

  onReturn(from: PeerIndex, message: ReturnMessage, contacts: readonly Introduction[], now: number): void {
    const pending = this.#table.get(message.id);
    if (pending === undefined) return;
    const fits = (message.type === 'joined') === (pending.message.type === 'join');
    const asked = includes(pending.sentTo, this.#state.peers.nodeId(from));
    if (!asked || (!fits && !isNoRoute(message)))
      return this.#state.refuse(
        'unexpected-reply',
        'a reply from a node that was not asked, or of another kind',
      );
    if (isNoRoute(message)) {
      if (pending.next === from) this.#avoid(pending, from, now);
      return;
    }
    if (isRootsReply(message, pending)) this.#measure(pending, from, now);
    if (message.type === 'reply') {
      this.#passed(pending, message);
      return this.#finish(pending, message, now);
    }
    const { id, target } = pending.message;
    this.#finish(pending, joinAnswer(this.#state, id, target, contacts, message.hopCount), now);
  }

  #passed({ call, message }: Pending, { outcome }: MessageOf<'reply'>): void {
    if (call !== undefined || outcome.kind !== 'response' || !isForRoot(message)) return;
    const { service, target: key } = message;
    this.#state.emit({ type: 'passed', service, key, body: outcome.body });
  }

  /** A service of ours has answered a routed request. */
  respond(delivery: Delivery, answer: ServiceAnswer, now: number): void {
    const pending = this.#table.get(delivery.id);
    if (pending?.state !== 'delivered') return;
    const tooLarge = answer.kind === 'response' && answer.body.length > ROUTED_BYTES_MAX;
    this.#answer(pending, tooLarge ? { kind: 'failure', code: 'too-large' } : answer, now);
  }

  /** What went to this node looks for another way. */
  linkLost(p: PeerIndex, now: number): void {
    for (const pending of this.#table.all())
      if (pending.next === p && (pending.state === 'sent' || pending.state === 'taken'))
        this.#proceed(pending, now);
  }

  /** The network did not take a message. */
  sendFailed(p: PeerIndex, message: RoutedMessage, now: number): void {
    const pending = this.#table.get(message.id);
    if (pending?.state === 'sent' && pending.next === p) this.#avoid(pending, p, now);
  }

  /** Links, suspicions or readiness changed: what is held may find its way. */
  retryHeld(now: number): void {
    for (const pending of this.#table.all()) if (pending.state === 'held') this.#proceed(pending, now);
  }

  /** Time-outs. */
  tick(now: number): void {
    if (now >= this.#dueAt) {
      this.#dueAt = Infinity;
      for (const pending of this.#table.all()) this.#check(pending, now);
      this.#dueAt = Math.min(this.#dueAt, this.#table.tidy(now));
    }
    this.#state.due(this.#dueAt);
  }

  /** Ends all calls of ours. */
  stop(): void {
    for (const { call } of this.#table.all())
      if (call !== undefined) this.#complete(call, { kind: 'failure', code: 'stopped' });
    this.#table.clear();
  }

  #freshId(): Bytes {
    return this.#state.random.bytes(REQUEST_ID_BYTES);
  }

  #begin(call: CallId, message: RoutedMessage, via: NodeId | undefined, now: number): void {
    if (!this.#table.makeRoom(message.id, bodyBytes(message), undefined))
      return this.#complete(call, { kind: 'failure', code: 'no-route' });
    const pending = this.#add(message, undefined, call, now);
    if (via === undefined) return this.#proceed(pending, now);
    const first = this.#state.peers.find(via);
    if (first !== undefined && this.#forward(pending, first, now)) return;
    this.#answer(pending, { kind: 'failure', code: 'no-route' }, now);
  }

  #add(message: RoutedMessage, joiner: Contact | undefined, call: CallId | undefined, now: number): Pending {
    const pending: Pending = {
      message,
      joiner,
      call,
      constrained: message.type === 'routed-request' && message.constrained,
      previous: [],
      sentTo: [],
      refusedBy: [],
      detours: false,
      state: 'held',
      next: undefined,
      attempts: 1,
      sends: 0,
      sentAt: now,
      ackDue: Infinity,
      ackAt: Infinity,
      retryDue: call === undefined ? Infinity : now + REPEAT_MS,
      expires: now + message.timeoutMs,
    };
    this.#table.add(pending);
    this.#schedule(pending);
    return pending;
  }

  #schedule({ expires, state, ackDue, ackAt, retryDue }: Pending): void {
    const due = Math.min(expires, retryDue, ackAt, state === 'sent' ? ackDue : Infinity);
    if (due >= this.#dueAt) return;
    this.#dueAt = due;
    this.#state.due(due);
  }

  #check(pending: Pending, now: number): void {
    if (pending.expires <= now) return this.#expire(pending);
    if (pending.ackAt <= now) this.#ackLate(pending);
    if (pending.retryDue <= now) this.#repeat(pending, now);
    else if (pending.state === 'sent' && pending.ackDue <= now) this.#unacknowledged(pending, now);
    if (this.#table.has(pending)) this.#schedule(pending);
  }

  /** A dial took too long, or no reply came: the second time the request goes round who had it before. */
  #repeat(pending: Pending, now: number): void {
    if (pending.state === 'held' && !pending.detours) {
      pending.detours = true;
      pending.retryDue = pending.call === undefined ? Infinity : now + REPEAT_MS;
      return this.#proceed(pending, now);
    }
    pending.retryDue = pending.call === undefined ? Infinity : now + REPEAT_MS;
    if (pending.state === 'delivered') return;
    pending.attempts++;
    const had = pending.attempts > 2 && pending.attempts % 2 === 1 ? pending.next : undefined;
    pending.refusedBy = had === undefined ? [] : [this.#state.peers.nodeId(had)];
    this.#proceed(pending, now);
  }

  #refusalOf(from: PeerIndex, message: RoutedMessage, contacts: readonly Introduction[]): string | undefined {
    const last = message.hops.at(-1);
    if (last === undefined || !equalBytes(last, this.#state.peers.nodeId(from)))
      return 'a routed message that does not name its sender';
    if (message.type !== 'join') return undefined;
    const joiner = contacts[0];
    if (joiner === undefined || !equalBytes(joiner.contact.nodeId, message.target))
      return 'a join without a good certificate of the joining node';
    return undefined;
  }

  #passedUs({ hops }: RoutedMessage): boolean {
    return hops.some((hop) => this.#state.isSelf(hop));
  }

  /** The same request again, or on another path: it is not done twice, but the reply goes there too. */
  #again(known: Pending, from: PeerIndex, message: RoutedMessage, now: number): void {
    if (known.call !== undefined || this.#passedUs(message)) return this.#ack(from, message.id, false);
    const neighbour = this.#state.peers.nodeId(from);
    const repeated = includes(known.previous, neighbour);
    if (!repeated && known.previous.length < PREVIOUS_MAX) known.previous.push(neighbour);
    this.#ack(from, message.id, true);
    if (repeated && known.state === 'taken' && known.sentAt + REPEAT_MS_MIN <= now) {
      known.attempts++;
      this.#proceed(known, now);
    }
  }

  #ack(to: PeerIndex, id: Bytes, taken: boolean): void {
    this.#state.send(to, { type: 'ack', id, taken });
  }

  /** The reply was not as quick as it seemed. */
  #ackLate(pending: Pending): void {
    pending.ackAt = Infinity;
    const p = this.#state.peers.find(pending.previous[0]!);
    if (p !== undefined) this.#ack(p, pending.message.id, true);
  }

  /** Of a message that was sent twice nobody knows which one is answered (Karn's algorithm). */
  #measure({ state, next, sends, sentAt }: Pending, from: PeerIndex, now: number): void {
    if (state === 'sent' && next === from && sends === 1) this.#state.peers.measured(from, now - sentAt);
  }

  #avoid(pending: Pending, p: PeerIndex, now: number): void {
    pending.refusedBy = [...pending.refusedBy, this.#state.peers.nodeId(p)].slice(-HOPS_MAX);
    this.#proceed(pending, now);
  }

  #unacknowledged(pending: Pending, now: number): void {
    if (pending.next !== undefined) this.#liveness.suspect(pending.next, now);
    this.#proceed(pending, now);
  }

  #proceed(pending: Pending, now: number): void {
    const hop = nextHop(this.#state, this.#dials, pending, now);
    pending.next = undefined;
    if (hop === HERE) return this.#arrive(pending, now);
    if (hop === WAIT) return this.#hold(pending, now);
    if (hop !== NONE && this.#forward(pending, hop, now)) return;
    // Our own request may find a way when links change, or when it is sent again.
    if (pending.call !== undefined && this.#state.peers.linked.length > 0) return this.#hold(pending, now);
    this.#answer(pending, { kind: 'failure', code: 'no-route' }, now);
  }

  #hold(pending: Pending, now: number): void {
    pending.state = 'held';
    if (pending.detours) return;
    pending.retryDue = Math.min(pending.retryDue, now + DETOUR_MS);
    this.#schedule(pending);
  }

  /** Whether it could be sent. */
  #forward(pending: Pending, p: PeerIndex, now: number): boolean {
    const { message, sentTo } = pending;
    const { peers, self } = this.#state;
    if (message.hops.length >= HOPS_MAX) return false;
    const nodeId = peers.nodeId(p);
    if (!includes(sentTo, nodeId)) sentTo.push(nodeId);
    pending.state = 'sent';
    pending.next = p;
    pending.sentAt = now;
    pending.ackDue = now + peers.timeoutMs(p) * 2 ** Math.min(pending.sends++, BACKOFFS_MAX);
    this.#schedule(pending);
    this.#state.send(p, { ...message, hops: [...message.hops, self.nodeId] });
    return true;
  }

  /** We are the root of the target. */
  #arrive(pending: Pending, now: number): void {
    const { message } = pending;
    if (message.type === 'join') {
      const { id, target, hops } = message;
      return this.#finish(pending, joinAnswer(this.#state, id, target, [], hops.length), now);
    }
    const isOurs = this.#state.isSelf(message.target);
    if (message.type === 'routed-request' && isOurs) return this.#deliver(pending, message);
    if (!this.#state.ready) {
      pending.state = 'held';
      pending.detours = true;
      return;
    }
    if (message.type === 'routed-request' && message.at === 'root') return this.#deliver(pending, message);
    if (message.type === 'routed-request')
      return this.#answer(pending, { kind: 'failure', code: 'unreachable' }, now);
    this.#answer(pending, { kind: 'root', nearest: this.#nearest(message.target) }, now);
  }

  /** We and our leaf set, closest to the target first. */
  #nearest(target: NodeId): NodeId[] {
    const { peers, self, leafSet } = this.#state;
    const members = leafSet.members().map((p) => peers.contact(p));
    return sortedByDistance(target, [self, ...members])
      .slice(0, LEAF_SET_SIZE + 1)
      .map(({ nodeId }) => nodeId);
  }

  #deliver(pending: Pending, message: MessageOf<'routed-request'>): void {
    const { nodeId } = this.#state.self;
    const [neighbour, from] = [pending.previous[0] ?? nodeId, message.hops[0] ?? nodeId];
    pending.state = 'delivered';
    const delivery: Delivery = { id: message.id, neighbour, path: 'routed' };
    this.#state.emit({ type: 'deliver', delivery, service: message.service, body: message.body, from });
  }

  #answer(pending: Pending, outcome: ReplyOutcome, now: number): void {
    const { id, hops } = pending.message;
    this.#finish(pending, { type: 'reply', id, hopCount: hops.length, outcome }, now);
  }

  #finish(pending: Pending, reply: ReturnMessage, now: number): void {
    if (pending.call !== undefined) {
      this.#table.remove(pending);
      if (reply.type === 'reply') this.#complete(pending.call, outcomeOf(reply));
      return;
    }
    this.#table.finish(pending, reply, now);
    this.#dueAt = Math.min(this.#dueAt, this.#table.tidy(now));
    this.#state.due(this.#dueAt);
    for (const nodeId of pending.previous) {
      const p = this.#state.peers.find(nodeId);
      if (p !== undefined) this.#state.send(p, reply);
    }
  }

  #complete(call: CallId, outcome: CallOutcome): void {
    this.#state.emit({ type: 'complete', call, outcome });
  }

  #expire(pending: Pending): void {
    this.#table.remove(pending);
    if (pending.call === undefined) return;
    const code = this.#state.ready ? 'timeout' : 'not-ready';
    this.#complete(pending.call, { kind: 'failure', code });
  }
}
