/** Several devices of one person, in real Chromium over a real relay: added by a typed code, one mailbox, and removed again. */
import type { Page } from '@playwright/test';
import type { Inspection } from '../../src/app/session/inspection.ts';
import { expect, test } from './support/fixtures.ts';
import { openDevices, sayYes, shownCode, typeCode } from './support/pairing.ts';

/** In the page. */
declare const epost: Inspection;

const PATIENCE_MS = 60_000;
/** Rows that take several frames. */
const MANY = 280;

function rows(page: Page) {
  return page.getByRole('list', { name: 'Devices' }).getByRole('listitem');
}

function mail(page: Page, subject: string) {
  return page.getByRole('list', { name: 'Messages' }).getByRole('listitem').filter({ hasText: subject });
}

test('a second device is added by a typed code, shows the same mailbox, and is removed', async ({
  newcomer,
  strangerContext,
  relay,
}) => {
  const ada = await newcomer('Ada');
  const bob = await newcomer('Bob');
  await bob.send({ to: 'ada', subject: 'Before', text: 'Written before the second device.' });
  await ada.open('Before');

  await openDevices(ada.page);
  await expect(rows(ada.page)).toHaveCount(1);
  await ada.page.getByRole('button', { name: 'Rename' }).click();
  await ada.page.getByRole('textbox', { name: 'Name of this device' }).fill('The desk');
  await ada.page.getByRole('button', { name: 'Save' }).click();
  await expect(rows(ada.page).filter({ hasText: 'The desk' })).toHaveCount(1, { timeout: PATIENCE_MS });

  const second = await (await strangerContext()).newPage();
  await second.goto(relay.url);
  await second.getByRole('link', { name: 'I have ePOST on another device' }).click();
  await ada.page.getByRole('link', { name: 'Add a device' }).click();
  await typeCode(second, 'ABCD');
  await expect(second.getByText('A code has 16 letters and digits; this one has 4.')).toBeVisible();
  await typeCode(second, (await shownCode(ada.page)).toLowerCase().replaceAll('-', ' '));
  await expect(second.getByText('ada@example.org')).toBeVisible({ timeout: PATIENCE_MS });
  await sayYes(ada.page, second);

  await expect(mail(second, 'Before')).toBeVisible({
    timeout: PATIENCE_MS,
  });
  await expect(rows(ada.page)).toHaveCount(2, { timeout: PATIENCE_MS });
  await bob.send({ to: 'ada', subject: 'After', text: 'Written to both.' });
  for (const page of [ada.page, second]) {
    await page.getByRole('link', { name: 'Mail' }).click();
    await expect(mail(page, 'After')).toBeVisible({
      timeout: PATIENCE_MS,
    });
  }

  await openDevices(ada.page);
  const other = rows(ada.page).filter({ hasNotText: 'this device' });
  await other.getByRole('button', { name: 'Remove' }).click();
  await ada.page.getByRole('button', { name: 'Remove this device' }).click();
  await expect(rows(ada.page)).toHaveCount(1, { timeout: PATIENCE_MS });
  await openDevices(second);
  await expect(second.getByText('This device was removed from your account').first()).toBeVisible({
    timeout: PATIENCE_MS,
  });
  await second.getByRole('button', { name: 'Erase this device' }).click();
  await second.getByRole('button', { name: 'Erase everything here' }).click();
  await expect(second.getByRole('link', { name: 'I have ePOST on another device' })).toBeVisible({
    timeout: PATIENCE_MS,
  });
});

test('the link of a QR code leads a new device to the account; no is an answer', async ({
  newcomer,
  strangerContext,
  relay,
}) => {
  const ada = await newcomer('Ada');
  await openDevices(ada.page);
  await ada.page.getByRole('link', { name: 'Add a device' }).click();
  const second = await (await strangerContext()).newPage();
  await second.goto(`${relay.url}/#/pair/${await shownCode(ada.page)}`);
  await expect(second.getByRole('button', { name: 'Use this account' })).toBeVisible({
    timeout: PATIENCE_MS,
  });
  expect(new URL(second.url()).hash).toBe('#/pair');
  await ada.page.getByRole('button', { name: 'No' }).click();
  await expect(rows(ada.page)).toHaveCount(1);
  await second.getByRole('button', { name: 'Use this account' }).click();
  await expect(second.getByText('The other device said no.')).toBeVisible({ timeout: PATIENCE_MS });

  // The other way round: the new device shows, the old one types.
  await second.getByRole('button', { name: 'Try with a new code' }).click();
  const code = await shownCode(second);
  await ada.page.getByRole('link', { name: 'Add a device' }).click();
  await shownCode(ada.page);
  await typeCode(ada.page, code);
  await sayYes(ada.page, second);
});

test('a second device lists a mailbox that is longer than a screen to its last row, and opens the oldest message', async ({
  newcomer,
  strangerContext,
  relay,
}) => {
  test.slow();
  const ada = await newcomer('Ada');
  const bob = await newcomer('Bob');
  await bob.page.evaluate(async (count) => {
    for (let i = 0; i < count; i++)
      await epost.client.send({
        to: ['ada'],
        cc: [],
        subject: `Letter ${i}`,
        text: `This is letter ${i}.`,
        html: undefined,
        files: [],
        forwarded: [],
        inReplyTo: undefined,
      });
  }, MANY);
  const list = (page: Page) => page.getByRole('list', { name: 'Messages' }).getByRole('listitem');
  const isWhole = (page: Page) =>
    expect(list(page).first()).toHaveAttribute('aria-setsize', String(MANY), { timeout: PATIENCE_MS });
  await isWhole(ada.page);

  const second = await (await strangerContext()).newPage();
  await second.goto(relay.url);
  await second.getByRole('link', { name: 'I have ePOST on another device' }).click();
  await openDevices(ada.page);
  await ada.page.getByRole('link', { name: 'Add a device' }).click();
  await typeCode(second, await shownCode(ada.page));
  await sayYes(ada.page, second);
  await isWhole(second);
  // Only the rows in sight are drawn.
  expect(await list(second).count()).toBeLessThan(60);
  await list(second).first().hover();
  await expect(async () => {
    await second.mouse.wheel(0, 100_000);
    await expect(list(second).last()).toHaveAttribute('aria-posinset', String(MANY), { timeout: 1000 });
  }).toPass();
  await list(second)
    .filter({ has: second.getByText('Letter 0', { exact: true }) })
    .click();
  await expect(second.getByText('This is letter 0.', { exact: true }).last()).toBeVisible({
    timeout: PATIENCE_MS,
  });

  // Another folder and back: the list begins anew, and is whole again.
  await second.getByRole('link', { name: /^Sent/ }).click();
  await expect(list(second)).toHaveCount(0);
  await second.getByRole('link', { name: /^Inbox/ }).click();
  await isWhole(second);
  await expect(list(second).first()).toHaveAttribute('aria-posinset', '1');
});
