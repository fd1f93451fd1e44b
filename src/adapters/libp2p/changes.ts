/** Waiting for something that only shows in the state of the links. */
import type { Clock } from '../../core/codec/clock.ts';

export class Changes {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Something may be different now. */
  notify(): void {
    for (const look of [...this.#waiting]) look();
  }

  /** Resolves with true as soon as `holds`, with false after `timeoutMs`. */
  until(holds: () => boolean, timeoutMs: number): Promise<boolean> {
    if (holds()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const finish = (result: boolean): void => {
        cancel();
        this.#waiting.delete(look);
        resolve(result);
      };
      const look = (): void => {
        if (holds()) finish(true);
      };
      const cancel = this.#clock.after(timeoutMs, () => finish(false));
      this.#waiting.add(look);
    });
  }
}
