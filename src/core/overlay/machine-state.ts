/** What the parts of the overlay machine share: who is known, the leaf set, the table, and the effects of this step. */
import { equalBytes, type Bytes } from '../codec/bytes.ts';
import { idText, type NodeId } from '../codec/id.ts';
import { LINKS_MAX } from '../codec/limits.ts';
import type { Random } from '../crypto/random.ts';
import type { Contact } from './contact.ts';
import { LeafSet, LEAF_SET_SIZE, type Placed } from './leaf-set.ts';
import type { OverlayEffect } from './machine-events.ts';
import type { OverlayMessage } from './messages.ts';
import type { Lane } from './network.ts';
import { Peers, type Peer } from './peers.ts';
import { RoutingTable } from './routing-table.ts';

/** An always-on node links with every member of its ring that asks. */
export const RELAY_LINKS_MAX = 1024;
/** Messages with larger bodies give way to smaller ones. */
const CONTROL_BODY_BYTES_MAX = 8 * 1024;

/**
 * `joining`: looking for our place; `confirming`: waiting for the word of every member of the leaf set; `ready`: routing
 * answers are to be trusted; `left`: nothing happens any more.
 */
export type Phase = 'idle' | 'joining' | 'confirming' | 'ready' | 'left';

export class MachineState {
  readonly self: Contact;
  readonly selfName: string;
  readonly random: Random;
  readonly linksMax: number;
  readonly peers: Peers;
  /** Linked nodes only: a leaf set never holds somebody of whom we have not heard ourselves. */
  readonly leafSet: LeafSet<Peer>;
  readonly table: RoutingTable<Peer>;
  phase: Phase = 'idle';
  /** Links, suspicions or phase changed: what waits for a way on may find one. */
  routesChanged = false;
  linksUp: NodeId[] = [];
  linksDown: NodeId[] = [];
  /** Somebody may have to be dialled. */
  dialsChanged = false;
  /** Earliest deadline that anybody announced in this step. */
  #deadline = Infinity;
  #effects: OverlayEffect[] = [];

  constructor(self: Contact, random: Random) {
    this.self = self;
    this.selfName = idText(self.nodeId);
    this.random = random;
    this.linksMax = self.role === 'relay' ? RELAY_LINKS_MAX : LINKS_MAX;
    this.leafSet = new LeafSet(self.nodeId);
    this.table = new RoutingTable(self.nodeId);
    this.peers = new Peers(self.nodeId, this.linksMax, (peer) => this.table.remove(peer.nodeId));
  }

  get ready(): boolean {
    return this.phase === 'ready';
  }

  isSelf(nodeId: NodeId): boolean {
    return equalBytes(nodeId, this.self.nodeId);
  }

  emit(effect: OverlayEffect): void {
    this.#effects.push(effect);
  }

  /** To a linked node; to others nothing is sent. */
  send(peer: Peer, message: OverlayMessage): void {
    if (peer.link === undefined) return;
    this.emit({ type: 'send', to: peer.nodeId, message, lane: laneOf(message) });
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

  takeEffects(): OverlayEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** Our linked nodes closest to `centre`, half of them on each side: what a node there wants to know of us. */
  nearest(centre: NodeId): readonly Placed[] {
    const near = new LeafSet<Peer>(centre);
    for (const peer of this.peers.linked()) if (!peer.link!.suspected) near.add(peer);
    return near.members().slice(0, LEAF_SET_SIZE);
  }

  /** Whether the node would be in our leaf set if it were linked. */
  belongs(peer: Peer): boolean {
    return this.leafSet.has(peer.nodeId) || this.leafSet.wouldEnter(peer.nodeId);
  }
}

/** Large bodies give way. */
export function laneOfBody(body: Bytes): Lane {
  return body.length > CONTROL_BODY_BYTES_MAX ? 'bulk' : 'control';
}

function laneOf(message: OverlayMessage): Lane {
  switch (message.type) {
    case 'routed-request':
    case 'request':
      return laneOfBody(message.body);
    case 'reply':
    case 'response': {
      const { outcome } = message;
      return outcome.kind === 'response' ? laneOfBody(outcome.body) : 'control';
    }
    default:
      return 'control';
  }
}
