/**
 * `npm run screenshots`: takes every page of the real app, light and dark, wide and narrow, into `test-results/screenshots`,
 * and the pictures of the README into `docs`. The people write to each other through a real relay first.
 */
import { chromium, type BrowserContext, type Page } from '@playwright/test';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { chromiumFlags } from '../browser/support/chromium.ts';
import { binaryFile, Person } from '../browser/support/person.ts';
import { startRelayProcess } from '../browser/support/relay-process.ts';

const folder = resolve('test-results/screenshots');
const docs = resolve('docs');
const sizes = {
  wide: { width: 1440, height: 900 },
  medium: { width: 900, height: 700 },
  narrow: { width: 390, height: 844 },
};
type Size = keyof typeof sizes;
type Scheme = 'light' | 'dark';

await mkdir(folder, { recursive: true });
await mkdir(docs, { recursive: true });
const relay = await startRelayProcess();
const browser = await chromium.launch({
  executablePath: process.env['EPOST_CHROMIUM'],
  args: [...chromiumFlags],
});
try {
  const stranger = await browser.newContext();
  const page = await stranger.newPage();
  await page.goto(relay.url);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await inEveryForm(page, 'welcome');
  await page.goto(relay.invitation);
  await page.getByRole('textbox', { name: 'Your name' }).waitFor();
  await inEveryForm(page, 'join');
  await page.getByRole('textbox', { name: 'Your name' }).fill('Mallory');
  await page.getByRole('textbox', { name: 'Address' }).fill('mallory');
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByRole('list', { name: 'Recovery words' }).waitFor();
  await inEveryForm(page, 'words');
  await page.goto(`${relay.url}/#/ring`);
  await page.getByRole('button', { name: /nodes crash/ }).click();
  await inEveryForm(page, 'ring');
  await stranger.close();

  const people: Person[] = [];
  for (const name of ['Ada', 'Bob', 'Cleo', 'Dora'])
    people.push(await Person.join(await newContext(), relay.invitation, name, name.toLowerCase()));
  const [ada, bob, cleo, dora] = people as [Person, Person, Person, Person];
  await correspond(ada, bob, cleo, dora);
  const mailbox = ada.page;
  await ada.openFolder('Inbox');
  await withoutToasts(mailbox);
  await inEveryForm(mailbox, 'inbox');
  await ada.open('Report for November');
  await inEveryForm(mailbox, 'message');
  await mailbox.screenshot({ path: join(docs, 'mailbox.png') });
  await ada.openFolder('Sent');
  await ada.open('Lunch on Friday?');
  await ada.expectDelivery(/received/i);
  await inEveryForm(mailbox, 'sent');
  await mailbox.setViewportSize(sizes.wide);
  await mailbox.getByRole('button', { name: 'Evidence' }).click();
  await inEveryForm(mailbox, 'delivery');
  await mailbox.keyboard.press('Escape');
  await mailbox.getByRole('link', { name: 'Mail' }).first().click();
  await mailbox.setViewportSize(sizes.wide);
  await mailbox.getByRole('button', { name: 'Compose' }).click();
  await mailbox.getByLabel('To', { exact: true }).fill('bob');
  await mailbox.getByLabel('Subject', { exact: true }).fill('A draft');
  await mailbox.getByLabel('Message', { exact: true }).fill('Dear Bob,\n\n');
  await inEveryForm(mailbox, 'composer');
  await mailbox.keyboard.press('Escape');
  await mailbox.getByRole('button', { name: 'Discard draft' }).click();
  await withoutToasts(mailbox);
  await mailbox.getByRole('link', { name: 'People' }).first().click();
  await inEveryForm(mailbox, 'people');
  for (const name of ['Devices', 'Back-up', 'Settings']) {
    await mailbox.getByRole('link', { name }).first().click();
    await mailbox.getByRole('heading', { level: 1, name }).waitFor();
    await inEveryForm(mailbox, name.toLowerCase());
  }
  await mailbox.getByRole('link', { name: 'Network' }).first().click();
  await mailbox.getByLabel('Where is it?').selectOption({ index: 1 });
  await inEveryForm(mailbox, 'network');
  await mailbox.screenshot({ path: join(docs, 'network.png') });
} finally {
  await browser.close();
  await relay.dispose();
}

function newContext(): Promise<BrowserContext> {
  return browser.newContext({ viewport: sizes.wide });
}

/** A few letters among four people. */
async function correspond(ada: Person, bob: Person, cleo: Person, dora: Person): Promise<void> {
  const report = { ...binaryFile('report-november.pdf', 1_240_000), mimeType: 'application/pdf' };
  const figures = {
    ...binaryFile('figures.ods', 48_000),
    mimeType: 'application/vnd.oasis.opendocument.spreadsheet',
  };
  await ada.send({
    to: 'bob, cleo',
    subject: 'Lunch on Friday?',
    text: 'The place by the canal has a table for us at half past twelve.\n\nAda',
  });
  await dora.send({
    to: 'ada',
    subject: 'The key to the archive',
    text: 'It hangs behind the door again. Sorry that it took a week!\n\nDora',
  });
  await cleo.send({
    to: 'ada, bob',
    subject: 'Minutes of Tuesday',
    text: 'Three decisions, two of them yours:\n\n1. We move the meeting to Wednesdays.\n2. The draft goes out on the 30th.\n3. Somebody has to water the plants.\n\nCleo',
  });
  await bob.send({
    to: 'ada',
    subject: 'Report for November',
    text: 'Dear Ada,\n\nhere is the report, with the figures as a table of their own. The second chapter is new: it compares the two routes that we talked about, and I think that the shorter one wins by more than we expected.\n\nCould you read the summary until Thursday? The rest can wait.\n\nKind regards\nBob',
    files: [report, figures],
  });
  for (const subject of ['The key to the archive', 'Minutes of Tuesday', 'Report for November'])
    await ada.rows(subject).first().waitFor();
}

/** Words of success cover something, though not for long: all that are there now go at one stroke, before one of them goes by itself. */
async function withoutToasts(page: Page): Promise<void> {
  const buttons = page.getByRole('button', { name: 'Dismiss' });
  await buttons.evaluateAll((all) => all.forEach((button) => (button as HTMLButtonElement).click()));
  await page.getByRole('button', { name: 'Dismiss' }).first().waitFor({ state: 'detached' });
}

/** One page in light and dark, wide and narrow. */
async function inEveryForm(page: Page, name: string): Promise<void> {
  for (const size of Object.keys(sizes) as Size[]) {
    await page.setViewportSize(sizes[size]);
    for (const scheme of ['light', 'dark'] as Scheme[]) {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await page.evaluate(() => document.fonts.ready);
      await page.screenshot({ path: join(folder, `${name}-${size}-${scheme}.png`) });
    }
  }
  await page.setViewportSize(sizes.wide);
  await page.emulateMedia({ colorScheme: 'light' });
}
