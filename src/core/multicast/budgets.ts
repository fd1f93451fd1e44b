/** What a sender may say through a root: a token bucket each (SENDER_BYTES_PER_SECOND on average). Bounded. */
import { BUDGETS_MAX, COST_BYTES_MIN, SENDER_BURST_BYTES, SENDER_BYTES_PER_SECOND } from './limits.ts';

interface Budget {
  left: number;
  at: number;
}

export class Budgets {
  /** By the sender's name, the longest unused first. */
  readonly #budgets = new Map<string, Budget>();

  /** Takes the cost of a multicast from its sender's budget; false: it says too much. `now` in milliseconds. */
  spend(sender: string, payloadBytes: number, now: number): boolean {
    const budget = this.#budgets.get(sender) ?? { left: SENDER_BURST_BYTES, at: now };
    const earned = (Math.max(0, now - budget.at) * SENDER_BYTES_PER_SECOND) / 1_000;
    budget.left = Math.min(SENDER_BURST_BYTES, budget.left + earned);
    budget.at = now;
    this.#budgets.delete(sender);
    if (this.#budgets.size >= BUDGETS_MAX) this.#budgets.delete(this.#budgets.keys().next().value!);
    this.#budgets.set(sender, budget);
    const cost = Math.max(payloadBytes, COST_BYTES_MIN);
    if (budget.left < cost) return false;
    budget.left -= cost;
    return true;
  }
}
