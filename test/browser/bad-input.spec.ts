/** Bad input at the screen: each gives a clear sentence beside its field, and what was typed stays. */
import { expect, test } from './support/fixtures.ts';
import { open } from 'node:fs/promises';
import { Person } from './support/person.ts';

test('an unknown recipient and an attachment over the limit are said, and the letter stays', async ({
  newcomer,
}, testInfo) => {
  const ada = await newcomer('Ada');
  const { page } = ada;
  /** A file that is long, but takes no space. */
  const sparse = async (name: string, sizeBytes: number): Promise<string> => {
    const file = await open(testInfo.outputPath(name), 'w');
    await file.truncate(sizeBytes);
    await file.close();
    return testInfo.outputPath(name);
  };
  await ada.expectOnline();
  await page.getByRole('button', { name: 'Compose' }).click();
  await page.getByLabel('To', { exact: true }).fill('nobody');
  await page.getByLabel('Subject', { exact: true }).fill('Hello');
  await page.getByLabel('Message', { exact: true }).fill('Is anybody there?');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(page.getByText(/nobody@example\.org/).first()).toBeVisible();
  await expect(page.getByLabel('Message', { exact: true })).toHaveText('Is anybody there?');
  await ada.attach([await sparse('large.bin', 1_000_000_000)]);
  await ada.attach([await sparse('more.bin', 100_000_000)]);
  await expect(page.getByText(/1 GB/).first()).toBeVisible();
});

test('invitations that are malformed or unknown, and addresses that are bad or taken, are said', async ({
  newcomer,
  strangerContext,
  relay,
}) => {
  await newcomer('Ada');
  const page = await (await strangerContext()).newPage();
  await page.goto(`${relay.url}/#/join/notatoken`);
  await expect(page.getByText(/invitation/i).first()).toBeVisible();

  const other = await (await strangerContext()).newPage();
  await other.goto(relay.invitation);
  await other.getByRole('textbox', { name: 'Your name' }).fill('Another Ada');
  await other.getByRole('textbox', { name: 'Address' }).fill('ada');
  await other.getByRole('button', { name: 'Join' }).click();
  await expect(other.getByText(/taken/i).first()).toBeVisible();
  await other.getByRole('textbox', { name: 'Address' }).fill('not an address');
  await other.getByRole('button', { name: 'Join' }).click();
  await expect(other.getByRole('textbox', { name: 'Address' })).toHaveAttribute('aria-invalid', 'true');
  await expect(other.getByRole('textbox', { name: 'Your name' })).toHaveValue('Another Ada');
});

test('wrong recovery words are said: the unknown word is named, and so are a wrong count and a bad checksum', async ({
  newcomer,
  strangerContext,
  relay,
}) => {
  const ada = await newcomer('Ada');
  const page = await (await strangerContext()).newPage();
  await page.goto(relay.url);
  await page.getByRole('link', { name: 'Recover from words' }).click();
  const box = page.getByRole('textbox', { name: 'Recovery words' });
  const recover = page.getByRole('button', { name: 'Recover' });
  const tries: readonly (readonly [readonly string[], RegExp])[] = [
    [ada.words.slice(1), /24/],
    [['postmark', ...ada.words.slice(1)], /postmark/],
    [[...ada.words.slice(1), ada.words[0]!], /order|check|do not/i],
  ];
  for (const [words, sentence] of tries) {
    await box.fill(words.join(' '));
    await recover.click();
    await expect(page.getByText(sentence).last()).toBeVisible();
    await expect(box).toHaveValue(words.join(' '));
  }
  await Person.isOutside(page);
});
