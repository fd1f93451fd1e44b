/** Quiet work that comes round again and again, and never twice at once. */
import type { Clock } from '../codec/clock.ts';

export interface Periodic {
  /** No further round starts; resolves when the present one has ended. */
  stop(): Promise<void>;
}

/** Runs `round` after `firstMs`, then `pauseMs` after the end of each. A rejection goes to `failed`; the next round comes all the same. */
export function periodic(
  clock: Clock,
  { firstMs, pauseMs }: { readonly firstMs: number; readonly pauseMs: number },
  round: () => Promise<void>,
  failed: (error: unknown) => void,
): Periodic {
  let running: Promise<void> = Promise.resolve();
  let stopped = false;
  let cancel: () => void;
  const arm = (delayMs: number): void => {
    cancel = clock.after(delayMs, () => {
      running = round()
        .catch(failed)
        .then(() => {
          if (!stopped) arm(pauseMs);
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
