/** All that the overlay machine knows of other nodes: contacts, links, dials and their failures. Bounded. */
import { assert } from '../codec/assert.ts';
import { idText, type NodeId } from '../codec/id.ts';
import { VIA_MAX, type Contact, type Introduction } from './contact.ts';

/** Nodes that a machine remembers beyond those it may be linked with; the longest known is forgotten first. */
export const UNLINKED_PEERS_MAX = 512;

/** An open link. */
export interface Link {
  direct: boolean;
  readonly openedAt: number;
  /** When anything came from it last. */
  heardAt: number;
  /** Whether its node told us whom it is linked with, since we asked all. */
  announced: boolean;
  /** An unanswered probe: when it was sent, and how many before it were not answered either. */
  probe: { readonly sentAt: number; readonly nonce: number; readonly missed: number } | undefined;
  /** It did not acknowledge something; routes avoid it until it is heard from. */
  suspected: boolean;
}

export interface Peer {
  /** Hexadecimal node id. */
  readonly name: string;
  readonly nodeId: NodeId;
  contact: Contact;
  /** Nodes that may introduce us to it, the latest word first. */
  via: readonly NodeId[];
  link: Link | undefined;
  /** The contact's certificate was checked: it may be passed on. */
  checked: boolean;
  /** Smoothed round-trip time; Infinity before it was measured. */
  rttMs: number;
  /** A bootstrap contact or an always-on node: tried for ever. */
  remembered: boolean;
  /** Was linked once: worth a try after a partition. */
  metBefore: boolean;
  /** A live node says that it is live. */
  wanted: boolean;
  /** How many want its link kept. */
  protectedBy: number;
  /** Something waits for a link to it. */
  demanded: boolean;
  dialledAt: number | undefined;
  /** Not dialled before this time. */
  dialAfter: number;
  /** Dials that failed since it was last linked. */
  dialFailures: number;
  /** Until then the word of others that it is live is not believed. */
  quarantinedUntil: number;
}

export class Peers {
  readonly self: NodeId;
  readonly #byName = new Map<string, Peer>();
  readonly #linked = new Map<string, Peer>();
  readonly #onForget: (peer: Peer) => void;
  readonly #peersMax: number;
  #dialling = 0;

  /** `onForget` hears of peers that fell out of the table. */
  constructor(self: NodeId, linksMax: number, onForget: (peer: Peer) => void) {
    this.self = self;
    this.#peersMax = linksMax + UNLINKED_PEERS_MAX;
    this.#onForget = onForget;
  }

  get(nodeId: NodeId): Peer | undefined {
    return this.#byName.get(idText(nodeId));
  }

  /** All peers, the longest known first. */
  all(): Iterable<Peer> {
    return this.#byName.values();
  }

  linked(): Iterable<Peer> {
    return this.#linked.values();
  }

  get linkCount(): number {
    return this.#linked.size;
  }

  get diallingCount(): number {
    return this.#dialling;
  }

  /** Takes up a checked contact, or what is new in it. */
  learn({ contact, via }: Introduction): Peer {
    const peer = this.#byName.get(idText(contact.nodeId)) ?? this.#add(contact, true);
    peer.contact = contact;
    peer.via = merged(via, peer.via);
    peer.checked = true;
    return peer;
  }

  /** Takes up a contact that is never given up. It may come from a descriptor, without certificate. */
  remember(contact: Contact): Peer {
    const peer = this.#byName.get(idText(contact.nodeId)) ?? this.#add(contact, false);
    peer.remembered = true;
    return peer;
  }

  up(contact: Contact, direct: boolean, now: number): Peer {
    const peer = this.learn({ contact, via: [] });
    if (contact.role === 'relay') peer.remembered = true;
    this.endDial(peer);
    peer.metBefore = true;
    peer.wanted = false;
    peer.demanded = false;
    peer.dialFailures = 0;
    peer.dialAfter = now;
    peer.quarantinedUntil = now;
    if (peer.link) {
      peer.link.direct = direct;
      return peer;
    }
    peer.link = {
      direct,
      openedAt: now,
      heardAt: now,
      announced: false,
      probe: undefined,
      suspected: false,
    };
    this.#linked.set(peer.name, peer);
    return peer;
  }

  down(peer: Peer): void {
    peer.link = undefined;
    peer.rttMs = Infinity;
    this.#linked.delete(peer.name);
  }

  beginDial(peer: Peer, now: number): void {
    assert(peer.dialledAt === undefined, 'one dial at a time to a node');
    peer.dialledAt = now;
    this.#dialling++;
  }

  /** Whether a dial was under way. */
  endDial(peer: Peer): boolean {
    if (peer.dialledAt === undefined) return false;
    peer.dialledAt = undefined;
    this.#dialling--;
    return true;
  }

  forget(peer: Peer): void {
    assert(peer.link === undefined && peer.dialledAt === undefined, 'a peer in use is not forgotten');
    this.#byName.delete(peer.name);
    this.#onForget(peer);
  }

  #add(contact: Contact, checked: boolean): Peer {
    this.#makeRoom();
    const peer: Peer = {
      name: idText(contact.nodeId),
      nodeId: contact.nodeId,
      contact,
      via: [],
      link: undefined,
      checked,
      rttMs: Infinity,
      remembered: false,
      metBefore: false,
      wanted: false,
      protectedBy: 0,
      demanded: false,
      dialledAt: undefined,
      dialAfter: -Infinity,
      dialFailures: 0,
      quarantinedUntil: -Infinity,
    };
    this.#byName.set(peer.name, peer);
    return peer;
  }

  /** Links are bounded by the link budget and dials by DIALS_MAX, so that there is always somebody to forget. */
  #makeRoom(): void {
    if (this.#byName.size < this.#peersMax) return;
    for (const peer of this.#byName.values()) {
      if (peer.link || peer.dialledAt !== undefined || peer.remembered || peer.demanded) continue;
      return this.forget(peer);
    }
  }
}

/** All that can introduce us, each once. */
function merged(newer: readonly NodeId[], older: readonly NodeId[]): readonly NodeId[] {
  const names = new Set(newer.map(idText));
  return [...newer, ...older.filter((id) => !names.has(idText(id)))].slice(0, VIA_MAX);
}
