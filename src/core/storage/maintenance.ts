/**
 * Decides when blocks get further copies. Lazily (Chun et al., Carbonite, NSDI 2006, §3): a node that leaves keeps its disk and
 * mostly comes back, so a copy is made only when the live ones that are known fall under a low-water mark; copies beyond it
 * are kept, and count again when their holders return.
 *
 * Each node cares for the keys that it is among the closest live nodes to. It compares its own holdings with its neighbours'
 * (reconcile/), asks for proofs of what they say they hold, counts, and moves what is short: the closest node first, the
 * next ones when it has done nothing for a while, so that a root that lies or sleeps stops nothing.
 */
import { unreachable } from '../codec/assert.ts';
import { equalBytes, type Bytes } from '../codec/bytes.ts';
import { compareDistance, idText, type Key, type NodeId } from '../codec/id.ts';
import { Budget } from './budget.ts';
import { countCopies, type Copies } from './copies.ts';
import { dutyArc, includesId, rankOf } from './duty.ts';
import { Mirrors, type RememberedMirror } from './mirrors.ts';
import { inArc, type Arc } from './reconcile/arc.ts';
import type { KeyTree } from './reconcile/key-tree.ts';
import type { Differences } from './reconcile/reconciliation.ts';
import { inBoth, keyOf, type Entry } from './reconcile/tree-node.ts';
import { Trust } from './trust.ts';

/** `silent`: no answer. `missing`: it says that it has not what it claimed. `wrong`: bytes that prove nothing. */
export type Verdict = 'good' | 'missing' | 'wrong' | 'silent';

export type MaintenanceEvent =
  /** Who is live: the leaf set, and the always-on replicas. */
  | { readonly type: 'neighbours'; readonly leafSet: readonly NodeId[]; readonly alwaysOn: readonly NodeId[] }
  | { readonly type: 'timer' }
  | {
      readonly type: 'reconciled';
      readonly peer: NodeId;
      readonly believed: KeyTree;
      readonly arc: Arc;
      readonly differences: Differences;
      /** DRAW_BYTES random bytes: which of its claims are tried. */
      readonly draw: Bytes;
    }
  | {
      readonly type: 'proved';
      readonly peer: NodeId;
      readonly keys: readonly Key[];
      readonly verdicts: readonly Verdict[];
    }
  | {
      readonly type: 'moved';
      readonly to: 'there' | 'here';
      readonly peer: NodeId;
      readonly key: Key;
      /** `wrong`: it gave other bytes than those asked for. */
      readonly end: 'done' | 'failed' | 'wrong';
      /** What went over the wire. */
      readonly bytes: number;
    };

export type MaintenanceEffect =
  /** Replaces the timer that was set before. */
  | { readonly type: 'timer'; readonly delayMs: number }
  | { readonly type: 'reconcile'; readonly peer: NodeId; readonly believed: KeyTree; readonly arc: Arc }
  /** All these keys are held here too, so that the answers can be checked. */
  | { readonly type: 'prove'; readonly peer: NodeId; readonly keys: readonly Key[] }
  | { readonly type: 'move'; readonly to: 'there' | 'here'; readonly peer: NodeId; readonly key: Key }
  /** A node is found to lie: it signed for, claimed or sent what it has not. It counts for nothing for a week. */
  | {
      readonly type: 'named';
      readonly peer: NodeId;
      readonly key: Key;
      readonly reason: 'no-proof' | 'wrong-block';
    };

/** Then so many are made that one more may go before there are too few again. */
export const HYSTERESIS = 1;
/** Everything is counted again every 30 min. */
export const PERIOD_MS = 30 * 60_000;
/**
 * After a change of neighbours it is counted 10 s later, but at most once in 30 s, and in twice the time after each round that
 * followed a change: a ring of tabs never stands still, and most that leave come back.
 */
export const DEBOUNCE_MS = 10_000;
export const PAUSE_MS = 30_000;
/** What is short is looked at again before anything is copied: it may be on its way just now. */
export const PATIENCE_MS = 30_000;
/** The next closest node waits so long for the closer one to act: 45 min, a round and a half. */
export const TURN_MS = 45 * 60_000;
/** A comparison is good for so long: 2 h. */
export const FRESH_MS = 2 * 60 * 60_000;
/** Nodes that care for a key: the closest live ones. */
export const DUTY_RANKS = 3;
/** Compared is a little more than that, so that not every move of a neighbour needs new comparisons. */
const COMPARED_RANKS = DUTY_RANKS + 2;
/** Comparisons, proofs and transfers under way at once. */
export const TASKS_MAX = 4;
/** Claims that are tried after each comparison, and random bytes for their choice. */
export const PROOFS_MAX = 8;
export const DRAW_BYTES = 4 * PROOFS_MAX;
/** What maintenance may send and fetch: 64 KiB a second, the most at once 1 MiB. */
export const BYTES_PER_SECOND = 64 * 1024;
export const BURST_BYTES = 1024 * 1024;
/** Keys that are short of copies and wait for their turn; others are looked at in the next round. */
export const SHORT_MAX = 8_192;
/** Transfers of one round. */
export const MOVES_MAX = 1_024;

export interface MaintenanceOptions {
  readonly self: NodeId;
  readonly lowWater: number;
  /** Readers ask so many closest nodes first, and the always-on ones: one of them has to have it. */
  readonly k: number;
  /** The first round is due then: a random time within the period keeps nodes out of step. */
  readonly firstAt: number;
  /** Who holds a block in place of this node, which has no room, and was heard when it was last asked. Unset: nobody does. */
  readonly elsewhere?: ((key: Key) => NodeId | undefined) | undefined;
  /** What `remembered` said in an earlier session. */
  readonly remembered?: readonly RememberedMirror[] | undefined;
}

type Task = Extract<MaintenanceEffect, { type: 'reconcile' | 'prove' | 'move' }>;

interface Round {
  readonly startedAt: number;
  readonly tasks: Task[];
  running: number;
  /** Counted by what is known; then, if something is short, by what everybody says now; then copies move. */
  stage: 'known' | 'asked' | 'moving';
  /** Nodes that took nothing in this round: silent or full. */
  readonly unable: Set<string>;
}

export class MaintenanceMachine {
  readonly #self: NodeId;
  readonly #lowWater: number;
  readonly #k: number;
  readonly #elsewhere: (key: Key) => NodeId | undefined;
  readonly #mirrors: Mirrors;
  readonly #trust = new Trust();
  readonly #budget: Budget;
  /** Everybody else who is live, each once. */
  #others: readonly NodeId[] = [];
  #leafSet: readonly NodeId[] = [];
  #arcs: { readonly duty: Arc; readonly compared: Arc } | undefined;
  #alwaysOn: readonly NodeId[] = [];
  /** Since when keys are short of copies. */
  #short = new Map<string, number>();
  #round: Round | undefined;
  #nextAt: number;
  #lastAt = -Infinity;
  #pauseMs = PAUSE_MS;
  #hasChanged = false;

  constructor({ self, lowWater, k, firstAt, remembered, elsewhere }: MaintenanceOptions) {
    this.#self = self;
    this.#elsewhere = elsewhere ?? (() => undefined);
    this.#mirrors = new Mirrors(remembered);
    this.#lowWater = lowWater;
    this.#k = k;
    this.#nextAt = firstAt;
    this.#budget = new Budget(BYTES_PER_SECOND, BURST_BYTES, firstAt);
  }

  /** `own`: the blocks that are on this disk now. */
  step(event: MaintenanceEvent, own: KeyTree, now: number): MaintenanceEffect[] {
    switch (event.type) {
      case 'neighbours':
        return this.#neighboursChanged(event.leafSet, event.alwaysOn, now);
      case 'timer':
        return this.#round === undefined ? this.#startIfDue(own, now) : this.#proceed(this.#round, own, now);
      case 'reconciled':
        return this.#reconciled(event, own, now);
      case 'proved':
        return this.#ended([...this.#judge(event, now)], own, now);
      case 'moved':
        return this.#ended([...this.#moved(event, now)], own, now);
      default:
        return unreachable(event);
    }
  }

  #neighboursChanged(
    leafSet: readonly NodeId[],
    alwaysOn: readonly NodeId[],
    now: number,
  ): MaintenanceEffect[] {
    for (const nodeId of this.#others)
      if (!includesId(leafSet, nodeId) && !includesId(alwaysOn, nodeId)) this.#mirrors.stale(nodeId);
    const relays = alwaysOn.filter((nodeId) => !equalBytes(nodeId, this.#self));
    this.#others = [...relays, ...leafSet.filter((nodeId) => !includesId(relays, nodeId))];
    this.#leafSet = leafSet;
    this.#arcs = undefined;
    this.#alwaysOn = alwaysOn;
    this.#hasChanged = true;
    this.#nextAt = Math.min(this.#nextAt, Math.max(now + DEBOUNCE_MS, this.#lastAt + this.#pauseMs));
    return this.#round === undefined ? [this.#timer(now)] : [];
  }

  #startIfDue(own: KeyTree, now: number): MaintenanceEffect[] {
    if (now < this.#nextAt) return [this.#timer(now)];
    this.#pauseMs = this.#hasChanged ? Math.min(2 * this.#pauseMs, PERIOD_MS) : PAUSE_MS;
    this.#hasChanged = false;
    this.#lastAt = now;
    this.#nextAt = now + PERIOD_MS;
    const { duty } = this.#ownArcs();
    const unknown = this.#others.filter((peer) => this.#tree(peer, duty, now) === undefined);
    const tasks = this.#comparisons(unknown, own, now);
    this.#round = { startedAt: now, tasks, running: 0, stage: 'known', unable: new Set() };
    return this.#proceed(this.#round, own, now);
  }

  #comparisons(peers: readonly NodeId[], own: KeyTree, now: number): Task[] {
    const arc = this.#ownArcs().compared;
    return peers
      .filter((peer) => !this.#trust.isLiar(peer, now))
      .map((peer) => ({ type: 'reconcile', peer, believed: this.#mirrors.believed(peer, arc, own), arc }));
  }

  #reconciled(
    { peer, believed, arc, differences, draw }: Extract<MaintenanceEvent, { type: 'reconciled' }>,
    own: KeyTree,
    now: number,
  ): MaintenanceEffect[] {
    const round = this.#round;
    if (round === undefined) return [];
    this.#mirrors.compared(peer, believed, arc, differences, now);
    if (differences.end !== 'complete') round.unable.add(idText(peer));
    const keys = this.#claims(peer, arc, own, draw, now);
    if (keys.length > 0) round.tasks.push({ type: 'prove', peer, keys });
    return this.#ended([], own, now);
  }

  /** Some blocks, drawn at random, that the peer says it holds, and that are here too. */
  #claims(peer: NodeId, arc: Arc, own: KeyTree, draw: Bytes, now: number): readonly Key[] {
    const theirs = this.#tree(peer, arc, now);
    if (theirs === undefined) return [];
    const both = inBoth(own.entriesWithin(arc), theirs.entriesWithin(arc));
    const view = new DataView(draw.buffer, draw.byteOffset, DRAW_BYTES);
    const chosen = new Set<Key>();
    for (let i = 0; i < PROOFS_MAX && both.length > 0; i++)
      chosen.add(keyOf(both[view.getUint32(4 * i) % both.length]!));
    return [...chosen];
  }

  *#judge(
    { peer, keys, verdicts }: Extract<MaintenanceEvent, { type: 'proved' }>,
    now: number,
  ): Generator<MaintenanceEffect> {
    for (const [i, key] of keys.entries()) {
      const verdict = verdicts[i] ?? 'silent';
      if (verdict === 'good') continue;
      // Who does not answer has proved nothing: what it holds is not counted until it is heard again.
      if (verdict === 'silent') this.#mirrors.stale(peer);
      else this.#mirrors.lacks(peer, key);
      if (verdict !== 'silent' && this.#trust.failed(peer, verdict === 'wrong', now)) {
        this.#mirrors.forget(peer);
        yield { type: 'named', peer, key, reason: 'no-proof' };
        return;
      }
    }
  }

  *#moved(
    { to, peer, key, end, bytes }: Extract<MaintenanceEvent, { type: 'moved' }>,
    now: number,
  ): Generator<MaintenanceEffect> {
    this.#budget.spend(bytes, now);
    if (end === 'done') {
      if (to === 'there') this.#mirrors.holds(peer, key);
      return;
    }
    this.#round?.unable.add(idText(peer));
    if (to === 'here') this.#mirrors.lacks(peer, key);
    if (end === 'wrong' && this.#trust.failed(peer, true, now)) {
      this.#mirrors.forget(peer);
      yield { type: 'named', peer, key, reason: 'wrong-block' };
    }
  }

  #ended(effects: readonly MaintenanceEffect[], own: KeyTree, now: number): MaintenanceEffect[] {
    const round = this.#round;
    if (round === undefined) return [...effects];
    round.running -= 1;
    return [...effects, ...this.#proceed(round, own, now)];
  }

  /** Starts what may start; counts when all is compared and tried; ends the round when all is moved. */
  #proceed(round: Round, own: KeyTree, now: number): MaintenanceEffect[] {
    const effects: MaintenanceEffect[] = [];
    for (;;) {
      while (round.running < TASKS_MAX) {
        const waitMs = round.tasks[0]?.type === 'move' ? this.#budget.waitMs(now) : 0;
        if (waitMs > 0) return [...effects, { type: 'timer', delayMs: waitMs }];
        const task = round.tasks.shift();
        if (task === undefined) break;
        if (task.type === 'move' && round.unable.has(idText(task.peer))) continue;
        round.running += 1;
        effects.push(task);
      }
      if (round.running > 0) return effects;
      if (round.stage === 'moving') break;
      this.#nextTasks(round, own, now);
    }
    this.#round = undefined;
    return [...effects, this.#timer(now)];
  }

  /** What was stored or copied since the last comparison looks short until everybody has been asked in this round. */
  #nextTasks(round: Round, own: KeyTree, now: number): void {
    const { remedies, soonestMs } = this.#count(round, own, now);
    const { duty } = this.#ownArcs();
    const unasked = this.#others.filter(
      (peer) => this.#tree(peer, duty, now) && !this.#mirrors.fresh(peer, duty, round.startedAt),
    );
    if (round.stage === 'known' && remedies.length > 0 && unasked.length > 0) {
      round.stage = 'asked';
      round.tasks.push(...this.#comparisons(unasked, own, now));
      return;
    }
    round.stage = 'moving';
    round.tasks.push(...remedies);
    const againMs = Math.max(remedies.length > 0 ? 0 : soonestMs, PAUSE_MS);
    this.#nextAt = Math.min(this.#nextAt, now + againMs);
  }

  #count(round: Round, own: KeyTree, now: number): { remedies: readonly Task[]; soonestMs: number } {
    const { duty } = this.#ownArcs();
    const holdings: [NodeId, readonly Entry[]][] = [[this.#self, own.entriesWithin(duty)]];
    for (const peer of this.#others) {
      const tree = this.#tree(peer, duty, now);
      if (tree !== undefined) holdings.push([peer, tree.entriesWithin(duty)]);
    }
    const able = holdings.map(([nodeId]) => nodeId).filter((nodeId) => !round.unable.has(idText(nodeId)));
    const enough = Math.min(this.#lowWater, able.length);
    const short = new Map<string, number>();
    const remedies: Task[] = [];
    let soonestMs = PERIOD_MS;
    const copies = countCopies(holdings);
    const isFar = this.#far(copies, able);
    for (const [index, key] of copies.keys.entries()) {
      if (short.size >= SHORT_MAX) break;
      const far = isFar(index);
      if (copies.count(index) >= enough && !far) continue;
      const further = this.#further(key);
      if (copies.count(index) + further >= enough && !far) continue;
      const since = this.#short.get(idText(key)) ?? now;
      short.set(idText(key), since);
      const turnMs = rankOf(this.#self, able, key) * TURN_MS;
      const waitMs = since + Math.max(turnMs, PATIENCE_MS) - now;
      if (waitMs > 0) soonestMs = Math.min(soonestMs, waitMs);
      else if (remedies.length < MOVES_MAX)
        remedies.push(...this.#remedy(key, copies.holders(index), able, further));
    }
    this.#short = short;
    return { remedies, soonestMs };
  }

  /** 1 for a copy that a node outside the neighbourhood holds in place of this one; within it is counted as what it is. */
  #further(key: Key): 0 | 1 {
    const holder = this.#elsewhere(key);
    return holder === undefined || includesId(this.#others, holder) ? 0 : 1;
  }

  /** Whether a reader who asks as it should would find the key of an index with nobody. */
  #far(copies: Copies, able: readonly NodeId[]): (index: number) => boolean {
    const isAsked = (nodeId: NodeId): boolean => nodeId === this.#self || this.#alwaysOn.includes(nodeId);
    const asked = copies.counted.flatMap((nodeId, at) => (isAsked(nodeId) ? [at] : []));
    return (index) =>
      !asked.some((at) => copies.isHeldBy(index, at)) &&
      !copies.holders(index).some((holder) => rankOf(holder, able, copies.keys[index]!) < this.#k);
  }

  /** The closest nodes that lack it get it. What is not here comes here first; the rest follows in the next round. */
  #remedy(key: Key, holders: readonly NodeId[], able: readonly NodeId[], further: number): readonly Task[] {
    const names = new Set(holders.map(idText));
    const byDistance = [...able].sort((a, b) => compareDistance(key, a, b));
    if (!names.has(idText(this.#self))) {
      const source = byDistance.find((node) => names.has(idText(node)));
      return source === undefined ? [] : [{ type: 'move', to: 'here', peer: source, key }];
    }
    return byDistance
      .filter((node) => !names.has(idText(node)))
      .slice(0, Math.max(0, this.#lowWater + HYSTERESIS - holders.length - further))
      .map((peer) => ({ type: 'move', to: 'there', peer, key }));
  }

  /** What others were found to hold: where the next session's comparisons start. */
  remembered(): readonly RememberedMirror[] {
    return this.#mirrors.remembered();
  }

  /** Live nodes that are known to hold it, this one not counted: as of the last comparison with each. 0 where it is not our duty to know. */
  copiesElsewhere(key: Key, now: number): number {
    const { duty } = this.#ownArcs();
    if (!inArc(duty, key)) return 0;
    const holds = (peer: NodeId): boolean => this.#tree(peer, duty, now)?.has(key) === true;
    return this.#others.filter(holds).length + this.#further(key);
  }

  /** The keys that this node cares for, and those that it compares. */
  #ownArcs(): { readonly duty: Arc; readonly compared: Arc } {
    this.#arcs ??= {
      duty: dutyArc(this.#self, this.#leafSet, DUTY_RANKS),
      compared: dutyArc(this.#self, this.#leafSet, COMPARED_RANKS),
    };
    return this.#arcs;
  }

  /** What a live node that is no liar holds, as far as it is known well enough. */
  #tree(peer: NodeId, arc: Arc, now: number): KeyTree | undefined {
    if (this.#trust.isLiar(peer, now)) return undefined;
    return this.#mirrors.fresh(peer, arc, now - FRESH_MS);
  }

  #timer(now: number): MaintenanceEffect {
    return { type: 'timer', delayMs: Math.max(0, this.#nextAt - now) };
  }
}
