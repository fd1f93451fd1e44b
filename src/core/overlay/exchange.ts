/**
 * Nodes tell each other whom they are linked with, so that leaf sets fill, holes are repaired and rings that met merge
 * (Rowstron & Druschel 2001, §2.4 and §2.6). An intended difference from the paper: a node does not send its own leaf set but
 * those of its linked nodes that are closest to the receiver. For neighbours that holds at least as much, and a node that is linked
 * with members of two rings, as a relay is, makes them known to each other wherever they are.
 */
import { idText, sharedDigits, type NodeId } from '../codec/id.ts';
import { randomBelow } from '../crypto/random.ts';
import { toWire, type Introduction } from './contact.ts';
import { LEAF_SET_SIZE, type Side } from './leaf-set.ts';
import type { Links } from './links.ts';
import type { MachineState } from './machine-state.ts';
import { ASKED_CONTACTS_MAX, type MessageOf } from './messages.ts';
import type { Peer } from './peers.ts';
import { addContacts } from './share.ts';

/** Leaf sets are compared about this often. */
export const EXCHANGE_MS = 25_000;
/** Changes of the leaf set are gathered for this long before they are told. */
const CHANGE_MS = 1_000;
/** Contacts asked for and not yet received. */
const ASKS_MAX = 256;
const ASK_MS = 3_000;

export class Exchange {
  readonly #state: MachineState;
  readonly #links: Links;
  /** By the names of nodes whose contacts we asked for: whom, and until when we wait. */
  readonly #asks = new Map<string, { readonly of: string; readonly until: number }>();
  /** Names of peers whose rows we asked for, until when. */
  readonly #rowAsks = new Map<string, number>();
  #roundAt = Infinity;
  #changeAt = Infinity;

  constructor(state: MachineState, links: Links) {
    this.#state = state;
    this.#links = links;
  }

  start(now: number): void {
    this.#roundAt = now + this.#interval();
    this.#state.due(this.#roundAt);
  }

  /** To a node whose link came up: it does the same. */
  greet(peer: Peer): void {
    this.#announce(peer, false);
  }

  /** All linked nodes are asked for what they know; what they said before does not count any more. */
  askAll(): void {
    for (const peer of this.#state.peers.linked()) {
      peer.link!.announced = false;
      this.#announce(peer, true);
    }
  }

  /** The leaf set changed: its members hear of it soon. */
  changed(now: number): void {
    if (this.#changeAt < Infinity) return;
    this.#changeAt = now + CHANGE_MS;
    this.#state.due(this.#changeAt);
  }

  /** A member of the leaf set is gone: ask the farthest live one on its side whom it knows beyond (§2.4). */
  repair(side: Side): void {
    const farthest = this.#state.leafSet.side(side).at(-1);
    if (farthest) this.#announce(farthest, true);
  }

  onAnnounce(from: Peer, { nodes, wantsReply }: MessageOf<'announce'>, now: number): void {
    if (from.link) from.link.announced = true;
    if (wantsReply) this.#announce(from, false);
    this.consider(from, nodes, now);
  }

  /** `from` says that these nodes are live. Those that we would link with are asked for or dialled. */
  consider(from: Peer, nodes: readonly NodeId[], now: number): void {
    const { peers, leafSet, table } = this.#state;
    const unknown: NodeId[] = [];
    for (const nodeId of nodes) {
      if (this.#state.isSelf(nodeId)) continue;
      const known = peers.get(nodeId);
      if (known?.checked) this.#links.want(known, now);
      else if (leafSet.wouldEnter(nodeId) || table.lacks(nodeId)) unknown.push(nodeId);
    }
    this.#ask(from, unknown, now);
  }

  onAskContacts(from: Peer, { nodes }: MessageOf<'ask-contacts'>): void {
    const known = nodes.flatMap((nodeId) => this.#state.peers.get(nodeId) ?? []);
    this.#sendContacts(from, known);
  }

  onAskRow(from: Peer, { row }: MessageOf<'ask-row'>): void {
    this.#sendContacts(from, this.#state.table.row(row));
  }

  onContacts(from: Peer, contacts: readonly Introduction[], now: number): void {
    const anyone = (this.#rowAsks.get(from.name) ?? -Infinity) >= now;
    this.#rowAsks.delete(from.name);
    const welcome = contacts.filter(({ contact }) => anyone || this.#asks.has(idText(contact.nodeId)));
    // What it did not name it does not know any more.
    for (const [name, { of }] of this.#asks) if (of === from.name) this.#asks.delete(name);
    this.take(welcome, now);
  }

  /** Contacts of nodes that somebody says are live. */
  take(contacts: readonly Introduction[], now: number): void {
    for (const introduction of contacts) {
      if (this.#state.isSelf(introduction.contact.nodeId)) continue;
      const peer = this.#state.peers.learn(introduction);
      if (now >= peer.quarantinedUntil) this.#state.table.add(peer, peer.rttMs);
      this.#state.dialsChanged = true;
      this.#links.want(peer, now);
    }
  }

  /** Whether contacts of possible members of the leaf set are under way. */
  isAsking(now: number): boolean {
    for (const { until } of this.#asks.values()) if (until > now) return true;
    return false;
  }

  tick(now: number): void {
    for (const [name, { until }] of this.#asks) {
      if (until <= now) this.#asks.delete(name);
      else this.#state.due(until);
    }
    if (this.#changeAt <= now) {
      this.#changeAt = Infinity;
      for (const peer of this.#state.leafSet.members()) this.#announce(peer, false);
    }
    if (this.#roundAt <= now) {
      this.#round(now);
      this.#roundAt = now + this.#interval();
    }
    this.#state.due(Math.min(this.#changeAt, this.#roundAt));
  }

  /** Compares with the leaf set, with always-on nodes, with one other; revisits one lost node; asks for one row. */
  #round(now: number): void {
    const { peers, leafSet } = this.#state;
    const others: Peer[] = [];
    for (const peer of peers.linked()) {
      if (peer.remembered) this.#announce(peer, true);
      else if (leafSet.has(peer.nodeId)) this.#announce(peer, false);
      else others.push(peer);
    }
    const other = this.#oneOf(others);
    if (other) this.#announce(other, true);
    this.#revisit(now);
    this.#askRow(now);
  }

  /** After a partition nobody speaks of those on the other side: so now and then we try one that we knew (§2.6). */
  #revisit(now: number): void {
    const lost = [...this.#state.peers.all()].filter(
      (peer) => !peer.link && !peer.remembered && peer.metBefore && peer.dialAfter <= now,
    );
    const peer = this.#oneOf(lost);
    if (peer === undefined) return;
    peer.demanded = true;
    this.#state.dialsChanged = true;
  }

  /** An entry of our row n shares n digits with us, so that its row n serves us too (periodic table maintenance). */
  #askRow(now: number): void {
    const entry = this.#oneOf([...this.#state.table.entries()].filter((peer) => peer.link));
    if (entry === undefined) return;
    this.#rowAsks.clear();
    this.#rowAsks.set(entry.name, now + ASK_MS);
    const row = Math.min(63, sharedDigits(this.#state.self.nodeId, entry.nodeId));
    this.#state.send(entry, { type: 'ask-row', row });
  }

  #ask(from: Peer, nodes: readonly NodeId[], now: number): void {
    const asked = nodes
      .filter((nodeId) => !this.#asks.has(idText(nodeId)))
      .slice(0, Math.min(ASKED_CONTACTS_MAX, ASKS_MAX - this.#asks.size));
    if (asked.length === 0) return;
    for (const nodeId of asked) this.#asks.set(idText(nodeId), { of: from.name, until: now + ASK_MS });
    this.#state.due(now + ASK_MS);
    this.#state.send(from, { type: 'ask-contacts', nodes: asked });
  }

  #sendContacts(to: Peer, peers: Iterable<Peer>): void {
    const contacts: Introduction[] = [];
    addContacts(contacts, peers, to.nodeId, this.#state.self.nodeId, ASKED_CONTACTS_MAX);
    this.#state.send(to, {
      type: 'contacts',
      contacts: contacts.map(({ contact, via }) => toWire(contact, via)),
    });
  }

  #announce(to: Peer, wantsReply: boolean): void {
    const nodes = this.#state.nearest(to.nodeId).map(({ nodeId }) => nodeId);
    this.#state.send(to, { type: 'announce', nodes: nodes.slice(0, LEAF_SET_SIZE), wantsReply });
  }

  #oneOf<T>(items: readonly T[]): T | undefined {
    return items.length === 0 ? undefined : items[randomBelow(this.#state.random, items.length)];
  }

  /** 80% to 120%. */
  #interval(): number {
    return Math.round(EXCHANGE_MS * (0.8 + randomBelow(this.#state.random, 1_000) / 2_500));
  }
}
