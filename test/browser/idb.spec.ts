/** The disk port over IndexedDB in a real browser: its contract, a full disk, connections that the browser closes. */
import { expect, test, type Page } from '@playwright/test';
import { keyValueStoreCases } from '../contract/key-value-store.ts';
import type { IdbPage } from './support/idb-page.ts';
import { bundle } from './support/bundle.ts';

declare const idbPage: IdbPage;

/** No server listens: the page is given by the test. Localhost is a secure context. */
const ORIGIN = 'http://localhost:1';
let script = '';

test.beforeAll(async () => {
  script = await bundle('test/browser/support/idb-page.ts');
});

test.beforeEach(async ({ page }) => {
  await page.route(`${ORIGIN}/**`, (route) => {
    const isScript = route.request().url().endsWith('/page.js');
    return route.fulfill({
      contentType: isScript ? 'text/javascript' : 'text/html',
      body: isScript ? script : '<!doctype html><title>idb</title><script src="/page.js"></script>',
    });
  });
  await page.goto(`${ORIGIN}/`);
});

async function limitDisk(page: Page, quotaSize: number): Promise<void> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Storage.overrideQuotaForOrigin', { origin: `${ORIGIN}/`, quotaSize });
}

const put = (page: Page, name: string, count: number, bytes: number): Promise<string> =>
  page.evaluate((args) => idbPage.put(args.name, args.count, args.bytes), { name, count, bytes });
const names = (page: Page): Promise<string[]> => page.evaluate(() => idbPage.names());

test.describe('the contract of the KeyValueStore port', () => {
  for (const { name } of keyValueStoreCases)
    test(name, async ({ page }) => {
      await page.evaluate((caseName) => idbPage.runCase(caseName), name);
    });
});

test('a batch that does not fit is refused as `full` and leaves nothing behind', async ({ page }) => {
  await limitDisk(page, 4_000_000);
  expect(await put(page, 'before', 2, 100_000)).toBe('ok');
  expect(await put(page, 'too-much', 10, 1_000_000)).toBe('full');
  expect(await names(page)).toEqual(['before/0', 'before/1']);
  await limitDisk(page, 100_000_000);
  expect(await put(page, 'too-much', 10, 1_000_000)).toBe('ok');
  expect(await names(page)).toHaveLength(12);
});

test('what was acknowledged is there after a reload', async ({ page }) => {
  expect(await put(page, 'kept', 3, 50_000)).toBe('ok');
  await page.reload();
  expect(await names(page)).toEqual(['kept/0', 'kept/1', 'kept/2']);
});

test('a connection that the browser closes is opened again', async ({ page }) => {
  expect(await put(page, 'old', 1, 1000)).toBe('ok');
  const cdp = await page.context().newCDPSession(page);
  await page.evaluate(() => idbPage.watch());
  await cdp.send('Storage.clearDataForOrigin', { origin: ORIGIN, storageTypes: 'indexeddb' });
  await page.evaluate(() => idbPage.closedByBrowser());
  expect(await put(page, 'new', 1, 1000)).toBe('ok');
  expect(await names(page)).toEqual(['new/0']);
});

test('another tab may delete the database: the next use makes a new one', async ({ page }) => {
  expect(await put(page, 'old', 1, 1000)).toBe('ok');
  await page.evaluate(() => idbPage.deleteDatabase());
  expect(await names(page)).toEqual([]);
  expect(await put(page, 'new', 1, 1000)).toBe('ok');
});

test('a newer version of the app may take over the database: this one says `closed`', async ({ page }) => {
  expect(await put(page, 'old', 1, 1000)).toBe('ok');
  await page.evaluate(() => idbPage.upgradeDatabase());
  expect(await put(page, 'new', 1, 1000)).toBe('closed');
});
