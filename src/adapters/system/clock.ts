/** The real Clock: this machine's time and timers. */
import type { Clock } from '../../core/codec/clock.ts';

/** Longest delay that setTimeout keeps; a longer one would fire at once (HTML, timer initialization steps). */
const TIMEOUT_MS_MAX = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, action) {
    let timer: ReturnType<typeof setTimeout>;
    const wait = (leftMs: number): void => {
      const stepMs = Math.min(leftMs, TIMEOUT_MS_MAX);
      timer = setTimeout(() => (leftMs > stepMs ? wait(leftMs - stepMs) : action()), stepMs);
    };
    wait(Math.max(0, delayMs));
    return () => clearTimeout(timer);
  },
};
