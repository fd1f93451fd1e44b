/** The people whom one has met: found, muted, blocked, verified, and warned of when a verified key is another one. */
import { readFile } from 'node:fs/promises';
import type { Inspection } from '../../src/app/session/inspection.ts';
import { expect, test } from './support/fixtures.ts';
import type { Person } from './support/person.ts';

/** In the page. */
declare const epost: Inspection;

async function openPeople({ page }: Person): Promise<void> {
  await page.getByRole('link', { name: 'People', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'People', level: 1 })).toBeVisible();
}

async function choose({ page }: Person, name: string, action: string): Promise<void> {
  await page.getByRole('button', { name: `Actions for ${name}` }).click();
  await page.getByRole('menuitem', { name: action, exact: true }).click();
}

async function safetyNumber(person: Person, of: string): Promise<string> {
  await openPeople(person);
  await choose(person, of, 'Verify');
  const groups = person.page.getByRole('list', { name: 'Safety number' }).getByRole('listitem');
  await expect(groups).toHaveCount(12);
  return (await groups.allInnerTexts()).join(' ');
}

test('two people read the same safety number, and a verified key that changes is said on person and message', async ({
  newcomer,
}) => {
  const ada = await newcomer('Ada');
  const bob = await newcomer('Bob');
  await ada.send({ to: 'bob', subject: 'Let us compare', text: 'Call me.' });
  await bob.open('Let us compare');
  const number = await safetyNumber(bob, 'Ada');
  expect(number).toMatch(/^(\d{5} ?){12}$/);
  expect(await safetyNumber(ada, 'Bob')).toBe(number);
  await expect(bob.page.getByRole('img', { name: 'The safety number as a QR code' })).toBeVisible();

  await bob.page.getByRole('button', { name: 'They differ' }).click();
  await expect(bob.page.getByRole('alert')).toContainText('Write nothing confidential');
  await bob.page.getByRole('button', { name: 'They are the same' }).click();
  const row = bob.page
    .getByRole('list', { name: 'People' })
    .getByRole('listitem')
    .filter({ hasText: 'ada@' });
  await expect(row).toContainText('Verified by you');

  // As if the key that was compared had been another one: that is how a changed key looks from here.
  await bob.page.evaluate(async () => {
    const { address } = (await epost.client.people()).find(({ name }) => name === 'Ada')!;
    await epost.client.change({ kind: 'verified', address, identityKey: '07'.repeat(32) });
  });
  await expect(row.getByRole('alert')).toContainText('The key of Ada is not the one that you compared.');
  await bob.openFolder('Inbox');
  await bob.open('Let us compare');
  const warning = bob.page.getByRole('region', { name: 'Reading' }).getByRole('alert');
  await expect(warning).toContainText('somebody else has taken over this address');
  await warning.getByRole('link', { name: 'Compare again' }).click();
  await bob.page.getByRole('button', { name: 'They are the same' }).click();
  await expect(row).toContainText('Verified by you');
  await expect(row.getByRole('alert')).toHaveCount(0);
});

test('people are found by name, muted and blocked with an undo, and written to', async ({ newcomer }) => {
  const ada = await newcomer('Ada');
  const bob = await newcomer('Bob');
  await ada.send({ to: 'bob', subject: 'Hello', text: 'Hello.' });
  await bob.open('Hello');
  await openPeople(bob);
  const search = bob.page.getByRole('searchbox', { name: 'Search people' });
  const row = bob.page
    .getByRole('list', { name: 'People' })
    .getByRole('listitem')
    .filter({ hasText: 'ada@' });
  await search.fill('somebody else');
  await expect(bob.page.getByText('Nobody here has that name or address.')).toBeVisible();
  await search.fill('ÁDA');
  await expect(row).toBeVisible();

  await choose(bob, 'Ada', 'Mute');
  await expect(row).toContainText('Muted');
  await ada.send({ to: 'bob', subject: 'Are you there?', text: 'Hello?' });
  await bob.openFolder('Archive');
  await expect(bob.rows('Are you there?')).toHaveCount(1, { timeout: 60_000 });

  await openPeople(bob);
  await choose(bob, 'Ada', 'Block');
  await expect(row).toContainText('Blocked');
  await bob.page
    .getByRole('status')
    .filter({ hasText: 'spam' })
    .getByRole('button', { name: 'Undo' })
    .click();
  await expect(row).toContainText('Muted');
  await choose(bob, 'Ada', 'Unmute');
  await expect(row).not.toContainText('Muted');
  await choose(bob, 'Ada', 'Write');
  await expect(bob.page.getByRole('form', { name: 'Composer' })).toBeVisible();
});

test('people go out as vCards and are found by such a file; a mail link opens a message', async ({
  newcomer,
}) => {
  const ada = await newcomer('Ada');
  const bob = await newcomer('Bob');
  const { page } = bob;
  const address = await ada.page.evaluate(async () => (await epost.client.snapshot()).account.person.address);
  await openPeople(bob);
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Find the people of a vCard file' }).click();
  const file = `BEGIN:VCARD\nVERSION:4.0\nFN:Ada\nEMAIL:${address}\nEMAIL:eve@elsewhere.org\nEND:VCARD\n`;
  await (await chooser).setFiles({ name: 'a.vcf', mimeType: 'text/vcard', buffer: Buffer.from(file) });
  await expect(page.getByRole('status').filter({ hasText: '1 person found' })).toContainText(
    '1 address of another organization',
    { timeout: 60_000 },
  );
  await expect(page.getByRole('button', { name: 'Actions for Ada' })).toBeVisible();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save all as a vCard file' }).click();
  const saved = await readFile(await (await download).path(), 'utf8');
  expect(saved).toContain(`FN:Ada\r\nEMAIL:${address}\r\n`);

  await page.getByRole('link', { name: 'Settings' }).click();
  const handler = await page.evaluateHandle(() => {
    const seen: { url?: string } = {};
    const register = navigator.registerProtocolHandler.bind(navigator);
    navigator.registerProtocolHandler = (scheme, url) => {
      register(scheme, url);
      seen.url = String(url);
    };
    return seen;
  });
  await page.getByRole('button', { name: 'Open mail links with ePOST' }).click();
  await expect(page.getByText('The browser has been asked.')).toBeVisible();
  const { url } = await handler.jsonValue();
  const link = `mailto:${address}?subject=Hello%20there&body=One%0D%0Atwo`;
  await page.goto(url!.replace('%s', encodeURIComponent(link)));
  await expect(page.getByLabel('Subject', { exact: true })).toHaveValue('Hello there');
  await expect(page.getByRole('form', { name: 'Composer' }).locator('[data-chip]')).toHaveCount(1);
  expect(new URL(page.url()).hash).toBe('#/mail/inbox');
});
