/** A tab remembers whom it met: among strangers it says so, until somebody whom it remembers is met. Real tabs, real relay. */
import type { Page } from '@playwright/test';
import type { Inspection } from '../../src/app/session/inspection.ts';
import type { NoticeView } from '../../src/core/node/client.ts';
import { worldCodec } from '../../src/core/node/world-memory.ts';
import { expect, test } from './support/fixtures.ts';

/** In the page. */
declare const epost: Inspection;

/** A world is looked at 10 s after somebody came and again 20 s later; whom it met is written down 10 s after that. */
const LOOKED_AT_MS = 90_000;

test('a tab among strangers says that nobody whom it met is there, until one of them is', async ({
  newcomer,
}) => {
  test.setTimeout(300_000);
  const ada = await newcomer('Ada');
  const friends = [await newcomer('Bob'), await newcomer('Cleo'), await newcomer('Dan')];
  await expect.poll(() => ada.linksTo('tab')).toBe(friends.length);
  await expect.poll(() => remembered(ada.page), { timeout: LOOKED_AT_MS }).toBe(friends.length);
  for (const { page } of friends) await page.close();

  const again = await ada.reopen();
  await ada.page.close();
  await again.expectOnline();
  await newcomer('Eve');
  await expect.poll(() => worldNotices(again.page), { timeout: LOOKED_AT_MS }).toHaveLength(1);
  await expect(again.page.getByText(/None of the devices that this one has met .* 3 people/)).toBeVisible();

  await friends[0]!.reopen();
  await expect.poll(() => worldNotices(again.page), { timeout: LOOKED_AT_MS }).toHaveLength(0);
});

function worldNotices(page: Page): Promise<readonly NoticeView[]> {
  return page.evaluate(async () =>
    (await epost.client.snapshot()).notices.filter(({ id }) => id.startsWith('world/')),
  );
}

/** How many peers are on the tab's disk. */
async function remembered(page: Page): Promise<number> {
  const bytes = await page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const opening = indexedDB.open('epost-node');
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error ?? new Error('no database'));
    });
    const key = new TextEncoder().encode('node/world');
    const reading = database.transaction('entries').objectStore('entries').get(key);
    const value = await new Promise<Uint8Array | undefined>((resolve, reject) => {
      reading.onsuccess = () => resolve(reading.result as Uint8Array | undefined);
      reading.onerror = () => reject(reading.error ?? new Error('not read'));
    });
    database.close();
    return [...(value ?? [])];
  });
  const world = worldCodec.decode(Uint8Array.from(bytes));
  return world.ok ? world.value.peers.length : 0;
}
