/**
 * The peers that this node remembers over its sessions: where it begins next time, and by whom it knows its ring again. What is
 * kept is public: certificates, and when their nodes were met.
 */
import { equalBytes } from '../codec/bytes.ts';
import { digitOf, idText } from '../codec/id.ts';
import type { Contact } from '../overlay/contact.ts';

/** Peers remembered, relays aside (the ring descriptor names those). */
export const REMEMBERED_PEERS_MAX = 32;
/**
 * Of these so many are handed to the overlay at its start, beside the relays: who joins through several nodes is not in the hands
 * of one (Castro et al. 2002, section 4). More would cost dials for ever when nobody is there.
 */
export const BOOTSTRAP_PEERS = 4;
/** Whoever was not met for longer does not count when the ring is looked for again: 7 days. */
export const RECENT_MS = 7 * 24 * 60 * 60 * 1000;
/** Meetings that are farther apart belong to two sessions: 1 hour. */
export const SESSION_GAP_MS = 60 * 60 * 1000;

/** A node that was linked with this one; its certificate was checked. */
export interface RememberedPeer {
  readonly contact: Contact;
  /** Milliseconds since 1970. */
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  /** In how many sessions it was met, ≥ 1. */
  readonly sessions: number;
}

/**
 * At most REMEMBERED_PEERS_MAX, each node once. When there are more, those stay that were met lately, in several sessions, that are
 * different people's and that lie far apart on the ring: nobody who has one account, or one arc of the ring, fills it.
 */
export class RememberedPeers {
  readonly #peers = new Map<string, RememberedPeer>();

  constructor(peers: readonly RememberedPeer[], now: number) {
    for (const peer of peers) this.#keep(peer, now);
  }

  /** A link to this node is up, or still is. Whether it is remembered. */
  meet(contact: Contact, now: number): boolean {
    const known = this.#peers.get(idText(contact.nodeId));
    // The authority gives each key its own place: one of them is a forgery, and the older one was met.
    if (known && !equalBytes(known.contact.peerKey, contact.peerKey)) return false;
    const another = known !== undefined && now - known.lastSeenAt > SESSION_GAP_MS;
    this.#keep(
      {
        contact,
        firstSeenAt: known?.firstSeenAt ?? now,
        lastSeenAt: Math.max(now, known?.lastSeenAt ?? now),
        sessions: (known?.sessions ?? 1) + (another ? 1 : 0),
      },
      now,
    );
    return this.#peers.has(idText(contact.nodeId));
  }

  /** All of them, in the order in which they were first met. */
  all(): readonly RememberedPeer[] {
    return [...this.#peers.values()];
  }

  /** Those by whom the ring may be known again: met within RECENT_MS, certificate not expired. */
  recent(now: number): readonly RememberedPeer[] {
    return this.all().filter((peer) => isRecent(peer, now) && !isExpired(peer, now));
  }

  /** The best `count` to begin with: in turn from each quarter of the ring, one a person while that is possible. */
  bootstrap(now: number, count = BOOTSTRAP_PEERS): readonly Contact[] {
    const names = new Set<string>();
    const first: RememberedPeer[] = [];
    const second: RememberedPeer[] = [];
    for (const peer of [...this.#valid(now)].sort((a, b) => byWorth(b, a, now))) {
      (names.has(nameOf(peer)) ? second : first).push(peer);
      names.add(nameOf(peer));
    }
    const chosen = [...overQuarters(first), ...overQuarters(second)].slice(0, count);
    return chosen.map(({ contact }) => contact);
  }

  *#valid(now: number): Generator<RememberedPeer> {
    for (const peer of this.#peers.values()) if (!isExpired(peer, now)) yield peer;
  }

  #keep(peer: RememberedPeer, now: number): void {
    if (isExpired(peer, now)) return;
    this.#peers.set(idText(peer.contact.nodeId), peer);
    if (this.#peers.size <= REMEMBERED_PEERS_MAX) return;
    this.#peers.delete(idText(this.#leastNeeded(now).contact.nodeId));
  }

  /** Expired ones go first, then the worst of those of whose person or sixteenth of the ring there are most. */
  #leastNeeded(now: number): RememberedPeer {
    const all = this.all();
    const expired = all.find((peer) => isExpired(peer, now));
    if (expired !== undefined) return expired;
    const crowd = mostOf(all, nameOf) ?? mostOf(all, ({ contact }) => digitOf(contact.nodeId, 0)) ?? all;
    return crowd.reduce((worst, peer) => (byWorth(peer, worst, now) < 0 ? peer : worst));
  }
}

/** The address of the member whose node it is: signed by the authority. */
export function nameOf({ contact }: RememberedPeer): string {
  return contact.certificate.body.name;
}

function isRecent({ lastSeenAt }: RememberedPeer, now: number): boolean {
  return now - lastSeenAt <= RECENT_MS;
}

function isExpired({ contact }: RememberedPeer, now: number): boolean {
  return contact.certificate.body.notAfter < now;
}

/** Negative when `a` is worth less than `b`: met lately, in more than one session, and last. */
function byWorth(a: RememberedPeer, b: RememberedPeer, now: number): number {
  return (
    Number(isRecent(a, now)) - Number(isRecent(b, now)) ||
    Number(a.sessions > 1) - Number(b.sessions > 1) ||
    a.lastSeenAt - b.lastSeenAt
  );
}

/** The largest group of peers that have the same; undefined when all differ. */
function mostOf(
  peers: readonly RememberedPeer[],
  what: (peer: RememberedPeer) => string | number,
): readonly RememberedPeer[] | undefined {
  const groups = new Map<string | number, RememberedPeer[]>();
  for (const peer of peers) groups.set(what(peer), [...(groups.get(what(peer)) ?? []), peer]);
  const largest = [...groups.values()].reduce((a, b) => (b.length > a.length ? b : a));
  return largest.length > 1 ? largest : undefined;
}

/** In their order, but one from each quarter of the ring before a second one of any. */
function overQuarters(peers: readonly RememberedPeer[]): readonly RememberedPeer[] {
  const taken = [0, 0, 0, 0];
  const rounds = peers.map((peer) => ({ peer, round: taken[digitOf(peer.contact.nodeId, 0) >> 2]!++ }));
  return rounds.sort((a, b) => a.round - b.round).map(({ peer }) => peer);
}
