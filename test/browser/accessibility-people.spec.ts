/** People, requests, rules: axe-core finds nothing wrong with their pages either. */
import type { Inspection } from '../../src/app/session/inspection.ts';
import { expectAccessible } from './support/accessibility.ts';
import { expect, test } from './support/fixtures.ts';

/** In the page. */
declare const epost: Inspection;

const LABEL = '0123456789abcdef';

test.slow();

test('requests, and people with a changed key and a menu', async ({ newcomer }) => {
  const ada = await newcomer('Ada');
  const bob = await newcomer('Bob');
  const { page } = bob;
  await page.evaluate(() =>
    epost.client.change({ kind: 'setting', setting: { name: 'requests', value: 'everybody' } }),
  );
  await ada.send({ to: 'bob', subject: 'May I?', text: 'We have not met.' });
  const note = page.getByRole('link', { name: '1 request First mail' });
  await expect(note).toBeVisible({ timeout: 60_000 });
  await expectAccessible(page, 'inbox');

  await note.click();
  await bob.open('May I?');
  await expect(page.getByRole('region', { name: 'What to do with Ada' })).toBeVisible();
  await expectAccessible(page, 'request');

  await page.evaluate(async () => {
    const { address } = (await epost.client.people()).find(({ name }) => name === 'Ada')!;
    await epost.client.change({ kind: 'verified', address, identityKey: '07'.repeat(32) });
    await epost.client.change({ kind: 'standing', address, standing: 'muted' });
    location.hash = '#/people';
  });
  await expect(page.getByRole('alert').filter({ hasText: 'not the one that you compared' })).toBeVisible();
  await page.getByRole('button', { name: 'Actions for Ada' }).click();
  await expect(page.getByRole('menuitem', { name: 'Verify' })).toBeVisible();
  await expectAccessible(page, 'people');
});

test('comparing numbers, and settings with rules, folders and labels', async ({ newcomer }) => {
  await newcomer('Ada');
  const { page } = await newcomer('Bob');
  await page.evaluate(async (label) => {
    const { client } = epost;
    const { address } = await client.findPerson('ada');
    await client.change({ kind: 'folder', folder: `own-${label}`, name: 'Travel' });
    await client.change({ kind: 'label-name', label, name: 'Urgent', hue: 20 });
    const conditions = { from: 'cleo', to: null, subject: null, hasAttachment: true } as const;
    const actions = { folder: 'archive' as const, labels: [label], read: true, star: false };
    await client.change({ kind: 'rule', id: label, rule: { place: 0, ...conditions, ...actions } });
    location.hash = `#/verify/${encodeURIComponent(address)}`;
  }, LABEL);
  await page.getByRole('button', { name: 'They differ' }).click();
  await expect(page.getByText('Write nothing confidential')).toBeVisible();
  await expectAccessible(page, 'verification');

  await page.evaluate(() => (location.hash = '#/settings'));
  await page.getByRole('button', { name: 'Add a rule' }).click();
  const form = page.getByRole('form', { name: 'Rule' });
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form.getByRole('alert')).toHaveCount(2);
  await expectAccessible(page, 'settings');
});
