/** Rules, folders and labels in the settings. */
import type { Page } from '@playwright/test';
import { expect, test } from './support/fixtures.ts';

async function openSettings(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Settings' }).click();
  await expect(page.getByRole('heading', { name: 'Rules' })).toBeVisible();
}

test('a rule is made, runs over the inbox with an undo, acts on what comes, and can be moved and deleted', async ({
  newcomer,
}) => {
  const ada = await newcomer('Ada');
  const bob = await newcomer('Bob');
  const { page } = bob;
  await ada.send({ to: 'bob', subject: 'Invoice 1', text: 'Please pay.' });
  await expect(bob.rows('Invoice 1')).toHaveCount(1, { timeout: 60_000 });

  await openSettings(page);
  await page.getByRole('button', { name: 'Add a rule' }).click();
  const form = page.getByRole('form', { name: 'Rule' });
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form.getByRole('alert')).toHaveCount(2);
  await form.getByRole('textbox', { name: 'The subject contains' }).fill('invoice');
  await form.getByRole('combobox', { name: 'Move to' }).selectOption('Archive');
  await form.getByRole('checkbox', { name: 'Star it' }).check();
  await form.getByRole('button', { name: 'Save' }).click();
  const rules = page.getByRole('list', { name: 'Rules' }).getByRole('listitem');
  await expect(rules).toContainText(['When the subject contains “invoice”: move to Archive and star.']);

  await rules.getByRole('button', { name: 'Apply to what is in the inbox' }).click();
  const toast = page.getByRole('status').filter({ hasText: 'Applied to 1 message' });
  await bob.openFolder('Archive');
  await expect(bob.rows('Invoice 1')).toHaveCount(1);
  await toast.getByRole('button', { name: 'Undo' }).click();
  await expect(bob.rows('Invoice 1')).toHaveCount(0);
  await page.getByRole('link', { name: /^Starred/ }).click();
  await expect(page.getByText('Nothing is starred')).toBeVisible();

  await ada.send({ to: 'bob', subject: 'Invoice 2', text: 'Please pay, too.' });
  await expect(bob.rows('Invoice 2')).toHaveCount(1, { timeout: 60_000 });
  await bob.openFolder('Inbox');
  await expect(bob.rows('Invoice')).toHaveCount(1);

  await openSettings(page);
  await page.getByRole('button', { name: 'Add a rule' }).click();
  await form.getByRole('textbox', { name: 'The sender contains' }).fill('ada');
  await form.getByRole('checkbox', { name: 'Mark as read' }).check();
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(rules).toHaveCount(2);
  await rules.nth(1).getByRole('button', { name: 'Move up' }).click();
  await expect(rules.nth(0)).toContainText('the sender contains “ada”');
  await rules.nth(0).getByRole('button', { name: 'Edit' }).click();
  await form.getByRole('textbox', { name: 'The sender contains' }).fill('cleo');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(rules.nth(0)).toContainText('the sender contains “cleo”');
  await rules.nth(0).getByRole('button', { name: 'Delete' }).click();
  await expect(rules).toHaveCount(1);
  await page.getByRole('button', { name: 'Undo' }).last().click();
  await expect(rules).toHaveCount(2);
});

test('folders and labels are made, renamed, coloured, and deleted with an undo; what they held stays', async ({
  newcomer,
}) => {
  const ada = await newcomer('Ada');
  const { page } = ada;
  const rail = page.getByRole('navigation');
  await ada.send({ to: 'ada', subject: 'Tickets', text: 'To Lisbon.' });
  await openSettings(page);
  await page.getByRole('textbox', { name: 'New folder' }).fill('Travel');
  await page.getByRole('button', { name: 'Create the folder' }).click();
  await page.getByRole('textbox', { name: 'New label' }).fill('Urgent');
  await page.getByRole('button', { name: 'Create the label' }).click();
  await expect(rail.getByRole('link', { name: 'Urgent' })).toBeVisible();

  await ada.openFolder('Inbox');
  await ada.open('Tickets');
  await page.keyboard.press('v');
  await page.getByRole('menuitem', { name: 'Travel' }).click();
  await openSettings(page);
  const folders = page.getByRole('list', { name: 'Folders' }).getByRole('listitem');
  await expect(folders).toContainText(['1 message']);
  const name = page.getByRole('textbox', { name: 'Name of “Travel”' });
  await name.fill('');
  await name.blur();
  await expect(folders.getByRole('alert')).toContainText('It needs a name.');
  await name.fill('Journeys');
  await name.blur();
  await expect(rail.getByRole('link', { name: 'Journeys' })).toBeVisible();

  const red = page
    .getByRole('radiogroup', { name: 'Colour of “Urgent”' })
    .getByRole('radio', { name: 'Red' });
  const blue = page
    .getByRole('radiogroup', { name: 'Colour of “Urgent”' })
    .getByRole('radio', { name: 'Blue' });
  await expect(red).toBeChecked();
  await blue.check();
  await expect(rail.locator('.hue')).toHaveAttribute('style', /250/);

  await page.getByRole('button', { name: 'Delete “Journeys”' }).click();
  await expect(rail.getByRole('link', { name: 'Journeys' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).last().click();
  await rail.getByRole('link', { name: 'Journeys' }).click();
  await expect(ada.rows('Tickets')).toHaveCount(1);
});
