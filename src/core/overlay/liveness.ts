/**
 * Who is alive: silent links are probed, those that do not answer have failed. Castro, Costa & Rowstron, DSN 2004, §4.1: the two
 * neighbours on the ring often, the rest of the leaf set less, routing-table entries as seldom as the failures that are seen allow; a
 * failed neighbour is told to the leaf set, which looks for itself. Any message counts as life.
 */
import { randomBelow } from '../crypto/random.ts';
import type { MachineState } from './machine-state.ts';
import type { OverlayMessage } from './messages.ts';
import { LEAF, LINKED, SUSPECTED, type PeerIndex } from './peer-table.ts';
import { NO_ENTRIES, withEntry, withoutEntry } from './sparse-map.ts';

/** A neighbour on the ring that was silent for this long is probed. */
export const ADJACENT_IDLE_MS = 30_000;
/** Another member of the leaf set. */
export const LEAF_IDLE_MS = 180_000;
/** Others: between these, so that about LOSS_TARGET of them are dead unnoticed. */
export const TABLE_IDLE_MS_MIN = 30_000;
export const TABLE_IDLE_MS_MAX = 300_000;
const LOSS_TARGET = 0.05;
/** Probes without answer after which a node has failed. */
export const PROBES_MAX = 3;
/** The first probe waits for a time-out from measured round trips, at least this; the following ones twice as long each. */
export const PROBE_MS_MIN = 500;
const PROBE_MS_MAX = 2_000;
/** Probes of many links are sent together, so that the timer fires less. */
const ROUNDING_MS = 1_000;
/** A node that was heard from this recently is not probed because others say that it is gone. */
const RECENT_MS = 1_000;
/** What is believed of failures before any was seen: one link in this time. */
const PRIOR_LINK_MS = 50 * 60_000;
/** Older experience counts half. */
const MEMORY_LINK_MS = 48 * 60 * 60_000;

interface Probe {
  readonly nonce: number;
  readonly sentAt: number;
  readonly due: number;
  /** Probes before it that were not answered either. */
  readonly missed: number;
}

export class Liveness {
  readonly #state: MachineState;
  /** Called with a node that did not answer its last probe. */
  readonly #failed: (p: PeerIndex, now: number) => void;
  /** Unanswered probes. */
  #probes: ReadonlyMap<PeerIndex, Probe> = NO_ENTRIES;
  #scanAt = Infinity;
  #losses = 1;
  #linkMs = PRIOR_LINK_MS;
  #countedAt = 0;

  constructor(state: MachineState, failed: (p: PeerIndex, now: number) => void) {
    this.#state = state;
    this.#failed = failed;
  }

  /** A link came up. Who chose it measures it; others learn the round trip from acknowledgements. */
  up(p: PeerIndex, chosen: boolean, now: number): void {
    this.#count(now);
    if (chosen) this.probe(p, now);
    this.#scanBy(now + ADJACENT_IDLE_MS);
  }

  /** `lost`: nobody closed it. */
  down(p: PeerIndex, lost: boolean, now: number): void {
    this.#count(now);
    this.#probes = withoutEntry(this.#probes, p);
    if (lost) this.#losses++;
    // Others are next to us now.
    this.#scanBy(now + 1);
  }

  /** Something came from this node. */
  heard(p: PeerIndex, message: OverlayMessage, now: number): void {
    const { peers } = this.#state;
    if (message.type === 'probe-reply') this.#measure(p, message.nonce, now);
    peers.heard(p, now);
    this.#probes = withoutEntry(this.#probes, p);
    if (!peers.is(p, SUSPECTED)) return;
    peers.mark(p, SUSPECTED, false);
    this.#state.routesChanged = true;
  }

  /** Is it alive? */
  probe(p: PeerIndex, now: number): void {
    if (this.#state.peers.is(p, LINKED) && !this.#probes.has(p)) this.#send(p, 0, now);
  }

  /** Others say that it is gone. */
  doubt(p: PeerIndex, now: number): void {
    if (this.#state.peers.heardAt(p) + RECENT_MS < now) this.probe(p, now);
  }

  /** Routes avoid it until it is heard from. */
  suspect(p: PeerIndex, now: number): void {
    if (!this.#state.peers.is(p, LINKED)) return;
    this.#state.peers.mark(p, SUSPECTED, true);
    this.probe(p, now);
  }

  /** All links get a fresh chance to show that they are alive. */
  confirmAll(now: number): void {
    for (const p of this.#state.peers.linked) this.#send(p, 0, now);
  }

  tick(now: number): void {
    if (this.#probes.size > 0) this.#checkProbes(now);
    if (now >= this.#scanAt) this.#scan(now);
    this.#state.due(this.#scanAt);
  }

  /** How long an entry of the routing table may be silent. §4.1: half of it times the failure rate are dead unnoticed. */
  get tableIdleMs(): number {
    const target = (2 * LOSS_TARGET * this.#linkMs) / this.#losses;
    return Math.min(TABLE_IDLE_MS_MAX, Math.max(TABLE_IDLE_MS_MIN, target));
  }

  #checkProbes(now: number): void {
    for (const [p, probe] of [...this.#probes]) {
      if (now >= probe.due) this.#missed(p, probe.missed + 1, now);
      else this.#state.due(probe.due);
    }
  }

  #missed(p: PeerIndex, missed: number, now: number): void {
    if (missed >= PROBES_MAX) {
      this.#probes = withoutEntry(this.#probes, p);
      return this.#failed(p, now);
    }
    this.#state.peers.mark(p, SUSPECTED, true);
    this.#send(p, missed, now);
  }

  #scan(now: number): void {
    const { peers } = this.#state;
    let next = Infinity;
    for (const p of peers.linked) {
      const due = peers.heardAt(p) + this.#idleMs(p);
      if (due > now) next = Math.min(next, due);
      else this.probe(p, now);
    }
    this.#scanAt = Infinity;
    this.#scanBy(Math.max(next, now + ROUNDING_MS));
  }

  #scanBy(at: number): void {
    this.#scanAt = Math.min(this.#scanAt, Math.ceil(at / ROUNDING_MS) * ROUNDING_MS);
    this.#state.due(this.#scanAt);
  }

  #idleMs(p: PeerIndex): number {
    const { peers, leafSet } = this.#state;
    if (!peers.is(p, LEAF)) return this.tableIdleMs;
    return leafSet.isAdjacent(p) ? ADJACENT_IDLE_MS : LEAF_IDLE_MS;
  }

  #count(now: number): void {
    if (this.#countedAt > 0) this.#linkMs += this.#state.peers.linked.length * (now - this.#countedAt);
    this.#countedAt = now;
    if (this.#linkMs < MEMORY_LINK_MS) return;
    this.#linkMs /= 2;
    this.#losses = Math.max(1, this.#losses / 2);
  }

  #measure(p: PeerIndex, nonce: number, now: number): void {
    const probe = this.#probes.get(p);
    if (probe?.nonce !== nonce) return;
    this.#state.peers.measured(p, now - probe.sentAt);
    this.#state.table.add(p);
  }

  #send(p: PeerIndex, missed: number, now: number): void {
    const first = Math.max(PROBE_MS_MIN, this.#state.peers.timeoutMs(p));
    const due = now + Math.min(PROBE_MS_MAX, first * 2 ** missed);
    // Random, so that nobody answers before it was asked and looks nearer than it is.
    const nonce = randomBelow(this.#state.random, 2 ** 31);
    this.#probes = withEntry(this.#probes, p, { nonce, sentAt: now, due, missed });
    this.#state.due(due);
    this.#state.send(p, { type: 'probe', nonce });
  }
}
