/** What a browser may do to a page: stop its workers, shift its clock, give it less disk. */
import type { BrowserContext, CDPSession, Page } from '@playwright/test';

/** Stops every service worker of the browser as an idle browser does; resolves when none runs. */
export async function stopWorkers(cdp: CDPSession): Promise<void> {
  await cdp.send('ServiceWorker.enable');
  const stopped = new Promise<void>((resolve) => {
    cdp.on('ServiceWorker.workerVersionUpdated', ({ versions }) => {
      if (versions.some(({ runningStatus }) => runningStatus === 'stopped')) resolve();
    });
  });
  await cdp.send('ServiceWorker.stopAllWorkers');
  await stopped;
  await cdp.send('ServiceWorker.disable');
}

/** All pages that the context opens from now on read a clock that is so many milliseconds ahead. */
export async function shiftClock(context: BrowserContext, aheadMs: number): Promise<void> {
  await context.addInitScript((ms) => {
    const Real = Date;
    globalThis.Date = class extends Real {
      constructor(...given: [] | [number | string]) {
        super(given[0] ?? Real.now() + ms);
      }
      static override now(): number {
        return Real.now() + ms;
      }
    } as DateConstructor;
  }, aheadMs);
}

/**
 * Gives the origin `quotaBytes` of disk in all, from now on; returns what lifts the limit. To be called before the origin
 * writes anything: the browser remembers for a while how much room it has seen.
 */
export async function limitDisk(
  page: Page,
  origin: string,
  quotaBytes: number,
): Promise<() => Promise<void>> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: quotaBytes });
  return async () => {
    await cdp.send('Storage.overrideQuotaForOrigin', { origin });
    await cdp.detach();
  };
}

/** Fills what room is left, down to writes of a kilobyte; resolves when not even they succeed. */
export function fillDisk(page: Page): Promise<void> {
  return page.evaluate(async () => {
    const opening = indexedDB.open('filler', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore('filler', { autoIncrement: true });
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error!);
    });
    const fits = (sizeBytes: number): Promise<boolean> =>
      new Promise((resolve) => {
        const transaction = database.transaction('filler', 'readwrite', { durability: 'strict' });
        transaction.objectStore('filler').put(crypto.getRandomValues(new Uint8Array(sizeBytes)));
        transaction.oncomplete = () => resolve(true);
        transaction.onabort = () => resolve(false);
      });
    for (let sizeBytes = 65_536; sizeBytes >= 1_024; sizeBytes /= 4) while (await fits(sizeBytes));
    database.close();
  });
}
