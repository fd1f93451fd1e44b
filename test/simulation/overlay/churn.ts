/** Sessions that begin and end: people open and close their tabs; as many are there at any time. */
import { bootstrapOf } from './ring.ts';
import type { SimulatedNode } from './node.ts';
import { exponentialMs } from './numbers.ts';
import type { World } from './world.ts';

/** Of a hundred sessions, those that end without a word: the machine is switched off, the browser killed, the network lost. */
export const CRASHES_PERCENT = 50;

export interface ChurnOptions {
  /** Half of the sessions are shorter. */
  readonly medianMs: number;
  readonly relays: readonly SimulatedNode[];
  /** Members whose tabs are closed; they come in turn when others go. Relays stay. */
  readonly away: readonly SimulatedNode[];
}

export class Churn {
  readonly #world: World;
  readonly #options: ChurnOptions;
  /** Who is away, the longest away first. */
  readonly #away: SimulatedNode[];
  #stopped = false;
  arrivals = 0;
  crashes = 0;
  leaves = 0;

  constructor(world: World, options: ChurnOptions) {
    this.#world = world;
    this.#options = options;
    this.#away = [...options.away];
  }

  /** Sessions are memoryless, so that those under way end as if they had just begun. */
  begin(present: Iterable<SimulatedNode>): void {
    for (const node of present) this.#planEnd(node);
  }

  stop(): void {
    this.#stopped = true;
  }

  #planEnd(node: SimulatedNode): void {
    const { random, population } = this.#world;
    const life = population.lives[node.index];
    this.#world.after(exponentialMs(random, this.#options.medianMs), () => {
      if (!this.#stopped && population.alive[node.index] === 1 && population.lives[node.index] === life)
        this.#end(node);
    });
  }

  #end(node: SimulatedNode): void {
    const { random } = this.#world;
    if (random.below(100) < CRASHES_PERCENT) {
      this.crashes++;
      this.#world.crash(node);
    } else {
      this.leaves++;
      this.#world.leave(node);
    }
    this.#away.push(node);
    this.#arrive(this.#away.shift()!);
  }

  #arrive(node: SimulatedNode): void {
    this.arrivals++;
    this.#world.start(node, bootstrapOf(node, this.#options.relays));
    this.#planEnd(node);
  }
}
