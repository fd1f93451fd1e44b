/** The vault in a real service worker: its contract, and what browsers do to workers. */
import { expect, test, type Page } from '@playwright/test';
import { stopWorkers } from './support/browser-state.ts';
import { VaultSite } from './support/vault-site.ts';
import type { VaultPage } from './support/vault-page.ts';
import { vaultCases } from '../contract/vault.ts';

declare const vaultPage: VaultPage;

let site: VaultSite;
test.beforeAll(async () => {
  site = await VaultSite.start();
});
test.afterAll(() => site.close());

test.describe('the contract of the Vault port', () => {
  for (const { name } of vaultCases)
    test(name, async ({ page }) => {
      await page.goto(site.origin);
      await page.evaluate((caseName) => vaultPage.runCase(caseName), name);
    });
});

test('a first load, which no worker controls yet, has a vault', async ({ page }) => {
  await page.goto(site.origin);
  expect(await page.evaluate(() => vaultPage.controlledAtFirst)).toBe(false);
  expect(await page.evaluate(() => vaultPage.firstState())).toBe('empty');
  const made = await page.evaluate(() => vaultPage.makeKeys());
  expect(await page.evaluate(() => vaultPage.identityThatSigns())).toBe(made);
});

test('a hard reload, which no worker controls, finds the same keys', async ({ page, context }) => {
  await page.goto(site.origin);
  const made = await page.evaluate(() => vaultPage.makeKeys());
  const cdp = await context.newCDPSession(page);
  await Promise.all([page.waitForEvent('load'), cdp.send('Page.reload', { ignoreCache: true })]);
  expect(await page.evaluate(() => vaultPage.controlledAtFirst)).toBe(false);
  expect(await page.evaluate(() => vaultPage.firstState())).toBe('ready');
  expect(await page.evaluate(() => vaultPage.identityThatSigns())).toBe(made);
});

test('a stopped worker comes back with the same keys', async ({ page, context }) => {
  await page.goto(site.origin);
  const made = await page.evaluate(() => vaultPage.makeKeys());
  const cdp = await context.newCDPSession(page);
  for (let i = 0; i < 3; i++) {
    await stopWorkers(cdp);
    expect(await page.evaluate(() => vaultPage.identityThatSigns())).toBe(made);
  }
});

test('a worker that is stopped in the middle of its work costs no answer', async ({ page, context }) => {
  await page.goto(site.origin);
  await page.evaluate(() => vaultPage.makeKeys());
  const cdp = await context.newCDPSession(page);
  await page.evaluate(() => vaultPage.signUntilStopped());
  for (let i = 0; i < 2; i++) {
    await stopWorkers(cdp);
    await page.evaluate(() => vaultPage.sealAndOpen('between two stops'));
  }
  const { made, valid } = await page.evaluate(() => vaultPage.stopSigning());
  expect(made).toBeGreaterThan(0);
  expect(valid).toBe(made);
});

/** Of identity, mailbox, device, peer and disk, and the one under which the entropy lies. */
test('keys lie in the profile without a way to export them', async ({ page }) => {
  await page.goto(site.origin);
  await page.evaluate(() => vaultPage.makeKeys());
  expect(await page.evaluate(() => vaultPage.extractableKeys())).toEqual({ total: 6, extractable: [] });
});

test('two tabs use one vault', async ({ page, context }) => {
  await page.goto(site.origin);
  const made = await page.evaluate(() => vaultPage.makeKeys());
  const other = await context.newPage();
  await other.goto(site.origin);
  const both = [page, other].map((tab) => tab.evaluate(() => vaultPage.identityThatSigns()));
  expect(await Promise.all(both)).toEqual([made, made]);
});

test('a new version of the worker takes over while the vault is in use', async ({ browser }) => {
  const updated = await VaultSite.start();
  const page = await browser.newPage();
  await page.goto(updated.origin);
  const made = await page.evaluate(() => vaultPage.makeKeys());
  updated.updateWorker();
  await page.evaluate(() => vaultPage.updateWorker());
  expect(await page.evaluate(() => vaultPage.identityThatSigns())).toBe(made);
  await page.close();
  await updated.close();
});

test('the page opens and has its vault while the server is gone', async ({ browser }) => {
  const gone = await VaultSite.start();
  const page = await browser.newPage();
  await page.goto(gone.origin);
  const made = await page.evaluate(() => vaultPage.makeKeys());
  await controlled(page);
  await gone.close();
  await page.reload();
  expect(await page.evaluate(() => vaultPage.identityThatSigns())).toBe(made);
  await page.close();
});

async function controlled(page: Page): Promise<void> {
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
}
