/**
 * How many dials are under way: at most DIALS_MAX, and fewer introductions while they are slow. Many tabs on one machine, all
 * dialling four at once, would otherwise make each other's dials run out of time.
 */
import { DIALS_MAX } from '../../core/codec/limits.ts';
import { NetworkError } from '../../core/overlay/network.ts';
import {
  DIALS_WAITING_MAX,
  FAST_INTRODUCTION_MS,
  FIRST_INTRODUCTIONS,
  SLOW_INTRODUCTION_MS,
} from './limits.ts';

/** `direct`: to an address, as relays have it; `introduced`: by somebody. */
export type DialKind = 'direct' | 'introduced';

interface Waiting {
  readonly kind: DialKind;
  readonly begin: () => void;
}

export class DialSlots {
  readonly #waiting: Waiting[] = [];
  readonly #active: Record<DialKind, number> = { direct: 0, introduced: 0 };
  #introductionsMax = FIRST_INTRODUCTIONS;

  /** Runs it when there is a slot. Rejects as it does, or with NetworkError `congested` when too many wait. */
  async run(kind: DialKind, dial: () => Promise<void>): Promise<void> {
    if (this.#waiting.length >= DIALS_WAITING_MAX)
      throw new NetworkError('congested', 'too many dials are waiting');
    await new Promise<void>((begin) => {
      this.#waiting.push({ kind, begin });
      this.#beginNext();
    });
    try {
      await dial();
    } finally {
      this.#active[kind] -= 1;
      this.#beginNext();
    }
  }

  /** Whether a dial of this kind would begin at once. */
  isFree(kind: DialKind): boolean {
    const { direct, introduced } = this.#active;
    // Relays that are down leave a slot for those who can introduce us.
    const most = kind === 'direct' ? DIALS_MAX - 1 : this.#introductionsMax;
    return direct + introduced < DIALS_MAX && this.#active[kind] < most;
  }

  /** How long it took until an introducer had connected us. */
  introductionTook(ms: number): void {
    if (ms >= SLOW_INTRODUCTION_MS) this.#introductionsMax = Math.max(1, this.#introductionsMax - 1);
    if (ms <= FAST_INTRODUCTION_MS) this.#introductionsMax = Math.min(DIALS_MAX, this.#introductionsMax + 1);
    this.#beginNext();
  }

  #beginNext(): void {
    for (;;) {
      const next = this.#waiting.findIndex(({ kind }) => this.isFree(kind));
      if (next < 0) return;
      const [{ kind, begin }] = this.#waiting.splice(next, 1) as [Waiting];
      this.#active[kind] += 1;
      begin();
    }
  }
}
