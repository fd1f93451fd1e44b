/**
 * The app's files for when there is no network. A first visit keeps what opens the mailbox, so that nothing else stands in its way;
 * the rest follows when the mailbox is shown. A newer version is kept whole before it takes over: what worked offline goes on to.
 */
import {
  cleanupOutdatedCaches,
  PrecacheController,
  PrecacheRoute,
  type PrecacheEntry,
} from 'workbox-precaching';
import { registerRoute } from 'workbox-routing';

/** As the build lists it (vite.config.ts). */
export interface OfflineFile extends PrecacheEntry {
  /** Not needed to open the mailbox: a language, a page. Its name has its content's hash in it. */
  readonly later?: boolean;
}

declare const self: ServiceWorkerGlobalScope;

export class OfflineFiles {
  readonly #files: readonly OfflineFile[];
  readonly #controller: PrecacheController;

  constructor(files: readonly OfflineFile[]) {
    this.#files = files;
    this.#controller = controllerOf(files);
  }

  /** Answers requests for the files, from the cache where they are kept; at `activate` those of older versions are dropped. */
  serve(): void {
    cleanupOutdatedCaches();
    registerRoute(new PrecacheRoute(this.#controller));
    self.addEventListener('install', (event) => {
      const isFirst = self.registration.active === null;
      const needed = isFirst ? controllerOf(this.#files.filter(({ later }) => !later)) : this.#controller;
      event.waitUntil(needed.install(event));
    });
    self.addEventListener('activate', (event) => event.waitUntil(this.#controller.activate(event)));
  }

  /**
   * Keeps what a first visit left out, or of that what is in `urls`: one by one, behind everything else that wants the network.
   * Rejects when the network fails; what is kept by then stays.
   */
  async keep(urls?: ReadonlySet<string>): Promise<void> {
    const cache = await caches.open(this.#controller.strategy.cacheName);
    for (const { url, later } of this.#files) {
      const { href } = new URL(url, location.href);
      if (!later || (urls && !urls.has(href)) || (await cache.match(href))) continue;
      await cache.add(new Request(href, { priority: 'low' }));
    }
  }
}

function controllerOf(files: readonly OfflineFile[]): PrecacheController {
  const controller = new PrecacheController();
  controller.addToCacheList([...files]);
  return controller;
}
