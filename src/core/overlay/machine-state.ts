/** What the parts of the overlay machine share: who is known, the leaf set, the tables, and the effects of this step. */
import { equalBytes, type Bytes } from '../codec/bytes.ts';
import { placeDistance, placeOf, placesUp, type NodeId } from '../codec/id.ts';
import { LINKS_MAX } from '../codec/limits.ts';
import type { Random } from '../crypto/random.ts';
import type { Contact } from './contact.ts';
import { LeafSet, LEAF_SIDE } from './leaf-set.ts';
import type { OverlayEffect } from './machine-events.ts';
import type { OverlayMessage } from './messages.ts';
import type { Lane } from './network.ts';
import {
  CONSTRAINED,
  LINKED,
  PeerTable,
  ROUTE,
  SUSPECTED,
  UNLINKED_PEERS_MAX,
  type PeerIndex,
} from './peer-table.ts';
import { closestToPoint, nearestInNetwork, RoutingTable } from './routing-table.ts';

/** An always-on node links with every member of its ring that asks. */
export const RELAY_LINKS_MAX = 1024;
/** Messages with larger bodies give way to smaller ones. */
const CONTROL_BODY_BYTES_MAX = 8 * 1024;

/**
 * `joining`: looking for our place; `confirming`: waiting for the word of every member of the leaf set; `ready`: routing
 * answers are to be trusted; `left`: nothing happens any more.
 */
export type Phase = 'idle' | 'joining' | 'confirming' | 'ready' | 'left';

const NOTHING: readonly never[] = [];
/** By peer: how far it lies from the place by which peers are being sorted. */
const ways = new Float64Array(RELAY_LINKS_MAX + UNLINKED_PEERS_MAX);

export class MachineState {
  readonly self: Contact;
  readonly place: number;
  readonly random: Random;
  readonly linksMax: number;
  readonly peers: PeerTable;
  /** Linked nodes only: a leaf set never holds somebody of whom we have not heard ourselves. */
  readonly leafSet: LeafSet;
  readonly table: RoutingTable;
  readonly constrained: RoutingTable;
  phase: Phase = 'idle';
  /** Links, suspicions or phase changed: what waits for a way on may find one. */
  routesChanged = false;
  /** Somebody may have to be dialled. */
  dialsChanged = false;
  /** Links that came and went in this step. */
  linksUp: readonly NodeId[] = NOTHING;
  linksDown: readonly NodeId[] = NOTHING;
  /** Earliest deadline that anybody announced in this step. */
  #deadline = Infinity;
  #effects: readonly OverlayEffect[] = NOTHING;

  constructor(self: Contact, random: Random) {
    this.self = self;
    this.place = placeOf(self.nodeId);
    this.random = random;
    this.linksMax = self.role === 'relay' ? RELAY_LINKS_MAX : LINKS_MAX;
    this.peers = new PeerTable(this.linksMax);
    this.leafSet = new LeafSet(this.peers, self.nodeId);
    this.table = new RoutingTable(this.peers, self.nodeId, ROUTE, nearestInNetwork(this.peers));
    const constrained = closestToPoint(this.peers, self.nodeId);
    this.constrained = new RoutingTable(this.peers, self.nodeId, CONSTRAINED, constrained);
  }

  get ready(): boolean {
    return this.phase === 'ready';
  }

  isSelf(nodeId: NodeId): boolean {
    return nodeId === this.self.nodeId || equalBytes(nodeId, this.self.nodeId);
  }

  emit(effect: OverlayEffect): void {
    if (this.#effects.length === 0) this.#effects = [effect];
    else (this.#effects as OverlayEffect[]).push(effect);
  }

  /** To a linked node; to others nothing is sent. */
  send(p: PeerIndex, message: OverlayMessage): void {
    if (!this.peers.is(p, LINKED)) return;
    this.emit({ type: 'send', to: this.peers.nodeId(p), message, lane: laneOf(message) });
  }

  refuse(code: string, reason: string): void {
    this.emit({ type: 'refused', code, reason });
  }

  /** Something is to be done at `at`. */
  due(at: number): void {
    if (at < this.#deadline) this.#deadline = at;
  }

  takeDeadline(): number {
    const deadline = this.#deadline;
    this.#deadline = Infinity;
    return deadline;
  }

  takeEffects(): readonly OverlayEffect[] {
    const effects = this.#effects;
    this.#effects = NOTHING;
    return effects;
  }

  wentUp(p: PeerIndex): void {
    this.linksUp = [...this.linksUp, this.peers.nodeId(p)];
    this.routesChanged = this.dialsChanged = true;
  }

  wentDown(p: PeerIndex): void {
    this.linksDown = [...this.linksDown, this.peers.nodeId(p)];
    this.routesChanged = this.dialsChanged = true;
  }

  /** Whether links came or went in this step; so the leaf set may have changed. */
  get linksChanged(): boolean {
    return this.linksUp.length > 0 || this.linksDown.length > 0;
  }

  takeLinkChanges(): { readonly up: readonly NodeId[]; readonly down: readonly NodeId[] } | undefined {
    if (this.linksUp.length + this.linksDown.length === 0) return undefined;
    const changes = { up: this.linksUp, down: this.linksDown };
    this.linksUp = this.linksDown = NOTHING;
    return changes;
  }

  /** Our linked nodes closest to `centre`, at most l/2 on each side: what a node there wants to know of us. */
  nearest(centre: NodeId): readonly PeerIndex[] {
    const { peers } = this;
    const from = placeOf(centre);
    const live: PeerIndex[] = [];
    for (const p of peers.linked) {
      if (peers.is(p, SUSPECTED)) continue;
      const place = peers.place(p);
      if (place === from && equalBytes(peers.nodeId(p), centre)) continue;
      ways[p] = placesUp(from, place);
      live.push(p);
    }
    if (live.length <= 2 * LEAF_SIDE) return leastOf(live, live.length);
    const nearest = leastOf(live, LEAF_SIDE);
    for (const p of live) ways[p] = -ways[p]!;
    const below = leastOf(live, LEAF_SIDE);
    for (let i = LEAF_SIDE - 1; i >= 0; i--) nearest.push(below[i]!);
    return nearest;
  }

  /** Our linked nodes closest to `centre`, closest first. */
  closestLinked(centre: NodeId, count: number): readonly PeerIndex[] {
    const { peers } = this;
    const from = placeOf(centre);
    for (const p of peers.linked) ways[p] = placeDistance(from, peers.place(p));
    return leastOf(peers.linked, count);
  }

  /** Whether the node is in our leaf set, or would be if it were linked. */
  belongs(p: PeerIndex): boolean {
    return this.leafSet.belongs(p);
  }
}

/** The `count` of least way, in order: a message to each neighbour needs them, and sorting all takes three times as long. */
function leastOf(of: readonly PeerIndex[], count: number): PeerIndex[] {
  const least: PeerIndex[] = [];
  for (const p of of) {
    const way = ways[p]!;
    if (least.length < count) least.push(p);
    else if (count === 0 || way >= ways[least[count - 1]!]!) continue;
    let at = least.length - 1;
    for (; at > 0 && way < ways[least[at - 1]!]!; at--) least[at] = least[at - 1]!;
    least[at] = p;
  }
  return least;
}

/** Large bodies give way. */
export function laneOfBody(body: Bytes): Lane {
  return body.length > CONTROL_BODY_BYTES_MAX ? 'bulk' : 'control';
}

function laneOf(message: OverlayMessage): Lane {
  switch (message.type) {
    case 'routed-request':
    case 'request':
    case 'tell':
      return laneOfBody(message.body);
    case 'reply':
    case 'response':
      return message.outcome.kind === 'response' ? laneOfBody(message.outcome.body) : 'control';
    default:
      return 'control';
  }
}
