/**
 * Nodes tell each other whom they are linked with, so that leaf sets fill, holes are repaired and rings that met merge
 * (Rowstron & Druschel 2001, §2.4 and §2.6). An intended difference from the paper: a node does not send its own leaf set but
 * those of its linked nodes that are closest to the receiver. For neighbours that holds at least as much, and a node that is linked
 * with members of two rings, as a relay is, makes them known to each other wherever they are.
 */
import { equalBytes } from '../codec/bytes.ts';
import { idText, placeDistance, sharedDigits, type NodeId } from '../codec/id.ts';
import { randomBelow } from '../crypto/random.ts';
import { toWire, type Introduction } from './contact.ts';
import type { Dials } from './dials.ts';
import type { Side } from './leaf-set.ts';
import type { Liveness } from './liveness.ts';
import type { MachineState } from './machine-state.ts';
import { ASKED_CONTACTS_MAX, GONE_MAX, type MessageOf } from './messages.ts';
import { ANNOUNCED, CHECKED, LINKED, MET, REMEMBERED, ROUTE, type PeerIndex } from './peer-table.ts';
import { addContacts } from './share.ts';
import { NO_ENTRIES, withEntry, withoutEntry } from './sparse-map.ts';

/** How often a node tells its two neighbours, an always-on node and one other whom it is linked with. */
export const EXCHANGE_MS = 90_000;
/** How often a row of the routing table is asked for (Rowstron & Druschel 2001, §2.5: periodic maintenance). */
const ROW_EVERY_MS = 10 * 60_000;
/** After an entry was lost its row is asked for sooner (§2.4). */
const ROW_SOON_MS = 60_000;
/** After a loss in the leaf set its ends are asked again, in case that whom we asked is gone too. */
const REPAIR_AGAIN_MS = 4_000;
/** Contacts asked for and not yet received. */
const ASKS_MAX = 256;
const ASK_MS = 3_000;
/** How long a failed neighbour is spoken of. */
const GONE_MS = 60_000;
const NONE_GONE: readonly never[] = [];
/** A node that comes back after it was lost for so long may bring a whole ring with it. */
const RETURNED_MS = 20_000;
/** Lost nodes that are then dialled at once, the nearest on the ring first. */
const RETURNED_DIALS_MAX = 2;

export class Exchange {
  readonly #state: MachineState;
  readonly #dials: Dials;
  readonly #liveness: Liveness;
  /** By the names of nodes whose contacts we asked for: whom, and until when we wait. */
  #asks: ReadonlyMap<string, { readonly of: NodeId; readonly until: number }> = NO_ENTRIES;
  /** Whose row we asked for, and until when we wait. */
  #rowAsk: { readonly of: NodeId; readonly until: number } | undefined;
  #roundAt = Infinity;
  #rowAt = Infinity;
  #repairAt = Infinity;
  /** Neighbours that failed: told in every announcement for a while, for those who come to be neighbours after it. */
  #gone: readonly { readonly nodeId: NodeId; readonly until: number }[] = NONE_GONE;

  constructor(state: MachineState, dials: Dials, liveness: Liveness) {
    this.#state = state;
    this.#dials = dials;
    this.#liveness = liveness;
  }

  start(now: number): void {
    this.#roundAt = now + this.#jittered(EXCHANGE_MS);
    this.#rowAt = now + this.#jittered(ROW_EVERY_MS);
    this.#state.due(this.#roundAt);
  }

  /**
   * To a node whose link came up: it does the same. `lostAt`: when it was heard from last before it was lost. Entries of the tables are no news to
   * each other, unless one of them is new or was lost.
   */
  greet(p: PeerIndex, lostAt: number, now: number): void {
    const { leafSet, ready, peers } = this.#state;
    const returned = lostAt + RETURNED_MS < now;
    if (returned || !ready || leafSet.has(p) || peers.is(p, REMEMBERED)) this.#announce(p, false);
    if (returned) this.#lookForLost(RETURNED_DIALS_MAX, now);
  }

  /** All linked nodes are asked for what they know; what they said before does not count any more. */
  askAll(): void {
    for (const p of this.#state.peers.linked) {
      this.#state.peers.mark(p, ANNOUNCED, false);
      this.#announce(p, true);
    }
  }

  /** Members of the leaf set who have not told us whom they know, nor anything else since then. */
  askSilent(since: number): void {
    const { leafSet, peers } = this.#state;
    for (const p of leafSet.members())
      if (!peers.is(p, ANNOUNCED) && peers.heardAt(p) <= since) this.#announce(p, true);
  }

  /** A member of the leaf set is gone: ask the farthest live one on its side whom it knows beyond (§2.4); it may be gone too. */
  repair(side: Side, now: number): void {
    this.#askFarthest(side);
    this.#repairAt = now + REPAIR_AGAIN_MS;
    this.#state.due(this.#repairAt);
  }

  /** A neighbour on the ring failed: the others of the leaf set should look for themselves (Castro et al. 2004, §4.1). */
  tellGone(nodeId: NodeId, now: number): void {
    this.#gone = [...this.#gone, { nodeId, until: now + GONE_MS }].slice(-GONE_MAX);
    for (const p of this.#state.leafSet.members()) this.#announce(p, false);
  }

  /** A linked node has come into the leaf set in the place of somebody else: it may not know who is gone. */
  tellNewMember(nodeId: NodeId): void {
    const p = this.#gone.length > 0 ? this.#state.peers.find(nodeId) : undefined;
    if (p !== undefined) this.#announce(p, false);
  }

  /**
   * A dial has failed to somebody who belongs into our leaf set: who named it should look for itself, and all our neighbours if it would
   * be next to us. When rings merge nobody else tells them of one that died just before: those who are next to the dead now never
   * knew it.
   */
  tellUnreached(p: PeerIndex, now: number): void {
    const { peers, leafSet } = this.#state;
    const nodeId = peers.nodeId(p);
    if (!this.#state.belongs(p) || this.#gone.some((gone) => equalBytes(gone.nodeId, nodeId))) return;
    const teller = peers.introducer(p);
    const adjacent = leafSet.wouldBeAdjacent(nodeId);
    if (adjacent) this.tellGone(nodeId, now);
    if (teller !== undefined && !(adjacent && leafSet.has(teller))) this.#announce(teller, false, [nodeId]);
  }

  /** An entry of the routing table is gone. */
  repairRow(now: number): void {
    this.#rowAt = Math.min(this.#rowAt, now + ROW_SOON_MS);
    this.#state.due(this.#rowAt);
  }

  onAnnounce(from: PeerIndex, { nodes, gone, wantsReply }: MessageOf<'announce'>, now: number): void {
    this.#state.peers.mark(from, ANNOUNCED, true);
    if (wantsReply) this.#announce(from, false);
    for (const nodeId of gone) {
      const p = this.#state.peers.find(nodeId);
      if (p !== undefined) this.#liveness.doubt(p, now);
    }
    this.consider(from, nodes, now);
  }

  /** `from` says that these nodes are live. Those that we would link with are asked for or dialled. */
  consider(from: PeerIndex, nodes: readonly NodeId[], now: number): void {
    const { peers, leafSet, table } = this.#state;
    const unknown: NodeId[] = [];
    for (const nodeId of nodes) {
      const p = peers.find(nodeId);
      if (p !== undefined && peers.is(p, CHECKED)) this.#dials.want(p, now);
      else if (this.#state.isSelf(nodeId)) continue;
      else if (leafSet.wouldEnter(nodeId) || table.next(nodeId) === undefined) unknown.push(nodeId);
    }
    if (unknown.length > 0) this.#ask(from, unknown, now);
  }

  onAskContacts(from: PeerIndex, { nodes }: MessageOf<'ask-contacts'>): void {
    this.#sendContacts(
      from,
      nodes.flatMap((nodeId) => this.#state.peers.find(nodeId) ?? []),
    );
  }

  onAskRow(from: PeerIndex, { row }: MessageOf<'ask-row'>): void {
    const { constrained, table } = this.#state;
    this.#sendContacts(from, [...constrained.row(row), ...table.row(row)]);
  }

  onContacts(from: PeerIndex, contacts: readonly Introduction[], now: number): void {
    const name = this.#state.peers.nodeId(from);
    const ask = this.#rowAsk;
    const anyone = ask !== undefined && equalBytes(ask.of, name) && ask.until >= now;
    if (anyone) this.#rowAsk = undefined;
    const welcome = contacts.filter(({ contact }) => anyone || this.#asks.has(idText(contact.nodeId)));
    // What it did not name it does not know any more.
    for (const [asked, { of }] of this.#asks)
      if (equalBytes(of, name)) this.#asks = withoutEntry(this.#asks, asked);
    this.take(from, welcome, now);
  }

  /** Contacts of nodes that somebody says are live. */
  take(from: PeerIndex, contacts: readonly Introduction[], now: number): void {
    const { peers, table, constrained } = this.#state;
    const teller = peers.nodeId(from);
    for (const { contact, via } of contacts) {
      if (this.#state.isSelf(contact.nodeId)) continue;
      const p = peers.learn({ contact, via: via.length > 0 ? via : [teller] });
      this.#dials.want(p, now);
      if (!this.#dials.isQuarantined(p, now)) {
        table.add(p);
        constrained.add(p);
      }
      peers.tidy(p);
    }
    this.#state.dialsChanged = true;
  }

  /** Whether contacts of possible members of the leaf set are under way. */
  isAsking(now: number): boolean {
    for (const { until } of this.#asks.values()) if (until > now) return true;
    return false;
  }

  tick(now: number): void {
    if (this.#gone.length > 0) this.#gone = this.#gone.filter(({ until }) => until > now);
    if (this.#asks.size > 0) this.#tidyAsks(now);
    if (this.#repairAt <= now) {
      this.#repairAt = Infinity;
      this.#askFarthest('smaller');
      this.#askFarthest('larger');
    }
    if (this.#roundAt <= now) {
      this.#round(now);
      this.#roundAt = now + this.#jittered(EXCHANGE_MS);
    }
    if (this.#rowAt <= now) {
      this.#askRow(now);
      this.#rowAt = now + this.#jittered(ROW_EVERY_MS);
    }
    this.#state.due(Math.min(this.#repairAt, this.#roundAt, this.#rowAt));
  }

  #tidyAsks(now: number): void {
    for (const [name, { until }] of this.#asks) {
      if (until <= now) this.#asks = withoutEntry(this.#asks, name);
      else this.#state.due(until);
    }
  }

  /** Tells the neighbours, compares with an always-on node and with one other, revisits one lost node. */
  #round(now: number): void {
    const { peers, leafSet } = this.#state;
    const adjacent = peers.linked.filter((p) => leafSet.isAdjacent(p));
    for (const p of adjacent) this.#announce(p, false);
    const alwaysOn = this.#oneOf(peers.linked.filter((p) => peers.is(p, REMEMBERED)));
    if (alwaysOn !== undefined) this.#announce(alwaysOn, true);
    const other = this.#oneOf(peers.linked.filter((p) => !peers.is(p, REMEMBERED) && !leafSet.isAdjacent(p)));
    if (other !== undefined) this.#announce(other, true);
    this.#lookForLost(1, now);
  }

  /**
   * After a partition nobody speaks of those on the other side: so now and then we try one that we knew (§2.6); if one
   * comes back, the others who were our neighbours are tried at once.
   */
  #lookForLost(count: number, now: number): void {
    const { peers } = this.#state;
    const lost: PeerIndex[] = [];
    for (let p = 0; p < peers.rows; p++)
      if (peers.exists(p) && !peers.is(p, LINKED | REMEMBERED) && peers.is(p, MET)) lost.push(p);
    const distance = (p: PeerIndex): number => placeDistance(this.#state.place, peers.place(p));
    if (count > 1) {
      lost.sort((a, b) => distance(a) - distance(b));
      for (const p of lost.slice(0, count)) peers.setDialAfter(p, now);
    }
    const due = lost.filter((p) => peers.dialAfter(p) <= now);
    const chosen = count > 1 ? due.slice(0, count) : [this.#oneOf(due)];
    for (const p of chosen) if (p !== undefined) this.#dials.demand(p, now);
  }

  /**
   * An entry of our row n shares n digits with us, so that its row n serves us too. Neighbours on the ring share most digits, and the
   * points of their constrained tables lie beside ours: they are asked every other time.
   */
  #askRow(now: number): void {
    const { peers, self, leafSet } = this.#state;
    const ofNeighbour = randomBelow(this.#state.random, 2) === 0;
    const useful = (p: PeerIndex): boolean => (ofNeighbour ? leafSet.isAdjacent(p) : peers.is(p, ROUTE));
    const entry = this.#oneOf(peers.linked.filter(useful));
    if (entry === undefined) return;
    this.#rowAsk = { of: peers.nodeId(entry), until: now + ASK_MS };
    const shared = sharedDigits(self.nodeId, peers.nodeId(entry));
    const row = ofNeighbour ? randomBelow(this.#state.random, shared + 1) : shared;
    this.#state.send(entry, { type: 'ask-row', row: Math.min(63, row) });
  }

  #ask(from: PeerIndex, nodes: readonly NodeId[], now: number): void {
    const asked = nodes
      .filter((nodeId) => !this.#asks.has(idText(nodeId)))
      .slice(0, Math.min(ASKED_CONTACTS_MAX, ASKS_MAX - this.#asks.size));
    if (asked.length === 0) return;
    const of = this.#state.peers.nodeId(from);
    for (const nodeId of asked)
      this.#asks = withEntry(this.#asks, idText(nodeId), { of, until: now + ASK_MS });
    this.#state.due(now + ASK_MS);
    this.#state.send(from, { type: 'ask-contacts', nodes: asked });
  }

  #sendContacts(to: PeerIndex, named: readonly PeerIndex[]): void {
    const contacts: Introduction[] = [];
    addContacts(this.#state, contacts, named, this.#state.peers.nodeId(to), ASKED_CONTACTS_MAX);
    const wire = contacts.map(({ contact, via }) => toWire(contact, via));
    this.#state.send(to, { type: 'contacts', contacts: wire });
  }

  #askFarthest(side: Side): void {
    const farthest = this.#state.leafSet.side(side).at(-1);
    if (farthest !== undefined) this.#announce(farthest, true);
  }

  #announce(to: PeerIndex, wantsReply: boolean, unreached: readonly NodeId[] = NONE_GONE): void {
    const { peers } = this.#state;
    const nodes = this.#state.nearest(peers.nodeId(to)).map((p) => peers.nodeId(p));
    const gone = [...unreached, ...this.#gone.map(({ nodeId }) => nodeId)].slice(0, GONE_MAX);
    this.#state.send(to, { type: 'announce', nodes, gone, wantsReply });
  }

  #oneOf(peers: readonly PeerIndex[]): PeerIndex | undefined {
    return peers.length === 0 ? undefined : peers[randomBelow(this.#state.random, peers.length)];
  }

  /** 80% to 120%. */
  #jittered(ms: number): number {
    return Math.round(ms * (0.8 + randomBelow(this.#state.random, 1_000) / 2_500));
  }
}
