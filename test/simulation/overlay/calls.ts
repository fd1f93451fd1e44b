/** Calls under way: each ends exactly once, and in its time unless its node dies. */
import type { CallId, CallOutcome } from '../../../src/core/overlay/machine-events.ts';
import type { Population } from './population.ts';

/** How much later than its time a call may end: timers are only that exact. */
const LATE_MS = 1_000;

interface OpenCall {
  readonly node: number;
  readonly life: number;
  readonly due: number;
  readonly ended: (outcome: CallOutcome) => void;
  readonly died: () => void;
}

export class Calls {
  readonly #population: Population;
  readonly #open = new Map<CallId, OpenCall>();
  #last = 0;

  constructor(population: Population) {
    this.#population = population;
  }

  get size(): number {
    return this.#open.size;
  }

  /** `died`: the caller is gone, so that there will be no end. */
  begin(
    node: number,
    due: number,
    ended: (outcome: CallOutcome) => void,
    died: () => void = () => undefined,
  ): CallId {
    const call = ++this.#last;
    this.#open.set(call, { node, life: this.#population.lives[node]!, due, ended, died });
    return call;
  }

  /** Whether the call was open. */
  end(call: CallId, outcome: CallOutcome): boolean {
    const open = this.#open.get(call);
    if (open === undefined) return false;
    this.#open.delete(call);
    open.ended(outcome);
    return true;
  }

  /** Lets go of calls whose callers are gone; the nodes whose calls should have ended by now. */
  sweep(now: number): readonly number[] {
    const overdue: number[] = [];
    for (const [call, { node, life, due, died }] of this.#open) {
      if (this.#population.alive[node] !== 1 || this.#population.lives[node] !== life) {
        this.#open.delete(call);
        died();
        continue;
      }
      const { wakesAt, wokeAt } = this.#population;
      if (wakesAt[node] === 0 && Math.max(due, wokeAt[node]!) + LATE_MS < now) overdue.push(node);
    }
    return overdue;
  }
}
