/** Whom to dial, and when. At most DIALS_MAX at once: what is waited for first, then the leaf set, then routes for speed. */
import { compareBytes } from '../codec/bytes.ts';
import { placeDistance, type NodeId } from '../codec/id.ts';
import { DIALS_MAX } from '../codec/limits.ts';
import { randomBelow } from '../crypto/random.ts';
import { VIA_MAX, type Introduction } from './contact.ts';
import type { CallId, CallOutcome } from './machine-events.ts';
import type { MachineState } from './machine-state.ts';
import {
  CONSTRAINED,
  DEMANDED,
  DIALLING,
  LINKED,
  MET,
  REMEMBERED,
  ROUTE,
  SUSPECTED,
  WANTED,
  type PeerIndex,
} from './peer-table.ts';
import { NO_ENTRIES, withEntry, withoutEntry } from './sparse-map.ts';

/** A lost link is made again after about this long, once. */
const REDIAL_MS = 1_000;
/** The two ends of a link that is wanted do not dial at once: the smaller id begins, the other has patience. */
const PATIENCE_MS = 500;
const PATIENCE_LONGER_MS = 1_500;
/** After failures dials come ever more rarely, up to this; always-on nodes are tried more often. */
const BACKOFF_MS_MAX = 60_000;
const BACKOFF_ALWAYS_ON_MS_MAX = 8_000;
/** A node whose dials failed this often is forgotten, unless it is remembered. */
const FAILURES_MAX = 6;
/** A dial that does not end by itself is given up. */
const DIAL_MS_MAX = 20_000;
/** How long others are not believed that a node is live when we saw it go. */
const QUARANTINE_MS = 10_000;
const QUARANTINED_MAX = 256;
/** A link that one end closed, for want of room, is not made again before this. */
const CLOSED_MS = 5 * 60_000;
/** Links kept free for those who need us: dials for mere speed stop before. */
const LINKS_RESERVED = 6;
/** Nodes that we were linked with and lost, and may look for. */
export const MET_MAX = 32;
/** Our links nearest to a node may know it; others are asked only if they said so. */
const NEAR_INTRODUCERS = 3;
/** Calls for a link at a time. */
const CONNECTS_MAX = 256;

const NOTHING: readonly never[] = [];

/** How a link ended. `left`: good-bye was said; `closed`: one end wanted no more; `lost`: nobody knows. */
export type Ending = 'left' | 'closed' | 'lost';

interface Begun {
  readonly p: PeerIndex;
  readonly at: number;
}

interface ConnectCall {
  readonly call: CallId;
  readonly p: PeerIndex;
  readonly expires: number;
}

export class Dials {
  readonly #state: MachineState;
  /** By place: until when the word of others that a node is live is not believed. */
  #quarantine: ReadonlyMap<number, number> = NO_ENTRIES;
  /** When the dials under way began. */
  #begun: readonly Begun[] = NOTHING;
  #connects: readonly ConnectCall[] = NOTHING;
  /** The next time that somebody may be dialled who may not now. */
  #nextAt = Infinity;

  constructor(state: MachineState) {
    this.#state = state;
  }

  /** A link came up. */
  up(p: PeerIndex): void {
    this.#endBegun(p);
    this.#quarantine = withoutEntry(this.#quarantine, this.#state.peers.place(p));
    this.#endConnects(p, { kind: 'linked' });
  }

  /** A link ended; the node belonged to our leaf set or not. */
  down(p: PeerIndex, ending: Ending, belonged: boolean, now: number): void {
    const { peers } = this.#state;
    const remembered = peers.is(p, REMEMBERED);
    peers.mark(p, WANTED, ending === 'lost' || (ending === 'closed' && belonged));
    peers.mark(p, MET, ending === 'lost');
    // Who closed us has no room: an always-on node makes some, another one would close us again and again.
    const quick = ending === 'lost' || belonged || peers.contact(p).role === 'relay';
    const pause = ending === 'left' ? QUARANTINE_MS : quick ? REDIAL_MS : CLOSED_MS;
    peers.setDialAfter(p, now + this.#jittered(pause) + this.#patience(p));
    if (ending === 'left' && remembered) peers.setDialAfter(p, now + BACKOFF_ALWAYS_ON_MS_MAX / 2);
    this.#quarantineUntil(p, now + QUARANTINE_MS, now);
    // Nobody else is there to lead us back.
    if (peers.linked.length === 0) this.hurry(now + REDIAL_MS);
    this.#state.due(peers.dialAfter(p));
  }

  isQuarantined(p: PeerIndex, now: number): boolean {
    return this.#quarantine.size > 0 && (this.#quarantine.get(this.#state.peers.place(p)) ?? 0) > now;
  }

  /** A live node says that this one is live: it is dialled if it belongs to our leaf set. */
  want(p: PeerIndex, now: number): void {
    const { peers, ready } = this.#state;
    if (peers.is(p, LINKED | WANTED) || this.isQuarantined(p, now) || !this.#state.belongs(p)) return;
    peers.mark(p, WANTED, true);
    const at = ready ? now + this.#patience(p) : now;
    // Who has no place in the leaf set may have been closed for want of room: now it has one.
    peers.setDialAfter(p, peers.failures(p) === 0 ? at : Math.max(peers.dialAfter(p), at));
    this.#state.dialsChanged = true;
  }

  /** Asks for a link to a node that is said to be live. Whether one may come soon. */
  demand(p: PeerIndex, now: number): boolean {
    const { peers } = this.#state;
    if (peers.is(p, DIALLING | DEMANDED)) return true;
    if (peers.is(p, LINKED) || (peers.failures(p) > 0 && peers.dialAfter(p) > now)) return false;
    peers.setDialAfter(p, now);
    peers.mark(p, DEMANDED, true);
    this.#state.dialsChanged = true;
    return true;
  }

  connect(call: CallId, introduction: Introduction, timeoutMs: number, now: number): void {
    const { peers } = this.#state;
    const end = (outcome: CallOutcome): void => this.#state.emit({ type: 'complete', call, outcome });
    if (this.#state.isSelf(introduction.contact.nodeId)) return end({ kind: 'linked' });
    const p = peers.learn(introduction);
    if (peers.is(p, LINKED)) return end({ kind: 'linked' });
    if (this.#connects.length >= CONNECTS_MAX) return end({ kind: 'failure', code: 'timeout' });
    peers.mark(p, DEMANDED, true);
    peers.setDialAfter(p, Math.min(peers.dialAfter(p), now));
    this.#state.dialsChanged = true;
    this.#connects = [...this.#connects, { call, p, expires: now + timeoutMs }];
    this.#state.due(now + timeoutMs);
  }

  /** A dial is over; without a link it has failed. */
  ended(p: PeerIndex, now: number): void {
    const { peers, table, constrained } = this.#state;
    this.#endBegun(p);
    if (!peers.endDial(p)) return;
    this.#state.dialsChanged = true;
    if (peers.is(p, LINKED)) return;
    peers.setFailures(p, peers.failures(p) + 1);
    const backoff = this.#jittered(backoffMs(peers.failures(p), peers.contact(p).role === 'relay'));
    peers.setDialAfter(p, now + backoff);
    peers.mark(p, DEMANDED | WANTED, false);
    this.#quarantineUntil(p, now + backoff, now);
    table.remove(p);
    constrained.remove(p);
    this.#state.routesChanged = true;
    this.#endConnects(p, { kind: 'failure', code: 'unreachable' });
    if (peers.failures(p) >= FAILURES_MAX) peers.mark(p, MET, false);
    peers.tidy(p);
  }

  /** Starts dials while there are slots. */
  next(now: number): void {
    const { peers } = this.#state;
    this.#state.dialsChanged = false;
    this.#nextAt = Infinity;
    if (peers.dialling.length >= DIALS_MAX) return;
    const found: { readonly p: PeerIndex; readonly rank: number }[] = [];
    for (let p = 0; p < peers.rows; p++) {
      const rank = peers.exists(p) ? this.#rank(p) : undefined;
      if (rank === undefined) continue;
      if (peers.dialAfter(p) <= now) found.push({ p, rank });
      else this.#nextAt = Math.min(this.#nextAt, peers.dialAfter(p));
    }
    this.#state.due(this.#nextAt);
    if (found.length > 1) found.sort((a, b) => a.rank - b.rank || this.#distance(a.p) - this.#distance(b.p));
    for (const { p } of found) {
      if (peers.dialling.length >= DIALS_MAX) return;
      this.#begin(p, now);
    }
  }

  tick(now: number): void {
    if (now >= this.#nextAt) this.#state.dialsChanged = true;
    else this.#state.due(this.#nextAt);
    for (const { p, at } of this.#begun) {
      if (at + DIAL_MS_MAX <= now) this.ended(p, now);
      else this.#state.due(at + DIAL_MS_MAX);
    }
    if (this.#quarantine.size > 0) this.#endQuarantines(now);
    for (const { call, expires } of this.#connects) {
      if (expires > now) this.#state.due(expires);
      else this.#state.emit({ type: 'complete', call, outcome: { kind: 'failure', code: 'timeout' } });
    }
    if (this.#connects.some(({ expires }) => expires <= now))
      this.#connects = this.#connects.filter(({ expires }) => expires > now);
  }

  /** Remembered nodes are tried at this time. */
  hurry(at: number): void {
    for (const p of this.#state.peers.all())
      if (this.#state.peers.is(p, REMEMBERED)) this.#state.peers.setDialAfter(p, at);
    this.#state.dialsChanged = true;
  }

  /** Of those that we were linked with, so many are worth a try after a partition. */
  forgetOldest(): void {
    const { peers } = this.#state;
    let [count, oldest] = [0, -1];
    for (let p = 0; p < peers.rows; p++) {
      if (!peers.exists(p) || !peers.is(p, MET) || peers.is(p, LINKED)) continue;
      count++;
      if (oldest < 0 || peers.heardAt(p) < peers.heardAt(oldest)) oldest = p;
    }
    if (count <= MET_MAX) return;
    peers.mark(oldest, MET, false);
    peers.tidy(oldest);
  }

  stop(): void {
    for (const { call } of this.#connects)
      this.#state.emit({ type: 'complete', call, outcome: { kind: 'failure', code: 'stopped' } });
    this.#connects = [];
  }

  #endBegun(p: PeerIndex): void {
    if (this.#begun.length > 0) this.#begun = this.#begun.filter((dial) => dial.p !== p);
  }

  #begin(p: PeerIndex, now: number): void {
    const { peers } = this.#state;
    peers.beginDial(p);
    this.#begun = [...this.#begun, { p, at: now }];
    this.#state.due(now + DIAL_MS_MAX);
    this.#state.emit({ type: 'dial', contact: peers.contact(p), via: this.#introducersOf(p) });
  }

  /** Who told us of it, then those of our neighbours who are most likely to be its neighbours. */
  #introducersOf(p: PeerIndex): readonly NodeId[] {
    const { peers } = this.#state;
    if (peers.contact(p).role === 'relay') return [];
    const teller = peers.introducer(p);
    const told = teller === undefined ? undefined : peers.nodeId(teller);
    const near = this.#state.closestLinked(peers.nodeId(p), NEAR_INTRODUCERS);
    const live = near.filter((other) => !peers.is(other, SUSPECTED)).map((other) => peers.nodeId(other));
    const others = live.filter((nodeId) => told === undefined || compareBytes(nodeId, told) !== 0);
    return [...(told === undefined ? [] : [told]), ...others].slice(0, VIA_MAX);
  }

  /** The smaller, the sooner to be dialled; undefined: not at all. */
  #rank(p: PeerIndex): number | undefined {
    const { peers } = this.#state;
    if (peers.is(p, LINKED | DIALLING)) return undefined;
    if (peers.is(p, DEMANDED)) return 0;
    if (peers.is(p, REMEMBERED)) return 1;
    if (peers.is(p, WANTED)) {
      if (this.#state.belongs(p)) return 2;
      peers.mark(p, WANTED, false);
      peers.tidy(p);
      if (!peers.exists(p)) return undefined;
    }
    return this.#hasRoom() && this.#speedsUp(p) ? (peers.is(p, CONSTRAINED) ? 3 : 4) : undefined;
  }

  /**
   * Whether its slot has nobody linked. Of the two entries of a slot the constrained one is better: being the closest to each other's
   * point is mutual for two pairs of three, so that one link serves both ends, and the budget goes further.
   */
  #speedsUp(p: PeerIndex): boolean {
    const { peers, table } = this.#state;
    if (peers.is(p, ROUTE)) return true;
    const held = peers.is(p, CONSTRAINED) ? table.next(peers.nodeId(p)) : undefined;
    return held !== undefined && !peers.is(held, LINKED);
  }

  #hasRoom(): boolean {
    const { peers, self, linksMax, ready } = this.#state;
    const count = peers.linked.length + peers.dialling.length;
    return ready && self.role !== 'relay' && count < linksMax - LINKS_RESERVED;
  }

  #distance(p: PeerIndex): number {
    return placeDistance(this.#state.place, this.#state.peers.place(p));
  }

  #patience(p: PeerIndex): number {
    const begins = compareBytes(this.#state.self.nodeId, this.#state.peers.nodeId(p)) < 0;
    return begins ? PATIENCE_MS : PATIENCE_LONGER_MS;
  }

  #quarantineUntil(p: PeerIndex, until: number, now: number): void {
    if (this.#quarantine.size >= QUARANTINED_MAX) this.#endQuarantines(now);
    if (this.#quarantine.size < QUARANTINED_MAX)
      this.#quarantine = withEntry(this.#quarantine, this.#state.peers.place(p), until);
  }

  #endQuarantines(now: number): void {
    for (const [place, until] of this.#quarantine)
      if (until <= now) this.#quarantine = withoutEntry(this.#quarantine, place);
  }

  /** 75% to 125% of it. */
  #jittered(ms: number): number {
    return Math.round(ms * (0.75 + randomBelow(this.#state.random, 1_000) / 2_000));
  }

  #endConnects(p: PeerIndex, outcome: CallOutcome): void {
    if (this.#connects.length === 0) return;
    for (const connect of this.#connects)
      if (connect.p === p) this.#state.emit({ type: 'complete', call: connect.call, outcome });
    this.#connects = this.#connects.filter((connect) => connect.p !== p);
  }
}

function backoffMs(failures: number, alwaysOn: boolean): number {
  const max = alwaysOn ? BACKOFF_ALWAYS_ON_MS_MAX : BACKOFF_MS_MAX;
  return Math.min(max, 1_000 * 2 ** (failures - 1));
}
