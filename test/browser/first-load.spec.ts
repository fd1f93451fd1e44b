/** The first visit: it fetches what opens the mailbox, keeps the rest afterwards, and says so when it cannot. */
import { expect, test } from './support/fixtures.ts';

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
