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
