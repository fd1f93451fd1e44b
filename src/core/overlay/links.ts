/** Which nodes to be linked with: dialling, probing, and the budget of links. */
import { compareBytes } from '../codec/bytes.ts';
import { compareDistance, type NodeId } from '../codec/id.ts';
import { DIALS_MAX } from '../codec/limits.ts';
import { randomBelow } from '../crypto/random.ts';
import type { Contact, Introduction } from './contact.ts';
import type { CallId } from './machine-events.ts';
import type { MachineState } from './machine-state.ts';
import type { OverlayMessage } from './messages.ts';
import type { Peer } from './peers.ts';

/** A link that was silent for this long is probed. */
export const PROBE_IDLE_MS = 10_000;
/** How long a probe waits for any sign of life. */
export const PROBE_TIMEOUT_MS = 2_000;
/** Probes without answer after which a node has failed. */
export const PROBES_MAX = 3;
/** A lost link is made again after about this long, once. */
const REDIAL_MS = 1_000;
/** The two ends of a link that is wanted do not dial at once: the smaller id begins, the other has patience. */
const PATIENCE_MS = 500;
const PATIENCE_LONGER_MS = 1_500;
/** After failures dials come ever more rarely, up to this; always-on nodes are tried more often. */
const BACKOFF_MS_MAX = 60_000;
const BACKOFF_REMEMBERED_MS_MAX = 8_000;
/** A node whose dials failed this often is forgotten, unless it is remembered. */
const FAILURES_MAX = 6;
/** A dial that does not end by itself is given up. */
const DIAL_MS_MAX = 20_000;
/** How long others are not believed that a node is live when we saw it go. */
const QUARANTINE_MS = 10_000;
/** A link closed for want of room is not made again before this. */
const TRIMMED_MS = 60_000;
/** Links kept free for those who need us: dials for mere speed stop before. */
const LINKS_RESERVED = 8;

/** Links that the layers above may keep from being closed for want of room. */
export const PROTECTED_MAX = 16;

interface ConnectCall {
  readonly call: CallId;
  readonly peer: Peer;
  readonly expires: number;
}

export class Links {
  readonly #state: MachineState;
  /** Called after a node went: what depended on the link ends. */
  readonly #onLost: (peer: Peer, now: number) => void;
  readonly #isBusy: (peer: Peer) => boolean;
  #connects: ConnectCall[] = [];
  #nonce = 0;

  constructor(
    state: MachineState,
    onLost: (peer: Peer, now: number) => void,
    isBusy: (peer: Peer) => boolean,
  ) {
    this.#state = state;
    this.#onLost = onLost;
    this.#isBusy = isBusy;
  }

  up(contact: Contact, direct: boolean, now: number): Peer {
    const { peers, leafSet, table } = this.#state;
    const peer = peers.up(contact, direct, now);
    leafSet.add(peer);
    table.add(peer, peer.rttMs);
    this.#state.linksUp.push(peer.nodeId);
    this.#state.routesChanged = this.#state.dialsChanged = true;
    this.#state.due(now + PROBE_IDLE_MS);
    this.#endConnects(peer, true);
    return peer;
  }

  /** The link is gone. `left`: its node said good-bye. */
  down(peer: Peer, left: boolean, now: number): void {
    if (peer.link === undefined) return;
    const { peers, leafSet, table } = this.#state;
    peers.down(peer);
    if (leafSet.remove(peer.nodeId)) for (const other of peers.linked()) leafSet.add(other);
    table.remove(peer.nodeId);
    peer.wanted = !left;
    peer.metBefore = !left;
    peer.dialAfter = now + this.#jittered(left ? QUARANTINE_MS : REDIAL_MS) + this.#patience(peer);
    if (left && peer.remembered) peer.dialAfter = now + BACKOFF_REMEMBERED_MS_MAX / 2;
    peer.quarantinedUntil = now + QUARANTINE_MS;
    this.#state.due(peer.dialAfter);
    this.#state.linksDown.push(peer.nodeId);
    this.#state.routesChanged = this.#state.dialsChanged = true;
    this.#onLost(peer, now);
  }

  close(peer: Peer, reason: string, left: boolean, now: number): void {
    this.#state.emit({ type: 'close', nodeId: peer.nodeId, reason });
    this.down(peer, left, now);
  }

  /** Something came from this node: it is alive. */
  heard(peer: Peer, message: OverlayMessage, now: number): void {
    const { link } = peer;
    if (link === undefined) return;
    if (message.type === 'probe-reply') this.#measure(peer, message.nonce, now);
    link.heardAt = now;
    link.probe = undefined;
    if (link.suspected) this.#state.routesChanged = true;
    link.suspected = false;
  }

  /** Is it alive? */
  probe(peer: Peer, now: number): void {
    const { link } = peer;
    if (link === undefined || link.probe) return;
    this.#sendProbe(peer, 0, now);
  }

  /** Routes avoid it until it is heard from. */
  suspect(peer: Peer, now: number): void {
    if (peer.link === undefined) return;
    peer.link.suspected = true;
    this.probe(peer, now);
  }

  /** A live node says that this one is live: it is dialled if it belongs to our leaf set. */
  want(peer: Peer, now: number): void {
    if (peer.link || peer.wanted || now < peer.quarantinedUntil || !this.#state.belongs(peer)) return;
    peer.wanted = true;
    if (this.#state.ready) peer.dialAfter = Math.max(peer.dialAfter, now + this.#patience(peer));
    this.#state.dialsChanged = true;
  }

  connect(call: CallId, introduction: Introduction, timeoutMs: number, now: number): void {
    const peer = this.#state.peers.learn(introduction);
    if (peer.link) return this.#state.emit({ type: 'complete', call, outcome: { kind: 'linked' } });
    peer.demanded = true;
    peer.dialAfter = Math.min(peer.dialAfter, now);
    this.#state.dialsChanged = true;
    this.#connects.push({ call, peer, expires: now + timeoutMs });
    this.#state.due(now + timeoutMs);
  }

  /** A dial is over; without a link it has failed. */
  dialEnded(peer: Peer, now: number): void {
    if (!this.#state.peers.endDial(peer)) return;
    this.#state.dialsChanged = true;
    if (peer.link) return;
    peer.dialFailures++;
    const backoff = this.#jittered(backoffMs(peer));
    peer.dialAfter = now + backoff;
    peer.demanded = false;
    peer.wanted = false;
    peer.quarantinedUntil = now + backoff;
    this.#state.table.remove(peer.nodeId);
    this.#state.routesChanged = true;
    this.#endConnects(peer, false);
    if (peer.dialFailures >= FAILURES_MAX && !peer.remembered) this.#state.peers.forget(peer);
  }

  /** Starts dials while there are slots: what is waited for first, then the leaf set, then routes for speed. */
  dialNext(now: number): void {
    const { peers } = this.#state;
    if (!this.#state.dialsChanged || peers.diallingCount >= DIALS_MAX) return;
    this.#state.dialsChanged = false;
    const found: { readonly peer: Peer; readonly rank: number }[] = [];
    for (const peer of peers.all()) {
      const rank = this.#rank(peer);
      if (rank === undefined) continue;
      if (peer.dialAfter <= now) found.push({ peer, rank });
      else this.#state.due(peer.dialAfter);
    }
    const self = this.#state.self.nodeId;
    found.sort((a, b) => a.rank - b.rank || compareDistance(self, a.peer.nodeId, b.peer.nodeId));
    for (const { peer } of found) {
      if (peers.diallingCount >= DIALS_MAX) return;
      peers.beginDial(peer, now);
      this.#state.due(now + DIAL_MS_MAX);
      this.#state.emit({ type: 'dial', contact: peer.contact, via: peer.via });
    }
  }

  /** Closes what is over the budget: first what neither leaf set nor table needs, of these the longest silent. */
  trim(now: number): void {
    const { peers, leafSet, table, linksMax } = this.#state;
    if (peers.linkCount <= linksMax) return;
    const spare = [...peers.linked()].filter(
      (peer) =>
        !leafSet.has(peer.nodeId) && !peer.remembered && !(peer.protectedBy > 0) && !this.#isBusy(peer),
    );
    spare.sort(
      (a, b) =>
        Number(table.has(a.nodeId)) - Number(table.has(b.nodeId)) || a.link!.heardAt - b.link!.heardAt,
    );
    for (const peer of spare.slice(0, peers.linkCount - linksMax)) {
      this.close(peer, 'over-budget', false, now);
      peer.wanted = false;
      peer.dialAfter = now + TRIMMED_MS;
    }
  }

  /** At most PROTECTED_MAX links, counted. */
  protect(nodeId: NodeId, on: boolean): void {
    const peer = this.#state.peers.get(nodeId);
    if (peer === undefined) return;
    if (!on) peer.protectedBy = Math.max(0, peer.protectedBy - 1);
    else if (peer.protectedBy > 0 || this.#protectedCount() < PROTECTED_MAX) peer.protectedBy++;
  }

  #protectedCount(): number {
    let count = 0;
    for (const peer of this.#state.peers.linked()) if (peer.protectedBy > 0) count++;
    return count;
  }

  /** Probes and time-outs. */
  tick(now: number): void {
    this.#state.dialsChanged = true;
    for (const peer of [...this.#state.peers.linked()]) this.#check(peer, now);
    for (const peer of [...this.#state.peers.all()]) {
      if (peer.dialledAt === undefined) continue;
      if (peer.dialledAt + DIAL_MS_MAX <= now) this.dialEnded(peer, now);
      else this.#state.due(peer.dialledAt + DIAL_MS_MAX);
    }
    for (const { call, expires } of this.#connects.filter((connect) => connect.expires <= now)) {
      this.#state.emit({ type: 'complete', call, outcome: { kind: 'failure', code: 'timeout' } });
      this.#connects = this.#connects.filter((connect) => connect.call !== call);
      this.#state.due(expires);
    }
    for (const { expires } of this.#connects) this.#state.due(expires);
  }

  /** All links get a fresh chance to show that they are alive. */
  confirmAll(now: number): void {
    for (const peer of this.#state.peers.linked()) this.#sendProbe(peer, 0, now);
  }

  stop(): void {
    for (const { call } of this.#connects)
      this.#state.emit({ type: 'complete', call, outcome: { kind: 'failure', code: 'stopped' } });
    this.#connects = [];
  }

  #check(peer: Peer, now: number): void {
    const link = peer.link!;
    const { probe } = link;
    if (probe === undefined) {
      if (link.heardAt + PROBE_IDLE_MS <= now) this.#sendProbe(peer, 0, now);
      else this.#state.due(link.heardAt + PROBE_IDLE_MS);
      return;
    }
    if (now < probe.sentAt + PROBE_TIMEOUT_MS) return this.#state.due(probe.sentAt + PROBE_TIMEOUT_MS);
    if (probe.missed + 1 >= PROBES_MAX) return this.close(peer, 'silent', false, now);
    link.suspected = true;
    this.#sendProbe(peer, probe.missed + 1, now);
  }

  #measure(peer: Peer, nonce: number, now: number): void {
    const probe = peer.link?.probe;
    if (probe?.nonce !== nonce) return;
    const rttMs = now - probe.sentAt;
    peer.rttMs = peer.rttMs === Infinity ? rttMs : (7 * peer.rttMs + rttMs) / 8;
    this.#state.table.add(peer, peer.rttMs);
  }

  #sendProbe(peer: Peer, missed: number, now: number): void {
    const nonce = this.#nonce++;
    peer.link!.probe = { sentAt: now, nonce, missed };
    this.#state.due(now + PROBE_TIMEOUT_MS);
    this.#state.send(peer, { type: 'probe', nonce });
  }

  /** The smaller, the sooner to be dialled; undefined: not at all. */
  #rank(peer: Peer): number | undefined {
    if (peer.link || peer.dialledAt !== undefined) return undefined;
    if (peer.demanded) return 0;
    if (peer.remembered) return 1;
    if (peer.wanted && this.#state.belongs(peer)) return 2;
    return this.#speedsUp(peer) ? 3 : undefined;
  }

  #speedsUp(peer: Peer): boolean {
    const { peers, self, linksMax, ready, table } = this.#state;
    const room = peers.linkCount + peers.diallingCount < linksMax - LINKS_RESERVED;
    return ready && room && self.role !== 'relay' && table.has(peer.nodeId);
  }

  #patience(peer: Peer): number {
    return this.#begins(peer.nodeId) ? PATIENCE_MS : PATIENCE_LONGER_MS;
  }

  #begins(other: NodeId): boolean {
    return compareBytes(this.#state.self.nodeId, other) < 0;
  }

  /** 75% to 125% of it. */
  #jittered(ms: number): number {
    return Math.round(ms * (0.75 + randomBelow(this.#state.random, 1_000) / 2_000));
  }

  #endConnects(peer: Peer, linked: boolean): void {
    const outcome = linked
      ? ({ kind: 'linked' } as const)
      : ({ kind: 'failure', code: 'unreachable' } as const);
    for (const connect of this.#connects)
      if (connect.peer === peer) this.#state.emit({ type: 'complete', call: connect.call, outcome });
    this.#connects = this.#connects.filter((connect) => connect.peer !== peer);
  }
}

function backoffMs(peer: Peer): number {
  const max = peer.remembered ? BACKOFF_REMEMBERED_MS_MAX : BACKOFF_MS_MAX;
  return Math.min(max, 1_000 * 2 ** (peer.dialFailures - 1));
}
