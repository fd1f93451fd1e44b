/** Tells when a newer version of the app has been fetched, and changes to it when the person wants. */

/** How often a page that stays open asks for a newer version: every hour. */
const ASK_MS = 60 * 60 * 1000;

/** `ready` is called once per new version, with what changes to it: the page loads again. */
export function watchForUpdates(ready: (apply: () => void) => void): void {
  if (!('serviceWorker' in navigator)) return;
  void navigator.serviceWorker.ready.then((registration) => {
    const offer = (): void => {
      const { waiting } = registration;
      // Without an active worker before it, the first version is being installed.
      if (waiting && registration.active) ready(() => change(waiting));
    };
    registration.addEventListener('updatefound', () => {
      registration.installing?.addEventListener('statechange', offer);
    });
    offer();
    setInterval(() => {
      // Without a network there is nothing newer to be had.
      registration.update().catch(() => undefined);
    }, ASK_MS);
  });
}

function change(waiting: ServiceWorker): void {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
  waiting.postMessage({ type: 'SKIP_WAITING' });
}
