/** One secure look-up in a ring at rest: the real machine, and liars who do their worst. */
import { VirtualClock } from '../../../src/adapters/memory/clock.ts';
import type { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { assert } from '../../../src/core/codec/assert.ts';
import { idText, type Key, type NodeId } from '../../../src/core/codec/id.ts';
import { OwnRange } from '../../../src/core/overlay/secure/own-range.ts';
import { shifted } from '../../../src/core/overlay/secure/density.ts';
import type { Question, Wanted } from '../../../src/core/overlay/secure/lane.ts';
import type { Journey } from '../../../src/core/overlay/secure/journeys.ts';
import type { Statement } from '../../../src/core/overlay/secure/neighbourhood.ts';
import {
  SecureLookup,
  type SecureLookupEvent,
  type SecureLookupOutcome,
} from '../../../src/core/overlay/secure/secure-lookup.ts';
import type { StaticRing } from './static-ring.ts';

/**
 * What malicious nodes do with a question that reaches one of them, and with those of their neighbours. `lie`: they name the
 * coalition's own nodes nearest to the key, which all exist and answer; `drop`: nothing; `invent`: they name nodes beside the
 * key that do not exist; `omit`: they show the true neighbourhood without its honest replicas; `mix`: any of these.
 */
export type Malice = 'lie' | 'drop' | 'invent' | 'omit' | 'mix';

export interface Trial {
  readonly outcome: SecureLookupOutcome;
  /** All honest ones of the `k` nodes truly closest to the key are in the result. */
  readonly isReached: boolean;
  /** And a question gets to each of them by one of the journeys that the result names. */
  readonly isDelivered: boolean;
  readonly questions: number;
  readonly hops: number;
  readonly tookMs: number;
}

/** How a statement's size follows from what it names; see nearest-statement.ts. */
const NAMED_MAX = 16;
const NAMED_BY_NEIGHBOURS = 4;
const NAMED_ALONE = 8;
const ANSWER_MS = 2_000;
const HOP_MS = 40;
const TIMEOUT_MS = 20_000;

export interface World {
  readonly ring: StaticRing;
  readonly random: SeededRandom;
  readonly malice: Malice;
  /** Replicas of a key. */
  readonly k: number;
  /** Linked nodes beyond the leaf set. */
  readonly otherLinks: (from: number) => readonly number[];
}

/** A look-up of `key` by the honest node `from`. */
export function tryLookup(world: World, from: number, key: Key): Trial {
  return new Run(world, from, key).run();
}

class Run {
  readonly #world: World;
  readonly #from: number;
  readonly #key: Key;
  readonly #clock = new VirtualClock(0);
  readonly #machine: SecureLookup;
  readonly #indexOf = new Map<string, number>();
  #outcome: SecureLookupOutcome | undefined;
  #questions = 0;
  #hops = 0;

  constructor(world: World, from: number, key: Key) {
    const { ring, random, otherLinks } = world;
    this.#world = world;
    this.#from = from;
    this.#key = key;
    const hops = [...shuffled(ring.leaves(from), random), ...shuffled(otherLinks(from), random)];
    const leaves = ring.leaves(from).map((i) => ({ nodeId: ring.ids[i]! }));
    for (const i of hops) this.#indexOf.set(idText(ring.ids[i]!), i);
    const { spacing } = new OwnRange(ring.ids[from]!, leaves);
    assert(spacing !== undefined, 'the ring is larger than a leaf set');
    const firstHops = hops.map((i) => ring.ids[i]!);
    this.#machine = new SecureLookup({ key, firstHops, spacing, timeoutMs: TIMEOUT_MS });
  }

  run(): Trial {
    const { ring, k } = this.#world;
    this.#step({ type: 'begin' });
    while (this.#outcome === undefined) this.#clock.advance(this.#clock.nextAt()! - this.#clock.now());
    const outcome = this.#outcome;
    const nearest = outcome.ok ? outcome.nearest : [];
    const found = new Map(nearest.map(({ nodeId, journeys }) => [idText(nodeId), journeys]));
    const replicas = ring.nearest(this.#key, k).filter((i) => !ring.isMalicious[i]);
    const journeysTo = (i: number): readonly Journey[] => found.get(idText(ring.ids[i]!)) ?? [];
    return {
      outcome,
      isReached: outcome.ok && replicas.every((i) => journeysTo(i).length > 0),
      isDelivered: replicas.every((i) => journeysTo(i).some((journey) => this.#travel(journey)?.at === i)),
      questions: this.#questions,
      hops: this.#hops,
      tookMs: this.#clock.now(),
    };
  }

  #step(event: SecureLookupEvent): void {
    for (const effect of this.#machine.step(event, this.#clock.now()))
      if (effect.type === 'ask') this.#ask(effect.route, effect.question);
      else if (effect.type === 'complete') this.#outcome = effect.outcome;
      else this.#clock.after(effect.at - this.#clock.now(), () => this.#step({ type: 'timer' }));
  }

  #ask(route: number, { journey, wanted }: Question): void {
    const arrival = this.#travel(journey);
    const hops = arrival?.hops ?? 0;
    this.#questions += 1;
    this.#hops += hops;
    const statements = arrival && this.#answerOf(arrival.at, wanted);
    this.#clock.after(statements ? hops * HOP_MS : ANSWER_MS, () =>
      this.#step(statements ? { type: 'answer', route, statements } : { type: 'failure', route }),
    );
  }

  #travel({ via, constrained, points, through }: Journey): { at: number; hops: number } | undefined {
    const { ring } = this.#world;
    const first = via && this.#indexOf.get(idText(via));
    const [start, end] = points;
    let { at, hops } = ring.route(this.#from, start, first, constrained);
    if (end !== undefined && !ring.isMalicious[at]) {
      const onwards = ring.route(at, end, undefined, true);
      [at, hops] = [onwards.at, hops + onwards.hops];
    }
    for (const nodeId of through) {
      if (ring.isMalicious[at]) break;
      const next = ring.leaves(at).find((i) => ring.ids[i] === nodeId);
      if (next === undefined) return undefined;
      [at, hops] = [next, hops + 1];
    }
    return { at, hops };
  }

  #answerOf(at: number, wanted: Wanted): readonly Statement[] | undefined {
    return this.#world.ring.isMalicious[at] ? this.#lies(wanted) : this.#truth(at, wanted);
  }

  #truth(at: number, wanted: Wanted): readonly Statement[] {
    const { ring } = this.#world;
    const all = wanted === 'neighbours';
    const leaves = ring.leaves(at);
    const others = all ? leaves : leaves.filter((i) => wanted.includes(ring.ids[i]!));
    return [
      this.#statement(at, leaves, all ? NAMED_MAX : NAMED_ALONE),
      ...others.flatMap((i) => this.#neighbour(i) ?? []),
    ];
  }

  /** What a node says to its neighbour; undefined: nothing. */
  #neighbour(i: number): Statement | undefined {
    const { ring } = this.#world;
    if (!ring.isMalicious[i]) return this.#statement(i, ring.leaves(i), NAMED_BY_NEIGHBOURS);
    const malice = this.#maliceNow();
    if (malice === 'drop') return undefined;
    if (malice === 'invent') return { nodeId: ring.ids[i]!, nearest: this.#inventions() };
    return this.#statement(i, this.#nearCoalition(), NAMED_BY_NEIGHBOURS);
  }

  #maliceNow(): Exclude<Malice, 'mix'> {
    const { malice, random } = this.#world;
    return malice === 'mix' ? (['lie', 'drop', 'invent', 'omit'] as const)[random.below(4)]! : malice;
  }

  /** Undefined: no answer. */
  #lies(wanted: Wanted): readonly Statement[] | undefined {
    const { ring } = this.#world;
    const malice = this.#maliceNow();
    if (malice === 'drop') return undefined;
    const near = malice === 'omit' ? this.#nearOmitted() : this.#nearCoalition();
    const speaker = near.find((i) => ring.isMalicious[i]) ?? ring.malicious[0]!;
    const count = wanted === 'neighbours' ? NAMED_MAX : wanted.length > 0 ? wanted.length : 0;
    const speakers = [speaker, ...near.filter((i) => i !== speaker).slice(0, count)];
    return speakers.map((i) => {
      if (!ring.isMalicious[i]) return this.#statement(i, ring.leaves(i), NAMED_BY_NEIGHBOURS);
      if (malice === 'invent') return { nodeId: ring.ids[i]!, nearest: this.#inventions() };
      return this.#statement(i, near, NAMED_ALONE);
    });
  }

  /** All around the key but for its honest replicas. */
  #nearOmitted(): readonly number[] {
    const { ring, k } = this.#world;
    const replicas = new Set(ring.nearest(this.#key, k));
    return ring.nearest(this.#key, NAMED_MAX + 1 + k).filter((i) => ring.isMalicious[i] || !replicas.has(i));
  }

  /** The coalition's nodes nearest to the key. */
  #nearCoalition(): readonly number[] {
    const { ring } = this.#world;
    this.#coalition ??= ring.nearest(this.#key, NAMED_MAX + 1, ring.malicious);
    return this.#coalition;
  }
  #coalition: readonly number[] | undefined;

  /** The coalition agrees on them. */
  #inventions(): readonly NodeId[] {
    const { ring, random } = this.#world;
    this.#invented ??= Array.from({ length: NAMED_MAX }, () =>
      shifted(this.#key, (random.number() - 0.5) / ring.size),
    );
    return this.#invented;
  }
  #invented: readonly NodeId[] | undefined;

  #statement(of: number, among: readonly number[], named: number): Statement {
    const { ring } = this.#world;
    const others = among.filter((i) => i !== of);
    const nearest = ring.nearest(this.#key, named, others).map((i) => ring.ids[i]!);
    return { nodeId: ring.ids[of]!, nearest };
  }
}

function shuffled<T>(items: readonly T[], random: SeededRandom): T[] {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}
