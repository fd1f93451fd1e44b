/**
 * One secure look-up as a step machine (Castro et al. 2002, §5): an ordinary route first, then audits through other first
 * hops towards other points; where the density test fails, redundant routes, and detours at last. Only nodes that have
 * signed for this look-up's nonce count as live; nodes that others name are asked themselves.
 */
import { assert } from '../../codec/assert.ts';
import { idText, type Key, type NodeId } from '../../codec/id.ts';
import { sparseness } from './density.ts';
import { Lane, type Question } from './lane.ts';
import {
  auditLanes,
  detourLanes,
  firstLane,
  LANES_MAX,
  redundantLanes,
  type Journey,
  type Origin,
} from './journeys.ts';
import { Neighbourhood, NEIGHBOURS, type LiveNode, type Statement } from './neighbourhood.ts';

/** `answer`: statements whose certificates and signatures are good; the first one may be of another node than expected. */
export type SecureLookupEvent =
  | { readonly type: 'begin' }
  | { readonly type: 'answer'; readonly route: number; readonly statements: readonly Statement[] }
  /** No answer in time, or none that can be believed. */
  | { readonly type: 'failure'; readonly route: number }
  | { readonly type: 'timer' };

/** How far a look-up had to go. */
export type Round = 'first' | 'audits' | 'redundant' | 'detours';

export type SecureLookupOutcome =
  | {
      readonly ok: true;
      /** Live nodes around the key, the closest first. */
      readonly nearest: readonly LiveNode[];
      readonly round: Round;
      /** Something went unanswered, or a node was named that the first answer had left out. */
      readonly contested: boolean;
    }
  /** `silent`: too few answers; `sparse`: too few nodes around the key to be all; `late`: no end in time. */
  | { readonly ok: false; readonly reason: 'silent' | 'sparse' | 'late' };

export type SecureLookupEffect =
  | { readonly type: 'ask'; readonly route: number; readonly question: Question }
  /** Replaces the timer that was set before. */
  | { readonly type: 'set-timer'; readonly at: number }
  | { readonly type: 'complete'; readonly outcome: SecureLookupOutcome };

export interface SecureLookupOptions {
  readonly key: Key;
  /** Linked nodes, those of the leaf set first, each group in random order; at least one. */
  readonly firstHops: readonly NodeId[];
  /** Mean distance between nodes of our own leaf set, as a share of the ring. */
  readonly spacing: number;
  readonly timeoutMs: number;
}

/** The audits do not wait longer for the first route. */
const FIRST_MS = 1_000;
const PURSUITS_AT_ONCE = 16;
/** In each round of lanes. */
const PURSUITS_A_ROUND = 64;
/** All questions of one look-up: no liar can make us send more. */
export const ROUTES_MAX = LANES_MAX + 3 * PURSUITS_A_ROUND;
/** In each round at least this share of the lanes must have answered. */
const ANSWERED_SHARE = 0.25;

/** A node that so many live ones name, among the closest, cannot be left out because nobody has fetched its word. */
const DOUBT_NAMERS = 3;
const DOUBT_RANK = 4;
/** It counts as dead when so many lanes of one round have asked for its word and have heard only those who name it. */
const SILENT_LANES = 6;

/**
 * The density test's γ: how thin the nodes around a key may be after each round. The more lanes agree, the less likely it is
 * that liars stand on all of them, and the less the density has to prove. README.md has the rates of error.
 */
export const SPARSENESS_MAX: Readonly<Record<Round, number>> = {
  first: 0,
  audits: 1.3,
  redundant: 1.9,
  detours: 6,
};
/** Nodes that must have spoken at least. */
const LAST_MIN = NEIGHBOURS / 2;

/** A question under way. */
interface Route {
  readonly lane: Lane;
  readonly question: Question;
  readonly pursues: boolean;
}

export class SecureLookup {
  readonly #origin: Origin;
  readonly #timeoutMs: number;
  readonly #found: Neighbourhood;
  readonly #lanes: Lane[] = [];
  /** Where the lanes of this round begin. */
  #current = 0;
  readonly #underWay = new Map<number, Route>();
  #effects: SecureLookupEffect[] = [];
  #round: Round = 'first';
  #hedgeAt = Infinity;
  #deadline = Infinity;
  #routeCount = 0;
  #pursuitCount = 0;
  /** Of the lanes of this round. */
  #asked = 0;
  #answered = 0;
  /** Somebody is named whom nobody has fetched: all lanes look for a way of their own. */
  #walks = false;
  #contested = false;
  #ended = false;

  constructor({ timeoutMs, ...origin }: SecureLookupOptions) {
    assert(origin.firstHops.length > 0, 'a secure look-up needs a linked node');
    this.#origin = origin;
    this.#timeoutMs = timeoutMs;
    this.#found = new Neighbourhood(origin.key);
  }

  /** `now`: milliseconds. After `complete` nothing happens any more. */
  step(event: SecureLookupEvent, now: number): readonly SecureLookupEffect[] {
    if (this.#ended) return [];
    switch (event.type) {
      case 'begin':
        this.#begin(now);
        break;
      case 'answer':
        this.#onAnswer(event.route, event.statements);
        break;
      case 'failure':
        this.#onFailure(event.route);
        break;
      case 'timer':
        break;
    }
    this.#proceed(now);
    return this.#takeEffects();
  }

  #begin(now: number): void {
    this.#hedgeAt = now + FIRST_MS;
    this.#deadline = now + this.#timeoutMs;
    this.#setTimer(Math.min(this.#hedgeAt, this.#deadline));
    this.#open([firstLane(this.#origin)]);
  }

  #onAnswer(routeId: number, statements: readonly Statement[]): void {
    const route = this.#take(routeId);
    if (route === undefined) return;
    if (!route.pursues) this.#answered += 1;
    route.lane.hear(statements, route.question, this.#found);
  }

  #onFailure(routeId: number): void {
    const route = this.#take(routeId);
    if (route === undefined) return;
    route.lane.close();
    this.#contested = true;
  }

  #take(routeId: number): Route | undefined {
    const route = this.#underWay.get(routeId);
    this.#underWay.delete(routeId);
    return route;
  }

  #proceed(now: number): void {
    if (now >= this.#deadline) return this.#end({ ok: false, reason: 'late' });
    if (this.#round === 'first') {
      if (this.#underWay.size > 0 && now < this.#hedgeAt) return;
      this.#setTimer(this.#deadline);
      this.#enter('audits', auditLanes(this.#origin));
    }
    this.#pursue();
    if (this.#underWay.size > 0) return;
    this.#walks = this.#isDoubtful();
    if (this.#walks) this.#pursue();
    if (this.#underWay.size === 0) this.#judge();
  }

  /** Nodes that were named but have not spoken are asked by way of those who named them. */
  #pursue(): void {
    let busy = [...this.#underWay.values()].filter(({ pursues }) => pursues).length;
    // Liars name whom they like: each lane has its turn, so that theirs do not hold up the others.
    const lanes = this.#lanes.slice(this.#current).sort((a, b) => a.order - b.order);
    for (const lane of lanes) {
      if (busy >= PURSUITS_AT_ONCE || this.#pursuitCount >= PURSUITS_A_ROUND) return;
      const question = lane.pursue(this.#found, this.#walks);
      if (question === undefined) continue;
      busy += 1;
      this.#pursuitCount += 1;
      this.#contested = true;
      this.#ask({ lane, question, pursues: true });
    }
  }

  /** All is quiet: is this the neighbourhood, or do we have to look closer? */
  #judge(): void {
    const thinness = this.#found.isFull ? this.#sparseness() : Infinity;
    const heard = this.#answered >= ANSWERED_SHARE * this.#asked;
    if (heard && thinness <= SPARSENESS_MAX[this.#round] && !this.#walks) return this.#succeed();
    switch (this.#round) {
      case 'first':
      case 'audits':
        return this.#enter('redundant', redundantLanes(this.#origin));
      case 'redundant':
        return this.#enter('detours', detourLanes(this.#origin));
      case 'detours':
        return this.#judgeLast();
    }
  }

  /** After the last round whoever could not be fetched is taken for dead. */
  #judgeLast(): void {
    if (this.#found.closest.length < LAST_MIN) return this.#end({ ok: false, reason: 'silent' });
    if (this.#sparseness() > SPARSENESS_MAX.detours) return this.#end({ ok: false, reason: 'sparse' });
    this.#succeed();
  }

  #sparseness(): number {
    return sparseness(this.#origin.key, this.#found.closest, this.#origin.spacing);
  }

  /** Whether several live nodes name another one, among the closest, that has not spoken. */
  #isDoubtful(): boolean {
    const namers = new Map<string, Set<string>>();
    for (const lane of this.#lanes)
      for (const speaker of lane.speakers())
        for (const [name, nodeId] of speaker.named) {
          if (!this.#found.isMissing(nodeId) || this.#found.rankOf(nodeId) >= DOUBT_RANK) continue;
          const by = namers.get(name) ?? new Set<string>();
          namers.set(name, by.add(idText(speaker.nodeId)));
          if (by.size === DOUBT_NAMERS && !this.#isSilent(name)) return true;
        }
    return false;
  }

  /** Whether enough lanes of this round have asked for its word in vain. */
  #isSilent(name: string): boolean {
    let lanes = 0;
    for (const lane of this.#lanes.slice(this.#current)) if (lane.isSilent(name)) lanes += 1;
    return lanes >= SILENT_LANES;
  }

  #enter(round: Round, journeys: readonly Journey[]): void {
    this.#round = round;
    // The first lane is pursued with the audits.
    if (round !== 'audits') this.#current = this.#lanes.length;
    this.#pursuitCount = 0;
    this.#walks = false;
    this.#asked = 0;
    this.#answered = 0;
    this.#open(journeys);
  }

  #open(journeys: readonly Journey[]): void {
    this.#asked += journeys.length;
    const wanted = this.#round === 'first' ? 'neighbours' : [];
    for (const journey of journeys) {
      const lane = new Lane();
      this.#lanes.push(lane);
      this.#ask({ lane, question: { journey, wanted }, pursues: false });
    }
  }

  #ask(route: Route): void {
    const id = ++this.#routeCount;
    assert(id <= ROUTES_MAX, 'a look-up asks a bounded number of questions');
    this.#underWay.set(id, route);
    this.#effects.push({ type: 'ask', route: id, question: route.question });
  }

  #succeed(): void {
    const [round, contested] = [this.#round, this.#contested];
    this.#end({ ok: true, nearest: this.#found.closest, round, contested });
  }

  #end(outcome: SecureLookupOutcome): void {
    this.#ended = true;
    this.#effects.push({ type: 'complete', outcome });
  }

  #setTimer(at: number): void {
    this.#effects.push({ type: 'set-timer', at });
  }

  #takeEffects(): readonly SecureLookupEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
