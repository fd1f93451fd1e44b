/** Writing mail in real Chromium: formatted and plain, quoting. */
import type { Page } from '@playwright/test';
import type { Inspection } from '../../src/app/session/inspection.ts';
import type { BodyView } from '../../src/core/mail/views.ts';
import { expect, test } from './support/fixtures.ts';

/** In the page. */
declare const epost: Inspection;

const letter = (page: Page) => page.getByRole('textbox', { name: 'Message', exact: true });
const send = (page: Page) => page.getByRole('button', { name: 'Send', exact: true }).click();

/** What the newest message with this subject carries. */
function bodyOf(page: Page, subject: string): Promise<BodyView> {
  return page.evaluate(async (wanted) => {
    const { messages } = await epost.client.snapshot();
    return epost.client.body(messages.find((message) => message.subject === wanted)!.id);
  }, subject);
}

async function paste(page: Page, data: Readonly<Record<string, string>>): Promise<void> {
  await letter(page).evaluate((element, data) => {
    const clipboardData = new DataTransfer();
    for (const [type, text] of Object.entries(data)) clipboardData.setData(type, text);
    element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, data);
}

test('a formatted letter is written by keys, arrives as small HTML beside its text, and is quoted', async ({
  newcomer,
}) => {
  const ada = await newcomer('Ada');
  const bob = await newcomer('Bob');
  const { page } = ada;
  await page.getByRole('button', { name: 'Compose' }).click();
  await page.getByLabel('To', { exact: true }).fill('bob');
  await page.getByLabel('Subject', { exact: true }).fill('Plan');
  await letter(page).click();
  await page.keyboard.type('Dear Bob,');
  await page.keyboard.press('Enter');
  await page.keyboard.type('this is ');
  await page.keyboard.press('Control+b');
  await expect(page.getByRole('button', { name: 'Bold' })).toHaveAttribute('aria-pressed', 'true');
  await page.keyboard.type('important');
  await page.keyboard.press('Control+b');
  await page.keyboard.type('.');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'List', exact: true }).click();
  await page.keyboard.type('one');
  await page.keyboard.press('Enter');
  await page.keyboard.type('two ');
  await page.keyboard.press('Control+k');
  await page.getByLabel('Leads to').fill('example.org/two');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('form', { name: 'Composer' })).toBeHidden();

  await bob.open('Plan');
  expect(await bodyOf(bob.page, 'Plan')).toEqual({
    html:
      '<div>Dear Bob,</div><div>this is <strong>important</strong>.</div>' +
      '<ul><li>one</li><li>two <a href="https://example.org/two">example.org/two</a></li></ul>',
    text: 'Dear Bob,\nthis is important.\n- one\n- two example.org/two',
  });
  const frame = bob.page.frameLocator('iframe');
  await expect(frame.getByText('important')).toHaveCSS('font-weight', '700');
  await expect(frame.getByRole('listitem')).toHaveText(['one', 'two example.org/two']);

  await bob.page.getByRole('button', { name: 'Reply', exact: true }).click();
  await expect(letter(bob.page)).toBeFocused();
  await bob.page.keyboard.type('Agreed.');
  await expect(letter(bob.page).locator('blockquote strong')).toHaveText('important');
  await send(bob.page);
  await ada.openFolder('Inbox');
  await ada.open('Re: Plan');
  const { text, html } = await bodyOf(page, 'Re: Plan');
  expect(text).toMatch(/^Agreed\.\n\nAda wrote on .*:\n> Dear Bob,\n> this is important\.\n> - one\n/);
  expect(html).toMatch(/^<div>Agreed\.<\/div>.*<blockquote><div>Dear Bob,<\/div>/);
  expect(html).not.toMatch(/class=|style=|target=/);
});

test('a letter without formatting is sent as plain text; the switch keeps lines and quotation', async ({
  newcomer,
}) => {
  const ada = await newcomer('Ada');
  const { page } = ada;
  await ada.send({ to: 'ada', subject: 'Simple', text: 'Dear me,\n\nsee https://example.org/.' });
  await ada.open('Simple');
  expect(await bodyOf(page, 'Simple')).toEqual({
    text: 'Dear me,\n\nsee https://example.org/.',
    html: undefined,
  });
  await page.getByRole('button', { name: 'Reply', exact: true }).click();
  await expect(letter(page).locator('blockquote')).toContainText('Dear me,');
  await page.keyboard.type('Plain ');
  await page.keyboard.press('Control+i');
  await page.keyboard.type('words');
  const plain = page.getByRole('button', { name: 'Plain text' });
  await plain.click();
  await expect(letter(page)).toHaveValue(/^Plain words\n\nAda wrote on .*:\n> Dear me,\n>\n> see https/);
  await plain.click();
  await expect(letter(page).locator('em')).toHaveText('words');
  await plain.click();
  await send(page);
  await ada.open('Re: Simple');
  expect((await bodyOf(page, 'Re: Simple')).html).toBeUndefined();
});

test('what is pasted is reduced to what a letter may have', async ({ newcomer }) => {
  const { page } = await newcomer('Ada');
  await page.getByRole('button', { name: 'Compose' }).click();
  await letter(page).click();
  await paste(page, {
    'text/html':
      '<style>p { color: red }</style><h1 style="color: red">Head</h1><p class="x" onclick="alert(1)">One <b>bold</b></p>' +
      '<p>Two<img src="https://example.org/pixel.png"> <a href="javascript:alert(1)">bad</a> <a href="https://example.org/">good</a></p>' +
      '<table><tr><td>cell</td></tr></table><script>alert(1)</script><iframe src="https://example.org/"></iframe>',
  });
  const html = await letter(page).innerHTML();
  expect(html).not.toMatch(/script|style|onclick|src=|iframe|table|class="x"/i);
  await expect(letter(page).getByRole('heading', { level: 3 })).toHaveText('Head');
  await expect(letter(page).locator('strong')).toHaveText('bold');
  await expect(letter(page).locator('a')).toHaveText('good');
  await expect(letter(page)).toContainText('cell');
  expect(await letter(page).locator('> div').allInnerTexts()).toContain('\n');

  await letter(page).fill('');
  await paste(page, { 'text/plain': 'a\n\nb  c' });
  expect(await letter(page).locator('> div').allTextContents()).toEqual(['a', '', 'b  c']);
});
