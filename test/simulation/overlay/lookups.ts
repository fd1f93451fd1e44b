/** Looks up keys as the overlay's driver does, and judges the answers by what the observer knows. */
import type { Id, Key } from '../../../src/core/codec/id.ts';
import type { CallOutcome } from '../../../src/core/overlay/machine-events.ts';
import type { SimulatedNode } from './node.ts';
import type { OpenKey } from './truth.ts';
import type { World } from './world.ts';

/** As in src/core/overlay/overlay-node.ts: a look-up has so long, each attempt so long, with a pause between them. */
export const TIMEOUT_MS = 10_000;
export const ATTEMPT_MS = 5_000;
const PAUSE_MS = 200;
/** Longer paths count as this. */
const HOPS_COUNTED_MAX = 64;

/** How a look-up ended; `gone`: its asker died before; `alone`: its asker had nobody to ask, and named itself. */
export interface Ended {
  readonly kind: 'right' | 'wrong' | 'lost' | 'gone' | 'alone';
  readonly outcome: CallOutcome | undefined;
  /** The node that was named; −1: none. */
  readonly root: number;
  readonly attempts: number;
  readonly tookMs: number;
}

interface Asking {
  readonly id: number;
  readonly node: SimulatedNode;
  readonly open: OpenKey;
  readonly startedAt: number;
  attempts: number;
  readonly ended: (ended: Ended) => void;
  readonly figures: LookupFigures;
}

/** Sums over look-ups that have ended. */
export class LookupFigures {
  asked = 0;
  right = 0;
  wrong = 0;
  lost = 0;
  /** Answered, but not by the first attempt. */
  retried = 0;
  gone = 0;
  alone = 0;
  readonly #hops = new Float64Array(HOPS_COUNTED_MAX + 1);
  #hopCount = 0;
  #delayMs = 0;
  #directMs = 0;

  get answered(): number {
    return this.right + this.wrong;
  }

  get meanHops(): number {
    return this.answered === 0 ? 0 : this.#hopCount / this.answered;
  }

  get p99Hops(): number {
    let left = Math.ceil(0.99 * this.answered);
    for (let hops = 0; hops <= HOPS_COUNTED_MAX; hops++) {
      left -= this.#hops[hops]!;
      if (left <= 0) return hops;
    }
    return HOPS_COUNTED_MAX;
  }

  /** Time of all answered look-ups over the time that the direct ways to their roots and back take. */
  get stretch(): number {
    return this.#directMs === 0 ? 1 : this.#delayMs / this.#directMs;
  }

  get meanMs(): number {
    return this.answered === 0 ? 0 : this.#delayMs / this.answered;
  }

  add(ended: Ended, directMs: number): void {
    this.asked++;
    this[ended.kind]++;
    if (ended.outcome?.kind !== 'root' || ended.kind === 'alone') return;
    if (ended.attempts > 1) this.retried++;
    const hops = Math.min(ended.outcome.hopCount, HOPS_COUNTED_MAX);
    this.#hops[hops]!++;
    this.#hopCount += hops;
    // Who is the root itself needs no way at all: it would only water the figure down.
    if (directMs === 0) return;
    this.#delayMs += ended.tookMs;
    this.#directMs += directMs;
  }
}

export class Lookups {
  readonly #world: World;
  #last = 0;
  /** Under way. */
  #under = 0;
  figures = new LookupFigures();

  constructor(world: World) {
    this.#world = world;
  }

  get underWay(): number {
    return this.#under;
  }

  /** Asks now. `figures`: where it counts. */
  ask(
    node: SimulatedNode,
    key: Key,
    ended: (ended: Ended) => void = () => undefined,
    figures: LookupFigures = this.figures,
  ): void {
    const world = this.#world;
    const id = ++this.#last;
    const open = world.truth.open(key, node.index);
    this.#under++;
    world.trace?.asked(world.now, node.index, id, key);
    const asking: Asking = { id, node, open, startedAt: world.now, attempts: 0, ended, figures };
    this.#attempt(asking);
  }

  /** A random key from a random one of the nodes. */
  askAnything(
    nodes: readonly SimulatedNode[],
    ended?: (ended: Ended) => void,
    figures?: LookupFigures,
  ): void {
    const { random } = this.#world;
    const node = nodes[random.below(nodes.length)]!;
    this.ask(node, random.bytes(32) as Id, ended, figures);
  }

  #attempt(asking: Asking): void {
    const world = this.#world;
    const { node, open, startedAt } = asking;
    const left = startedAt + TIMEOUT_MS - world.now;
    const timeoutMs = Math.min(ATTEMPT_MS, Math.max(1, left));
    asking.attempts++;
    world.driver.call(
      node,
      timeoutMs,
      (call) => ({ type: 'lookup', call, key: open.key, timeoutMs }),
      (outcome) => this.#attempted(asking, outcome),
      () => this.#end(asking, undefined),
    );
  }

  #attempted(asking: Asking, outcome: CallOutcome): void {
    const world = this.#world;
    if (outcome.kind === 'root') return this.#end(asking, outcome);
    if (outcome.kind === 'failure' && outcome.code === 'stopped') return this.#end(asking, undefined);
    if (world.now >= asking.startedAt + TIMEOUT_MS) return this.#end(asking, outcome);
    const waits = outcome.kind !== 'failure' || outcome.code === 'no-route';
    const life = world.population.lives[asking.node.index];
    world.after(waits ? PAUSE_MS : 0, () => {
      if (world.population.lives[asking.node.index] === life) this.#attempt(asking);
      else this.#end(asking, undefined);
    });
  }

  #end(asking: Asking, outcome: CallOutcome | undefined): void {
    const world = this.#world;
    const { id, node, open, attempts } = asking;
    this.#under--;
    world.truth.close(open);
    const tookMs = world.now - asking.startedAt;
    const root = outcome?.kind === 'root' ? world.directory.indexOf(outcome.nearest[0]!) : -1;
    const alone = root === node.index && world.links.count(root) === 0 && world.population.aliveCount > 1;
    const kind = alone ? 'alone' : kindOf(outcome, open.roots.includes(root));
    if (outcome?.kind === 'root')
      world.trace?.answered(world.now, node.index, id, root, outcome.hopCount, kind === 'right');
    else world.trace?.lost(world.now, node.index, id);
    const ended: Ended = { kind, outcome, root, attempts, tookMs };
    const directMs = root < 0 || root === node.index ? 0 : 2 * world.latency.between(node.index, root);
    asking.figures.add(ended, directMs);
    asking.ended(ended);
  }
}

function kindOf(outcome: CallOutcome | undefined, right: boolean): Ended['kind'] {
  if (outcome === undefined) return 'gone';
  if (outcome.kind !== 'root') return 'lost';
  return right ? 'right' : 'wrong';
}
