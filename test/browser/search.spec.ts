/** Searching the whole mailbox: also what is only in the text of a message, in any folder, and without a network. */
import type { Page } from '@playwright/test';
import { expect, test } from './support/fixtures.ts';
import type { Person } from './support/person.ts';

async function search(person: Person, typed: string): Promise<void> {
  await person.page.keyboard.press('/');
  await person.page.getByRole('searchbox', { name: 'Search' }).fill(typed);
}

/** What is written of the index, as it is on disk. */
function shardsOnDisk(page: Page): Promise<readonly string[]> {
  return page.evaluate(
    () =>
      new Promise<string[]>((resolve, reject) => {
        const opening = indexedDB.open('epost-search');
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const database = opening.result;
          const reading = database.transaction('entries').objectStore('entries').getAll();
          reading.onerror = () => reject(reading.error);
          reading.onsuccess = () => {
            database.close();
            resolve(reading.result.map((bytes: Uint8Array) => new TextDecoder('latin1').decode(bytes)));
          };
        };
      }),
  );
}

test('a word that is only in the text is found in any folder, also after a reload offline', async ({
  newcomer,
}) => {
  const ada = await newcomer('Ada');
  const bob = await newcomer('Bob');
  const filler = 'Words that fill the first lines of the letter. '.repeat(12);
  await ada.send({ to: 'bob', subject: 'Minutes', text: `${filler}\n\nThe Périwinkle is on the table.` });
  await ada.send({ to: 'bob', subject: 'Lunch', text: 'Soup or salad?' });
  await bob.open('Minutes');
  await bob.page.getByRole('button', { name: 'Archive' }).first().click();
  await expect(bob.rows('Minutes')).toHaveCount(0);

  await search(bob, 'periwin');
  await expect(bob.rows('Minutes')).toHaveCount(1, { timeout: 30_000 });
  await expect(bob.rows('Lunch')).toHaveCount(0);
  await expect(bob.page.getByText('1 message found.')).toBeVisible();
  await expect(bob.rows('Minutes').getByText('Archive')).toBeVisible();

  // The key, and a shard with both.
  await expect.poll(async () => (await shardsOnDisk(bob.page)).length, { timeout: 30_000 }).toBe(2);
  for (const shard of await shardsOnDisk(bob.page)) expect(shard.toLowerCase()).not.toContain('periwinkle');

  await bob.page.context().setOffline(true);
  await bob.page.close();
  const again = await bob.reopen();
  await search(again, 'in:archive "periwinkle is on"');
  await expect(again.rows('Minutes')).toHaveCount(1, { timeout: 30_000 });
  await again.page.getByRole('searchbox', { name: 'Search' }).fill('in:inbox periwinkle');
  await expect(again.page.getByText('Nothing found', { exact: true })).toBeVisible();
  await expect(again.rows('Minutes')).toHaveCount(0);
});

test('operators, their help, and what cannot be', async ({ newcomer }) => {
  const ada = await newcomer('Ada');
  const { page } = ada;
  await ada.send({ to: 'ada', subject: 'A note to myself', text: 'Remember the milk.' });
  await ada.open('A note to myself');
  await search(ada, 'subject:note is:unread');
  await expect(page.getByText('Nothing found', { exact: true })).toBeVisible();
  const field = page.getByRole('searchbox', { name: 'Search' });
  await field.fill('from:ada -in:sent milk');
  await expect(ada.rows('A note to myself')).toHaveCount(1);
  await expect(ada.rows('A note to myself').locator('mark')).toHaveText(['milk']);

  await field.fill('milk before:2026-02-30 in:nowhere');
  await expect(page.getByText('There is no day “2026-02-30”')).toBeVisible();
  await expect(page.getByText('There is no folder “nowhere”')).toBeVisible();

  await field.fill('milk');
  const help = page.getByRole('button', { name: 'How to search' });
  await help.press('Enter');
  await expect(help).toHaveAttribute('aria-expanded', 'true');
  await page.getByRole('button', { name: 'is:starred' }).press('Enter');
  await expect(field).toHaveValue('milk is:starred');
  await expect(field).toBeFocused();
  await expect(page.getByText('Nothing found', { exact: true })).toBeVisible();

  await field.press('Escape');
  await expect(field).toBeHidden();
  await expect(page.getByRole('heading', { name: 'Inbox' })).toBeVisible();
});
