/**
 * Recursive prefix routing over open links, replies back along the path. Rowstron & Druschel 2001, §2.2; per-hop
 * acknowledgements and re-routing after Castro, Costa & Rowstron (DSN 2004), §3.2.
 */
import type { Bytes } from '../codec/bytes.ts';
import { idText, sharedDigits, type NodeId } from '../codec/id.ts';
import { CONTACTS_MAX, ROUTED_BYTES_MAX } from '../codec/limits.ts';
import { toWire, type Contact, type Introduction } from './contact.ts';
import { LEAF_SET_SIZE, sortedByDistance } from './leaf-set.ts';
import type { CallId, CallOutcome, Delivery, OverlayMachineEvent } from './machine-events.ts';
import type { MachineState } from './machine-state.ts';
import { HOPS_MAX, REQUEST_ID_BYTES } from './messages.ts';
import type { MessageOf, ReplyOutcome, ReturnMessage, RoutedMessage, ServiceAnswer } from './messages.ts';
import { nextHop, type OnItsWay } from './next-hop.ts';
import type { Peer } from './peers.ts';
import { addContacts } from './share.ts';

/** Requests that a node sees to at once, finished ones that it remembers against duplicates included. */
export const PENDING_MAX = 1024;
/** Bodies that it keeps for them. */
export const PENDING_BYTES_MAX = 8 * 1024 * 1024;
/** How long a finished request is remembered. */
const DONE_MS = 10_000;
/** Neighbours that get the reply when one request reached us on several paths. */
const PREVIOUS_MAX = 3;
/** A hop must acknowledge within four round trips, but at least and at most: */
const ACK_MS_MIN = 800;
const ACK_MS_MAX = 3_000;
const ACK_MS_UNMEASURED = 2_000;

/** `held`: no way on just now; `sent`: not acknowledged; `taken`: the next hop sees to it; `delivered`: our service has it. */
type PendingState = 'held' | 'sent' | 'taken' | 'delivered' | 'done';

interface Pending extends OnItsWay {
  readonly message: RoutedMessage;
  readonly name: string;
  /** The joining node of a join. */
  readonly joiner: Contact | undefined;
  readonly call: CallId | undefined;
  /** Where the reply goes; empty when the request is ours. */
  readonly previous: NodeId[];
  /** Names of those from whom a reply is accepted. */
  readonly sentTo: Set<string>;
  readonly refusedBy: Set<string>;
  readonly bytes: number;
  state: PendingState;
  next: string | undefined;
  ackDue: number;
  expires: number;
  reply: ReturnMessage | undefined;
}

const toNode = { type: 'routed-request', at: 'node', constrained: false } as const;

type AskEvent = Extract<OverlayMachineEvent, { readonly type: 'ask' }>;

export class Router {
  readonly #state: MachineState;
  /** Called when a hop did not acknowledge. */
  readonly #suspect: (peer: Peer, now: number) => void;
  readonly #pending = new Map<string, Pending>();
  #bytes = 0;

  constructor(state: MachineState, suspect: (peer: Peer, now: number) => void) {
    this.#state = state;
    this.#suspect = suspect;
  }

  get size(): number {
    return this.#pending.size;
  }

  lookup(call: CallId, target: NodeId, timeoutMs: number, now: number): void {
    const id = this.#state.random.bytes(REQUEST_ID_BYTES);
    this.#begin(call, { type: 'lookup', id, target, hops: [], timeoutMs }, now);
  }

  request(call: CallId, target: NodeId, service: string, body: Bytes, timeoutMs: number, now: number): void {
    const id = this.#state.random.bytes(REQUEST_ID_BYTES);
    this.#begin(call, { ...toNode, id, target, hops: [], timeoutMs, service, body }, now);
  }

  ask({ call, key, service, body, timeoutMs, via, constrained }: AskEvent, now: number): void {
    const id = this.#state.random.bytes(REQUEST_ID_BYTES);
    const how = { type: 'routed-request', at: 'root', constrained } as const;
    const pending = this.#add(
      { ...how, id, target: key, hops: [], timeoutMs, service, body },
      undefined,
      call,
      now,
    );
    if (via === undefined) return this.#proceed(pending, now);
    const first = this.#state.peers.get(via);
    if (first?.link) return this.#forward(pending, first, now);
    this.#answer(pending, { kind: 'failure', code: 'no-route' }, now);
  }

  onRouted(from: Peer, message: RoutedMessage, contacts: readonly Introduction[], now: number): void {
    const refusal = this.#refusalOf(from, message, contacts);
    if (refusal !== undefined) {
      this.#state.refuse('bad-route', refusal);
      return this.#ack(from, message.id, false);
    }
    const known = this.#pending.get(idText(message.id));
    if (known) return this.#again(known, from, message);
    if (message.hops.some((hop) => this.#state.isSelf(hop)) || !this.#makeRoom(sizeOf(message)))
      return this.#ack(from, message.id, false);
    const pending = this.#add(message, contacts[0]?.contact, undefined, now);
    pending.previous.push(from.nodeId);
    this.#proceed(pending, now);
    // A reply says that the message was taken; only without one an acknowledgement is worth its bytes.
    if (pending.reply === undefined) this.#ack(from, message.id, true);
  }

  onAck(from: Peer, { id, taken }: MessageOf<'ack'>, now: number): void {
    const pending = this.#pending.get(idText(id));
    if (pending?.state !== 'sent' || pending.next !== from.name) return;
    if (taken) pending.state = 'taken';
    else this.#avoid(pending, from, now);
  }

  onReturn(from: Peer, message: ReturnMessage, contacts: readonly Introduction[], now: number): void {
    const pending = this.#pending.get(idText(message.id));
    if (pending === undefined || pending.state === 'done') return;
    const fits = (message.type === 'joined') === (pending.message.type === 'join');
    if (!pending.sentTo.has(from.name) || (!fits && !isNoRoute(message)))
      return this.#state.refuse(
        'unexpected-reply',
        'a reply from a node that was not asked, or of another kind',
      );
    if (isNoRoute(message)) {
      if (pending.next === from.name) this.#avoid(pending, from, now);
      return;
    }
    if (message.type === 'reply') return this.#finish(pending, message, now);
    this.#finish(pending, this.#joined(pending, contacts, message.hopCount), now);
  }

  /** A service of ours has answered a routed request. */
  respond(delivery: Delivery, answer: ServiceAnswer, now: number): void {
    const pending = this.#pending.get(idText(delivery.id));
    if (pending?.state !== 'delivered') return;
    const tooLarge = answer.kind === 'response' && answer.body.length > ROUTED_BYTES_MAX;
    this.#answer(pending, tooLarge ? { kind: 'failure', code: 'too-large' } : answer, now);
  }

  /** What went to this node looks for another way. */
  linkLost(peer: Peer, now: number): void {
    for (const pending of [...this.#pending.values()])
      if (pending.next === peer.name && isUnderWay(pending)) this.#proceed(pending, now);
  }

  /** The network did not take a message. */
  sendFailed(peer: Peer, message: RoutedMessage, now: number): void {
    const pending = this.#pending.get(idText(message.id));
    if (pending?.state === 'sent' && pending.next === peer.name) this.#avoid(pending, peer, now);
  }

  /** Links, suspicions or readiness changed: what is held may find its way. */
  retryHeld(now: number): void {
    for (const pending of [...this.#pending.values()])
      if (pending.state === 'held') this.#proceed(pending, now);
  }

  /** Time-outs. */
  tick(now: number): void {
    for (const pending of [...this.#pending.values()]) {
      if (pending.expires <= now) this.#expire(pending);
      else if (pending.state === 'sent' && pending.ackDue <= now) this.#unacknowledged(pending, now);
      this.#schedule(pending);
    }
  }

  /** Ends all calls of ours. */
  stop(): void {
    for (const { call } of this.#pending.values())
      if (call !== undefined) this.#complete(call, { kind: 'failure', code: 'stopped' });
    this.#pending.clear();
  }

  #begin(call: CallId, message: RoutedMessage, now: number): void {
    this.#proceed(this.#add(message, undefined, call, now), now);
  }

  #add(message: RoutedMessage, joiner: Contact | undefined, call: CallId | undefined, now: number): Pending {
    const pending: Pending = {
      name: idText(message.id),
      message,
      joiner,
      call,
      previous: [],
      sentTo: new Set(),
      refusedBy: new Set(),
      bytes: sizeOf(message),
      state: 'held',
      next: undefined,
      ackDue: Infinity,
      expires: now + message.timeoutMs,
      reply: undefined,
    };
    this.#pending.set(pending.name, pending);
    this.#bytes += pending.bytes;
    this.#schedule(pending);
    return pending;
  }

  #remove(pending: Pending): void {
    if (this.#pending.delete(pending.name)) this.#bytes -= pending.bytes;
  }

  /** Finished requests give way to new ones. */
  #makeRoom(bytes: number): boolean {
    const fits = (): boolean => this.#pending.size < PENDING_MAX && this.#bytes + bytes <= PENDING_BYTES_MAX;
    for (const pending of fits() ? [] : [...this.#pending.values()]) {
      if (fits()) break;
      if (pending.state === 'done') this.#remove(pending);
    }
    if (fits()) return true;
    this.#state.refuse('busy', 'more requests at once than this node routes');
    return false;
  }

  #schedule(pending: Pending): void {
    if (!this.#pending.has(pending.name)) return;
    this.#state.due(pending.expires);
    if (pending.state === 'sent') this.#state.due(pending.ackDue);
  }

  #refusalOf(from: Peer, message: RoutedMessage, contacts: readonly Introduction[]): string | undefined {
    const last = message.hops.at(-1);
    if (last === undefined || idText(last) !== from.name)
      return 'a routed message that does not name its sender';
    if (message.type !== 'join') return undefined;
    const joiner = contacts[0];
    if (joiner === undefined || idText(joiner.contact.nodeId) !== idText(message.target))
      return 'a join without a good certificate of the joining node';
    return undefined;
  }

  /** The same request on another path: it is not done twice, but the reply goes there too. */
  #again(known: Pending, from: Peer, message: RoutedMessage): void {
    if (known.call !== undefined || message.hops.some((hop) => this.#state.isSelf(hop)))
      return this.#ack(from, message.id, false);
    if (known.previous.length < PREVIOUS_MAX && !known.previous.some((id) => idText(id) === from.name))
      known.previous.push(from.nodeId);
    if (known.reply) this.#state.send(from, known.reply);
    else this.#ack(from, message.id, true);
  }

  #ack(to: Peer, id: Bytes, taken: boolean): void {
    this.#state.send(to, { type: 'ack', id, taken });
  }

  #avoid(pending: Pending, peer: Peer, now: number): void {
    pending.refusedBy.add(peer.name);
    this.#proceed(pending, now);
  }

  #unacknowledged(pending: Pending, now: number): void {
    const silent = pending.next === undefined ? undefined : this.#peer(pending.next);
    if (silent) this.#suspect(silent, now);
    this.#proceed(pending, now);
  }

  #peer(name: string): Peer | undefined {
    for (const peer of this.#state.peers.linked()) if (peer.name === name) return peer;
    return undefined;
  }

  #proceed(pending: Pending, now: number): void {
    const hop = nextHop(this.#state, pending, now);
    pending.next = undefined;
    switch (hop.kind) {
      case 'here':
        return this.#arrive(pending, now);
      case 'forward':
        return this.#forward(pending, hop.peer, now);
      case 'wait':
        pending.state = 'held';
        return;
      case 'none':
        return this.#answer(pending, { kind: 'failure', code: 'no-route' }, now);
    }
  }

  #forward(pending: Pending, peer: Peer, now: number): void {
    const { message } = pending;
    if (message.hops.length >= HOPS_MAX)
      return this.#answer(pending, { kind: 'failure', code: 'no-route' }, now);
    pending.state = 'sent';
    pending.next = peer.name;
    pending.sentTo.add(peer.name);
    pending.ackDue = now + ackMs(peer);
    this.#schedule(pending);
    this.#state.send(peer, { ...message, hops: [...message.hops, this.#state.self.nodeId] });
  }

  /** We are the root of the target. */
  #arrive(pending: Pending, now: number): void {
    const { message } = pending;
    if (message.type === 'join') {
      const root = this.#joined(pending, [], message.hops.length);
      return this.#finish(pending, root, now);
    }
    const isOurs = this.#state.isSelf(message.target);
    if (message.type === 'routed-request' && isOurs) return this.#deliver(pending, message);
    if (!this.#state.ready) {
      pending.state = 'held';
      return;
    }
    if (message.type === 'routed-request' && message.at === 'root') return this.#deliver(pending, message);
    if (message.type === 'routed-request')
      return this.#answer(pending, { kind: 'failure', code: 'unreachable' }, now);
    const near = sortedByDistance(message.target, [this.#state.self, ...this.#state.leafSet.members()]);
    const nearest = near.slice(0, LEAF_SET_SIZE + 1).map(({ nodeId }) => nodeId);
    this.#answer(pending, { kind: 'root', nearest }, now);
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
      this.#remove(pending);
      if (reply.type === 'reply') this.#complete(pending.call, outcomeOf(reply));
      return;
    }
    pending.state = 'done';
    pending.reply = reply;
    pending.expires = Math.min(pending.expires, now + DONE_MS);
    for (const nodeId of pending.previous) {
      const peer = this.#state.peers.get(nodeId);
      if (peer) this.#state.send(peer, reply);
    }
  }

  #complete(call: CallId, outcome: CallOutcome): void {
    this.#state.emit({ type: 'complete', call, outcome });
  }

  #expire(pending: Pending): void {
    this.#remove(pending);
    if (pending.call === undefined) return;
    const code = this.#state.ready ? 'timeout' : 'not-ready';
    this.#complete(pending.call, { kind: 'failure', code });
  }

  /** The answer to a join: at the root itself and its leaf set; each node on the way back adds rows (§2.4). */
  #joined(pending: Pending, contacts: readonly Introduction[], hopCount: number): MessageOf<'joined'> {
    const { id, target } = pending.message;
    const { self, leafSet, table } = this.#state;
    const gathered: Introduction[] = [...contacts];
    const add = (peers: Iterable<Peer>): void =>
      addContacts(gathered, peers, target, self.nodeId, CONTACTS_MAX);
    const named = contacts.some(({ contact }) => this.#state.isSelf(contact.nodeId));
    if (!named && gathered.length < CONTACTS_MAX) gathered.push({ contact: self, via: [] });
    if (contacts.length === 0) add(leafSet.members());
    const rowMax = sharedDigits(self.nodeId, target);
    for (let row = Math.min(rowMax, table.rowCount - 1); row >= 0; row--) add(table.row(row));
    return {
      type: 'joined',
      id,
      hopCount,
      contacts: gathered.map(({ contact, via }) => toWire(contact, via)),
    };
  }
}

function ackMs(peer: Peer): number {
  if (peer.rttMs === Infinity) return ACK_MS_UNMEASURED;
  return Math.min(ACK_MS_MAX, Math.max(ACK_MS_MIN, 4 * peer.rttMs));
}

function isUnderWay(pending: Pending): boolean {
  return pending.state === 'sent' || pending.state === 'taken';
}

function isNoRoute(message: ReturnMessage): boolean {
  return (
    message.type === 'reply' && message.outcome.kind === 'failure' && message.outcome.code === 'no-route'
  );
}

function sizeOf(message: RoutedMessage): number {
  return message.type === 'routed-request' ? message.body.length : 0;
}

function outcomeOf({ outcome, hopCount }: MessageOf<'reply'>): CallOutcome {
  return outcome.kind === 'root' ? { ...outcome, hopCount } : outcome;
}
