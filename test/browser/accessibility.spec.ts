/** The ways in, the pages, and filing; in light and dark, wide and on a phone: axe-core finds nothing wrong with any. */
import { expectAccessible, lookAs } from './support/accessibility.ts';
import { expect, test } from './support/fixtures.ts';
import { openDevices, shownCode } from './support/pairing.ts';

// axe-core looks at each page for a second or two.
test.slow();

test('the ways in', async ({ strangerContext, relay }) => {
  const page = await (await strangerContext()).newPage();
  await lookAs(page, 'wide');
  await page.goto(relay.url);
  await expect(page.getByRole('link', { name: 'Recover from words' })).toBeVisible();
  await expectAccessible(page, 'welcome');
  await page.getByRole('link', { name: 'Recover from words' }).click();
  await page.getByRole('textbox', { name: 'Recovery words' }).fill('abandon');
  await expectAccessible(page, 'recover');
  await page.goto(`${relay.url}/#/pair`);
  await shownCode(page);
  await expectAccessible(page, 'pair');

  await page.goto(relay.invitation);
  await page.getByRole('textbox', { name: 'Your name' }).fill('Ada');
  await page.getByRole('textbox', { name: 'Address' }).fill('ada');
  await expect(page.getByText('is free.')).toBeVisible();
  await expectAccessible(page, 'join');
  await page.getByRole('button', { name: 'Join' }).click();
  await expect(page.getByRole('list', { name: 'Recovery words' }).getByRole('listitem')).toHaveCount(24, {
    timeout: 60_000,
  });
  await expectAccessible(page, 'words');
  await page.getByRole('button', { name: 'I have written them down' }).click();
  const first = page.getByRole('textbox', { name: /^Word \d+$/ }).first();
  await first.fill('nonsense');
  await first.blur();
  await expectAccessible(page, 'confirming two words');
});

test('the pages of a member', async ({ newcomer }) => {
  const { page } = await newcomer('Ada');
  await lookAs(page, 'wide');
  await expect(page.getByText('Nothing has come yet')).toBeVisible();
  await expectAccessible(page, 'an empty inbox');
  for (const name of ['People', 'Back-up', 'Settings'] as const) {
    await page.getByRole('link', { name, exact: true }).click();
    await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
    await expectAccessible(page, name);
  }
  await page.getByRole('link', { name: 'Network', exact: true }).click();
  await expect(page.getByRole('table')).toBeVisible();
  await expectAccessible(page, 'network');
  await openDevices(page);
  await expect(page.getByRole('list', { name: 'Devices' }).getByRole('listitem')).toHaveCount(1);
  await page.getByRole('button', { name: 'Rename' }).click();
  await expectAccessible(page, 'devices');
  await page.getByRole('link', { name: 'Add a device' }).click();
  await shownCode(page);
  await expectAccessible(page, 'pairing');

  await lookAs(page, 'phone');
  await page.getByRole('button', { name: 'Menu' }).click();
  await expect(page.getByRole('button', { name: 'Close the menu' })).toBeVisible();
  await expectAccessible(page, 'the drawer', ['phone']);
});

test('filing', async ({ newcomer }) => {
  const ada = await newcomer('Ada');
  const { page } = ada;
  await lookAs(page, 'wide');
  await ada.send({ to: 'ada', subject: 'Lunch', text: 'At noon?' });
  await expect(ada.rows('Lunch')).toBeVisible();
  await page.getByRole('checkbox', { name: 'Select “Lunch”' }).check({ force: true });
  const bar = page.getByRole('toolbar', { name: '1 selected' });
  await expectAccessible(page, 'a selection');
  await bar.getByRole('button', { name: 'Label' }).click();
  await expect(page.getByRole('dialog', { name: 'Label' })).toBeVisible();
  await expectAccessible(page, 'no labels');
  await page.getByRole('textbox', { name: 'New label' }).fill('Urgent');
  await page.getByRole('button', { name: 'Create' }).click();
  await expect(ada.rows('Lunch').getByText('Urgent')).toBeVisible();
  await bar.getByRole('button', { name: 'Label' }).click();
  await expect(page.getByRole('menuitemcheckbox', { name: 'Urgent' })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('textbox', { name: 'New label' })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('menuitemcheckbox', { name: 'Urgent' })).toBeFocused();
  await expectAccessible(page, 'labels');
  await page.keyboard.press('Escape');
  await expect(bar.getByRole('button', { name: 'Label' })).toBeFocused();
  await bar.getByRole('button', { name: 'Move to' }).click();
  await expect(page.getByRole('menuitem', { name: 'Archive' })).toBeFocused();
  await expectAccessible(page, 'folders');
  await page.getByRole('textbox', { name: 'New folder' }).fill('Kept');
  await page.getByRole('button', { name: 'Create' }).click();
  // Whoever points at a toast keeps it.
  await page.getByText(/^Moved to /).hover();
  await expectAccessible(page, 'a toast');
});
