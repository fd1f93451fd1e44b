/** The first visit: it fetches what opens the mailbox, keeps the rest afterwards, and says so when it cannot. */
import type { Page } from '@playwright/test';
import { startAppSite } from './support/app-site.ts';
import { expect, test } from './support/fixtures.ts';
import { everythingKept, keptFiles } from './support/kept-files.ts';
import { Person } from './support/person.ts';

const LATER = /\/(messages|PeoplePage|SettingsPage|NetworkPage|DevicesPage|BackupPage|PairPage)-/;

async function workerIsActive(page: Page): Promise<void> {
  await page.evaluate(() => navigator.serviceWorker.ready);
}

test('before the mailbox nothing is kept but what opens it; afterwards every page works without a network', async ({
  strangerContext,
  relay,
}) => {
  const context = await strangerContext();
  const page = await context.newPage();
  await page.goto(relay.invitation);
  await expect(page.getByRole('textbox', { name: 'Your name' })).toBeVisible();
  await workerIsActive(page);
  expect((await keptFiles(page)).filter((path) => LATER.test(path))).toEqual([]);

  await Person.join(context, relay.invitation, 'Ada', 'ada');
  await everythingKept(page);
  await relay.kill();
  await context.setOffline(true);
  await page.reload();
  for (const name of ['People', 'Devices', 'Network', 'Back-up', 'Settings']) {
    await page.getByRole('navigation').getByRole('link', { name, exact: true }).click();
    await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
  }
  await page.getByRole('combobox', { name: 'Language' }).selectOption({ label: 'Français' });
  await expect(page.getByRole('heading', { name: 'Réglages', level: 1 })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Réglages', level: 1 })).toBeVisible();
});

test('a page that is neither kept nor to be fetched says so, and is tried again', async ({
  strangerContext,
  relay,
}) => {
  const context = await strangerContext();
  await context.route(/\/SettingsPage-[^/]*\.js$/, (route) => route.abort());
  const { page } = await Person.join(context, relay.invitation, 'Ada', 'ada');
  await page.getByRole('link', { name: 'Settings' }).click();
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
  await expect(page.getByRole('alert')).toHaveText(/the relay does not answer just now/);

  await context.unroute(/\/SettingsPage-[^/]*\.js$/);
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('combobox', { name: 'Language' })).toBeVisible();
});

test('a newer version is kept whole before it takes over', async ({ strangerContext }) => {
  const site = await startAppSite();
  const page = await (await strangerContext()).newPage();
  await page.goto(site.url);
  await workerIsActive(page);
  expect((await keptFiles(page)).filter((path) => LATER.test(path))).toEqual([]);

  site.publish();
  await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    await registration.update();
  });
  await everythingKept(page);
  await page.waitForFunction(async () => (await navigator.serviceWorker.ready).waiting !== null);
  await site.close();
  await page.evaluate(async () => {
    const { waiting } = await navigator.serviceWorker.ready;
    const changed = new Promise((done) =>
      navigator.serviceWorker.addEventListener('controllerchange', done, { once: true }),
    );
    waiting!.postMessage({ type: 'SKIP_WAITING' });
    await changed;
  });
  await page.reload();
  await page.getByRole('combobox', { name: 'Language' }).selectOption({ label: 'Deutsch' });
  await expect(page.getByRole('heading', { name: 'E-Mail, die Sie selbst tragen' })).toBeVisible();
  await page.getByRole('link', { name: 'Ich habe ePOST auf einem anderen Gerät' }).click();
  await expect(page.getByRole('heading', { name: 'Dieses Gerät hinzufügen' })).toBeVisible();
});

test('a language that cannot be fetched is said in it, and tried again', async ({ browser, relay }) => {
  const context = await browser.newContext({ locale: 'de-AT' });
  const page = await context.newPage();
  await context.route(/\/messages-[^/]*\.js$/, (route) => route.abort());
  await page.goto(relay.url);
  await expect(page.getByRole('alert')).toHaveText(/^ePOST konnte nicht geladen werden\./);
  await expect(page.getByRole('status', { name: 'ePOST' })).toBeHidden();

  // Nobody answers: the sentence stays where it is.
  await context.setOffline(true);
  const again = page.getByRole('button', { name: 'Erneut versuchen' });
  const asked = page.waitForEvent('requestfailed');
  await again.click();
  await asked;
  await expect(again).toBeEnabled();
  await expect(page.getByRole('alert')).toBeVisible();

  await context.setOffline(false);
  await context.unroute(/\/messages-[^/]*\.js$/);
  await again.click();
  await expect(page.getByRole('heading', { name: 'E-Mail, die Sie selbst tragen' })).toBeVisible();
  await context.close();
});

test('the language is chosen before joining, on every page of the way in, and stays', async ({
  strangerContext,
  relay,
}) => {
  const page = await (await strangerContext()).newPage();
  await page.goto(relay.url);
  const language = page.getByRole('combobox');
  await expect(language).toHaveAccessibleName('Language');
  expect(await language.getByRole('option').allInnerTexts()).toEqual(['English', 'Deutsch', 'Français']);
  await expect(language).toHaveValue('en');
  await language.focus();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('heading', { name: 'E-Mail, die Sie selbst tragen' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  await expect(language).toHaveAccessibleName('Sprache');

  await page.goto(relay.invitation);
  await expect(page.getByRole('textbox', { name: 'Ihr Name' })).toBeVisible();
  await expect(language).toHaveValue('de');
  await page.getByRole('textbox', { name: 'Ihr Name' }).fill('Ada');
  await language.selectOption({ label: 'Français' });
  await expect(page.getByRole('textbox', { name: 'Votre nom' })).toHaveValue('Ada');
  for (const path of ['recover', 'pair']) {
    await page.goto(`${relay.url}/#/${path}`);
    await expect(language).toHaveValue('fr');
  }
});
