/** Work that goes on by itself: woken by events, spaced by the Clock, tried again with growing pauses when it fails. */
import type { Clock } from '../codec/clock.ts';

/** First pause after a failure; it doubles each time up to RETRY_MS_MAX. */
export const RETRY_MS_MIN = 1_000;
export const RETRY_MS_MAX = 60_000;

/** Pause after the n-th failure in a row (n ≥ 1), in milliseconds. */
export function retryPauseMs(failures: number): number {
  return Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** Math.min(failures - 1, 10));
}

/**
 * Runs `run` when woken, never twice at once. It resolves with the milliseconds until it wants to run again, or undefined
 * to sleep until it is woken. A rejection goes to `failed` and is tried again by itself.
 */
export class BackgroundTask {
  readonly #clock: Clock;
  readonly #run: () => Promise<number | undefined>;
  readonly #failed: (error: unknown) => void;
  #running: Promise<void> | undefined;
  #cancel: (() => void) | undefined;
  #dueAt = Infinity;
  #failures = 0;
  #stopped = false;

  constructor(clock: Clock, run: () => Promise<number | undefined>, failed: (error: unknown) => void) {
    this.#clock = clock;
    this.#run = run;
    this.#failed = failed;
  }

  /** Runs `delayMs` from now at the latest; while it runs, once more after that. */
  wake(delayMs = 0): void {
    if (this.#stopped) return;
    const at = this.#clock.now() + delayMs;
    if (at >= this.#dueAt) return;
    this.#dueAt = at;
    if (this.#running === undefined) this.#arm();
  }

  /** Forgets the pause after failures and runs now: the world has changed. */
  hurry(): void {
    this.#failures = 0;
    this.wake();
  }

  /** No further run starts; resolves when the present one has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.#running;
  }

  #arm(): void {
    this.#cancel?.();
    this.#cancel = this.#clock.after(this.#dueAt - this.#clock.now(), () => {
      this.#dueAt = Infinity;
      this.#cancel = undefined;
      this.#running = this.#once();
    });
  }

  async #once(): Promise<void> {
    let pauseMs: number | undefined;
    try {
      pauseMs = await this.#run();
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      pauseMs = retryPauseMs(this.#failures);
      if (!this.#stopped) this.#failed(error);
    }
    this.#running = undefined;
    if (this.#stopped) return;
    if (pauseMs !== undefined) this.#dueAt = Math.min(this.#dueAt, this.#clock.now() + pauseMs);
    if (this.#dueAt !== Infinity) this.#arm();
  }
}
