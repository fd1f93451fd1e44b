/** Quiet work that comes round again and again, and never twice at once. */
import type { Clock } from '../codec/clock.ts';

export interface Periodic {
  /** No further round starts; resolves when the present one has ended. */
  stop(): Promise<void>;
}

/**
 * Runs `round` after `firstMs`, then `pauseMs` after the end of each, or as soon as that round asked for. A rejection goes to
 * `failed`; the next round comes all the same.
 */
export function periodic(
  clock: Clock,
  { firstMs, pauseMs }: { readonly firstMs: number; readonly pauseMs: number },
  round: () => Promise<number | void>,
  failed: (error: unknown) => void,
): Periodic {
  let running: Promise<void> = Promise.resolve();
  let stopped = false;
  let cancel: () => void;
  const arm = (delayMs: number): void => {
    cancel = clock.after(delayMs, () => {
      running = round()
        .catch((error: unknown) => failed(error))
        .then((askedMs) => {
          if (!stopped) arm(askedMs ?? pauseMs);
        });
    });
  };
  arm(firstMs);
  return {
    stop() {
      stopped = true;
      cancel();
      return running;
    },
  };
}
