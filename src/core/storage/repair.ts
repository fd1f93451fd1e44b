/**
 * Decides which copies go where when the ring moves. A pass walks over everything held here, page by page; each thing is
 * offered to those of its replica set that are not known to have it, and sent to those that want it.
 */
import { unreachable } from '../codec/assert.ts';
import { equalBytes } from '../codec/bytes.ts';
import { idText, type NodeId } from '../codec/id.ts';
import { OFFER_ITEMS_MAX, type OfferAnswer, type OfferedItem } from './wire.ts';

/** A thing held here, with the nodes it belongs to, closest first; undefined: they have to be looked up. */
export interface RepairItem extends OfferedItem {
  readonly replicas: readonly NodeId[] | undefined;
}

export type RepairEvent =
  | { readonly type: 'leaf-set'; readonly added: readonly NodeId[] }
  | { readonly type: 'timer' }
  /** The next things held here; `last`: there are no more. */
  | { readonly type: 'page'; readonly items: readonly RepairItem[]; readonly last: boolean }
  /** A look-up ended; without replicas it failed. */
  | { readonly type: 'located'; readonly item: RepairItem }
  | {
      readonly type: 'answers';
      readonly to: NodeId;
      readonly items: readonly OfferedItem[];
      /** Undefined: the node did not answer. */
      readonly answers: readonly OfferAnswer[] | undefined;
    }
  | {
      readonly type: 'transferred';
      readonly peer: NodeId;
      readonly item: OfferedItem;
      readonly ok: boolean;
    };

export type RepairEffect =
  /** Replaces the timer that was set before. */
  | { readonly type: 'timer'; readonly delayMs: number }
  | { readonly type: 'scan'; readonly from: 'start' | 'next' }
  | { readonly type: 'locate'; readonly item: RepairItem }
  | { readonly type: 'offer'; readonly to: NodeId; readonly items: readonly OfferedItem[] }
  | { readonly type: 'push'; readonly peer: NodeId; readonly item: OfferedItem }
  | { readonly type: 'pull'; readonly peer: NodeId; readonly item: OfferedItem }
  /** The pass is over: forget what is over its retention. */
  | { readonly type: 'sweep' };

/** Changes of the leaf set within 1 s are one. */
export const DEBOUNCE_MS = 1_000;
/** Everything is looked at again every 60 s. */
export const PERIOD_MS = 60_000;
/** The holder next in order waits so long for the one before it: 2 s. */
export const TURN_MS = 2_000;
/** Transfers and look-ups under way at once. */
export const TRANSFERS_MAX = 4;
/** A node that came within the last minute is not expected to hold anything yet. */
const NEWCOMER_MS = 60_000;
const NEWCOMERS_MAX = 64;
/** Pairs of node and thing that are remembered as held, and for how long: 30 min. */
const KNOWN_MAX = 20_000;
const KNOWN_MS = 30 * 60_000;

interface Transfer {
  readonly type: 'push' | 'pull' | 'locate';
  readonly peer: NodeId | undefined;
  readonly item: RepairItem | OfferedItem;
}

interface Pass {
  /** Holders of this rank and lower have their turn: 0 is the closest one. */
  readonly turn: number;
  /** Nodes that did not answer in this pass. */
  readonly silent: Set<string>;
  lastPage: boolean;
  offers: number;
  running: number;
  /** Bounded by the page. */
  readonly waiting: Transfer[];
}

export class RepairMachine {
  readonly #self: NodeId;
  readonly #turns: number;
  readonly #newcomers = new Map<string, number>();
  readonly #known = new Map<string, number>();
  #pass: Pass | undefined;
  /** When the next pass starts, and its turn. */
  #next: { readonly at: number; readonly turn: number };
  /** When the last pass began in which everybody had a turn. */
  #fullAt: number;

  /** `replicas` is the size of a replica set: the turns that a round of passes has. The first pass is due at `firstAt`. */
  constructor(self: NodeId, replicas: number, firstAt: number) {
    this.#self = self;
    this.#turns = replicas;
    this.#next = { at: firstAt, turn: replicas };
    this.#fullAt = firstAt;
  }

  step(event: RepairEvent, now: number): RepairEffect[] {
    switch (event.type) {
      case 'leaf-set':
        return this.#leafSetChanged(event.added, now);
      case 'timer':
        return this.#startIfDue(now);
      case 'page':
        return this.#takePage(event.items, event.last, now);
      case 'located':
        return this.#located(event.item, now);
      case 'answers':
        return this.#answered(event, now);
      case 'transferred':
        return this.#transferred(event, now);
      default:
        return unreachable(event);
    }
  }

  #leafSetChanged(added: readonly NodeId[], now: number): RepairEffect[] {
    for (const nodeId of added) {
      if (this.#newcomers.size >= NEWCOMERS_MAX) this.#newcomers.delete(this.#newcomers.keys().next().value!);
      this.#newcomers.set(idText(nodeId), now + NEWCOMER_MS);
    }
    this.#next = { at: now + DEBOUNCE_MS, turn: 0 };
    return [this.#timer(now)];
  }

  #startIfDue(now: number): RepairEffect[] {
    if (this.#pass !== undefined) return [];
    if (now < this.#next.at) return [this.#timer(now)];
    // Also a ring that never stands still has passes in which everybody has a turn.
    const turn = now - this.#fullAt > 2 * PERIOD_MS ? this.#turns : this.#next.turn;
    if (turn >= this.#turns) this.#fullAt = now;
    this.#pass = { turn, silent: new Set(), lastPage: false, offers: 0, running: 0, waiting: [] };
    this.#next =
      turn < this.#turns ? { at: now + TURN_MS, turn: turn + 1 } : { at: now + PERIOD_MS, turn: this.#turns };
    return [{ type: 'scan', from: 'start' }];
  }

  #takePage(items: readonly RepairItem[], last: boolean, now: number): RepairEffect[] {
    const pass = this.#pass;
    if (pass === undefined) return [];
    pass.lastPage = last;
    const offers = new Offers();
    for (const item of items)
      if (item.replicas !== undefined) this.#collect(pass, item, item.replicas, offers, now);
      else if (pass.turn >= this.#turns && !this.#isKnown(this.#self, item, now))
        pass.waiting.push({ type: 'locate', peer: undefined, item });
    return this.#proceed(pass, offers.effects(), now);
  }

  #located(item: RepairItem, now: number): RepairEffect[] {
    const pass = this.#pass;
    if (pass === undefined) return [];
    pass.running -= 1;
    const offers = new Offers();
    if (item.replicas !== undefined) {
      // Remembered under our own name: this copy's replica set need not be looked up again for a while.
      this.#remember(this.#self, item, now);
      this.#collect(pass, item, item.replicas, offers, now);
    }
    return this.#proceed(pass, offers.effects(), now);
  }

  /** Offers the item to its replicas, if it is our turn among its holders. */
  #collect(pass: Pass, item: RepairItem, replicas: readonly NodeId[], offers: Offers, now: number): void {
    if (this.#rank(replicas, now) > pass.turn) return;
    for (const to of replicas) {
      if (equalBytes(to, this.#self) || pass.silent.has(idText(to)) || this.#isKnown(to, item, now)) continue;
      offers.add(to, bare(item));
    }
  }

  /** How many holders come before us; newcomers, who hold nothing yet, are no holders. */
  #rank(replicas: readonly NodeId[], now: number): number {
    const holders = replicas.filter(
      (nodeId) => equalBytes(nodeId, this.#self) || (this.#newcomers.get(idText(nodeId)) ?? 0) <= now,
    );
    const index = holders.findIndex((nodeId) => equalBytes(nodeId, this.#self));
    return Math.min(index < 0 ? holders.length : index, this.#turns);
  }

  #answered(event: Extract<RepairEvent, { type: 'answers' }>, now: number): RepairEffect[] {
    const pass = this.#pass;
    if (pass === undefined) return [];
    pass.offers -= 1;
    const { to, items, answers } = event;
    if (answers === undefined) pass.silent.add(idText(to));
    items.forEach((item, i) => {
      const answer = answers?.[i];
      if (answer === 'have') this.#remember(to, item, now);
      if (answer === 'want') pass.waiting.push({ type: 'push', peer: to, item });
      if (answer === 'newer') pass.waiting.push({ type: 'pull', peer: to, item });
    });
    return this.#proceed(pass, [], now);
  }

  #transferred(event: Extract<RepairEvent, { type: 'transferred' }>, now: number): RepairEffect[] {
    const pass = this.#pass;
    if (pass === undefined) return [];
    pass.running -= 1;
    if (event.ok) this.#remember(event.peer, event.item, now);
    return this.#proceed(pass, [], now);
  }

  /** Starts what may start; when the page is done, asks for the next one or ends the pass. */
  #proceed(pass: Pass, offers: readonly RepairEffect[], now: number): RepairEffect[] {
    const effects = [...offers];
    pass.offers += offers.length;
    while (pass.running < TRANSFERS_MAX) {
      const next = pass.waiting.shift();
      if (next === undefined) break;
      if (next.peer !== undefined && pass.silent.has(idText(next.peer))) continue;
      pass.running += 1;
      effects.push(effectOf(next));
    }
    if (pass.offers > 0 || pass.running > 0) return effects;
    if (!pass.lastPage) return [...effects, { type: 'scan', from: 'next' }];
    this.#pass = undefined;
    return [...effects, { type: 'sweep' }, this.#timer(now)];
  }

  #timer(now: number): RepairEffect {
    return { type: 'timer', delayMs: Math.max(0, this.#next.at - now) };
  }

  #isKnown(nodeId: NodeId, item: OfferedItem, now: number): boolean {
    return (this.#known.get(pairName(nodeId, item)) ?? 0) > now;
  }

  #remember(nodeId: NodeId, item: OfferedItem, now: number): void {
    const name = pairName(nodeId, item);
    this.#known.delete(name);
    if (this.#known.size >= KNOWN_MAX) this.#known.delete(this.#known.keys().next().value!);
    this.#known.set(name, now + KNOWN_MS);
  }
}

/** Collects what is offered to each node, cut into messages. */
class Offers {
  readonly #lists: { readonly to: NodeId; readonly items: OfferedItem[] }[] = [];
  readonly #open = new Map<string, OfferedItem[]>();

  add(to: NodeId, item: OfferedItem): void {
    const name = idText(to);
    const open = this.#open.get(name);
    if (open !== undefined && open.length < OFFER_ITEMS_MAX) {
      open.push(item);
      return;
    }
    const items = [item];
    this.#open.set(name, items);
    this.#lists.push({ to, items });
  }

  effects(): RepairEffect[] {
    return this.#lists.map(({ to, items }) => ({ type: 'offer', to, items }));
  }
}

function effectOf({ type, peer, item }: Transfer): RepairEffect {
  if (type === 'locate' || peer === undefined)
    return { type: 'locate', item: { replicas: undefined, ...item } };
  return { type, peer, item };
}

function bare({ kind, key, version, held }: OfferedItem): OfferedItem {
  return { kind, key, version, held };
}

/** Half of each hash is enough to tell things apart here, and saves memory. */
function pairName(nodeId: NodeId, { kind, key, held }: OfferedItem): string {
  return `${idText(nodeId).slice(0, 32)}${kind}${idText(key).slice(0, 32)}${idText(held).slice(0, 32)}`;
}
