/** Mail of people whom one does not know: it waits as a request, and is accepted, blocked or called spam. */
import { expect, test } from './support/fixtures.ts';
import type { Person } from './support/person.ts';

async function letEverybodyWait({ page }: Person): Promise<void> {
  await page.getByRole('link', { name: 'Settings' }).click();
  const choice = page.getByRole('radio', { name: 'Everybody new' });
  await choice.check();
  await expect(choice).toBeChecked();
  await page.getByRole('link', { name: /^Inbox/ }).click();
}

test('a first mail waits as a request; who is accepted writes to the inbox from then on', async ({
  newcomer,
}) => {
  const ada = await newcomer('Ada');
  const bob = await newcomer('Bob');
  await letEverybodyWait(bob);
  await ada.send({ to: 'bob', subject: 'May I?', text: 'We have not met.' });

  await bob.page.getByRole('link', { name: '1 request First mail' }).click();
  await bob.open('May I?');
  const bar = bob.page.getByRole('region', { name: 'What to do with Ada' });
  await expect(bar).toContainText('This is the first mail from Ada to you.');
  await bar.getByRole('button', { name: 'Accept' }).click();
  await expect(bar).toBeHidden();
  await expect(bob.page.getByRole('heading', { name: 'May I?' })).toBeVisible();
  await bob.openFolder('Inbox');
  await expect(bob.rows('May I?')).toHaveCount(1);
  await expect(bob.page.getByRole('link', { name: /request/ })).toHaveCount(0);
  await ada.send({ to: 'bob', subject: 'Thank you', text: 'That was quick.' });
  await expect(bob.rows('Thank you')).toHaveCount(1, { timeout: 60_000 });
});

test('who is blocked writes to the spam; undo brings the request back, and Not spam accepts', async ({
  newcomer,
}) => {
  const ada = await newcomer('Ada');
  const bob = await newcomer('Bob');
  await letEverybodyWait(bob);
  await ada.send({ to: 'bob', subject: 'A bargain', text: 'Only today.' });
  const requests = bob.page.getByRole('navigation').getByRole('link', { name: /^Requests/ });
  await requests.click();
  await bob.open('A bargain');
  const bar = bob.page.getByRole('region', { name: 'What to do with Ada' });

  await bar.getByRole('button', { name: 'Block' }).click();
  await expect(bob.rows('A bargain')).toHaveCount(0);
  await bob.page.getByRole('button', { name: 'Undo' }).click();
  await bob.open('A bargain');

  await bar.getByRole('button', { name: 'This is spam' }).click();
  await expect(bob.rows('A bargain')).toHaveCount(0);
  await bob.page.getByRole('navigation').getByRole('link', { name: /^Spam/ }).click();
  await ada.send({ to: 'bob', subject: 'A second bargain', text: 'Today too.' });
  await expect(bob.rows('bargain')).toHaveCount(2, { timeout: 60_000 });

  await bob.open('A bargain');
  await bar.getByRole('button', { name: 'Not spam' }).click();
  await expect(bob.page.getByRole('heading', { name: 'A bargain' })).toBeVisible();
  await bob.openFolder('Inbox');
  await expect(bob.rows('bargain')).toHaveCount(2);
});
