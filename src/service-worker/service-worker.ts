/** The service worker: holds the profile's keys, keeps the app's files for when there is no network, feeds downloads, notifies. */
import { IdbKeyStore } from '../adapters/vault/idb-key-store.ts';
import { isOpenMessage } from '../adapters/vault/worker-protocol.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { systemRandom } from '../adapters/system/random.ts';
import { KeyVault } from '../core/identity/key-vault.ts';
import { isDownloadOffer } from '../adapters/downloads/protocol.ts';
import { isNotifyAsk } from '../adapters/notifications/protocol.ts';
import { isKeepFiles } from '../adapters/offline-files/protocol.ts';
import { Downloads } from './downloads.ts';
import { notify, openClicked } from './notifications.ts';
import { OfflineFiles, type OfflineFile } from './offline-files.ts';
import { VaultEndpoint } from './vault-endpoint.ts';

declare const self: ServiceWorkerGlobalScope & {
  /** Put in by the build. */
  readonly __WB_MANIFEST: readonly OfflineFile[];
};

const endpoint = new VaultEndpoint(
  new KeyVault(new IdbKeyStore(), systemRandom),
  systemClock,
  () => self.registration.waiting !== null,
);

const downloads = new Downloads();
const offlineFiles = new OfflineFiles(self.__WB_MANIFEST);

self.addEventListener('message', (event) => {
  const [port] = event.ports;
  if (port && isDownloadOffer(event.data)) downloads.offer(event.data, port);
  if (port && isOpenMessage(event.data)) event.waitUntil(endpoint.serve(port));
  if (isKeepFiles(event.data)) event.waitUntil(keep(event.data.urls));
  if (isNotifyAsk(event.data))
    event.waitUntil(notify(event.data, event.source instanceof Client ? event.source.id : undefined));
  // An open page asks for it after telling its person that there is a new version.
  if (isSkipWaiting(event.data)) event.waitUntil(self.skipWaiting());
});

self.addEventListener('fetch', (event) => {
  const response = downloads.respond(event.request);
  if (response) event.respondWith(response);
});

self.addEventListener('notificationclick', (event) => event.waitUntil(openClicked(event.notification)));

// A first page gets its files from the cache, and its requests through us, from now on.
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

offlineFiles.serve();

async function keep(urls?: readonly string[]): Promise<void> {
  try {
    await offlineFiles.keep(urls && new Set(urls));
  } catch (error) {
    // Without a network the next start of a page asks again.
    if (!(error instanceof TypeError)) throw error;
  }
}

function isSkipWaiting(message: unknown): boolean {
  return (
    typeof message === 'object' && message !== null && 'type' in message && message.type === 'SKIP_WAITING'
  );
}
