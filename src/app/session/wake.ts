/** Tells when this machine may have slept or changed networks. */

/** A clock that jumped by more than this between two looks means sleep. */
const GAP_MS = 15_000;
const LOOK_MS = 5_000;

/** Calls `wake` when the tab is shown after a while, when the network comes back, and after a gap in time. */
export function watchWake(wake: () => void): () => void {
  let seenAt = Date.now();
  const look = (): void => {
    const now = Date.now();
    const slept = now - seenAt > GAP_MS;
    seenAt = now;
    if (slept) wake();
  };
  const shown = (): void => {
    if (!document.hidden) look();
  };
  const timer = setInterval(look, LOOK_MS);
  document.addEventListener('visibilitychange', shown);
  addEventListener('online', wake);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', shown);
    removeEventListener('online', wake);
  };
}
