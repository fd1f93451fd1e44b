/** Lets every page of the app work without a network from the first visit on. */
import type { KeepFiles } from '../../adapters/offline-files/protocol.ts';
import { systemClock } from '../../adapters/system/clock.ts';

/** The node has found the ring by then, and new mail is there: nothing that a person waits for is in its way. */
const SETTLED_MS = 10_000;

/**
 * Called when the mailbox is shown: has the service worker keep what this page has loaded, its language above all, and fetch what
 * was not needed so far a little later. Asked at each start, since a network may fail in the middle of it. Ends with the returned
 * function.
 */
export function keepForOffline(): () => void {
  const loaded = performance.getEntriesByType('resource').map(({ name }) => name);
  ask({ type: 'KEEP_FILES', urls: loaded });
  return systemClock.after(SETTLED_MS, () => ask({ type: 'KEEP_FILES' }));
}

function ask(request: KeepFiles): void {
  if (!('serviceWorker' in navigator)) return;
  void navigator.serviceWorker.ready.then(({ active }) => active?.postMessage(request));
}
