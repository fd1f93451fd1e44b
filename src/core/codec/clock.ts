/** The Clock port: time and timers come from outside, so that the simulator can drive them. */

export interface Clock {
  /** Milliseconds since 1970, as this machine believes; other machines' clocks may be hours away. */
  now(): number;
  /** Runs `action` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, action: () => void): () => void;
}

/** How far another machine's clock may be from ours before its dates are refused: 24 hours. */
export const CLOCK_SKEW_MS = 24 * 60 * 60 * 1000;
