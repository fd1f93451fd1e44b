/** Which of the app's files a profile keeps for when there is no network, and which the build wants it to keep. */
import { expect, type Page } from '@playwright/test';

/** Paths of the files that are kept. */
export function keptFiles(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const opened = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
    const requests = await Promise.all(opened.map((cache) => cache.keys()));
    return requests.flat().map(({ url }) => new URL(url).pathname);
  });
}

/** Paths that the service worker of this site lists. */
export async function listedFiles(origin: string): Promise<string[]> {
  const worker = await (await fetch(`${origin}/service-worker.js`)).text();
  return [...new Set([...worker.matchAll(/"url":"([^"]+)"/g)].map(([, url]) => `/${url}`))];
}

/** Resolves when the profile keeps everything that its service worker lists. */
export async function everythingKept(page: Page): Promise<void> {
  const listed = (await listedFiles(new URL(page.url()).origin)).sort();
  expect(listed.length).toBeGreaterThan(10);
  await expect.poll(async () => (await keptFiles(page)).sort(), { timeout: 60_000 }).toEqual(listed);
}
