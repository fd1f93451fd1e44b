/** Writing mail in real Chromium: formatted and plain, quoting, taking back. */
import type { Page } from '@playwright/test';
import type { Inspection } from '../../src/app/session/inspection.ts';
import type { BodyView } from '../../src/core/mail/views.ts';
import { expect, test } from './support/fixtures.ts';
import { everythingKept } from './support/kept-files.ts';

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

test('sending is undone, or done when its time is over', async ({ newcomer }) => {
  const ada = await newcomer('Ada');
  const { page } = ada;
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('radio', { name: '30 seconds' }).check();
  await page.getByRole('link', { name: 'Mail' }).first().click();
  await ada.send({ to: 'ada', subject: 'Too early', text: 'Not yet.' });
  await expect(page.getByText(/^(30|2\d) s$/)).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(letter(page)).toHaveText('Not yet.');
  await expect(page.getByLabel('Subject', { exact: true })).toHaveValue('Too early');
  await page.getByRole('button', { name: 'Minimise' }).click();
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('radio', { name: '5 seconds', exact: true }).check();
  await page.getByRole('link', { name: 'Mail' }).first().click();
  await page.getByRole('button', { name: 'Too early' }).click();
  await letter(page).fill('Now.');
  await send(page);
  await ada.open('Too early');
  expect(await bodyOf(page, 'Too early')).toEqual({ text: 'Now.', html: undefined });
  await ada.openFolder('Sent');
  await expect(ada.rows('Too early')).toHaveCount(1);
});

test('recipients are chips, files show themselves, and what was forgotten is asked', async ({ newcomer }) => {
  const ada = await newcomer('Ada');
  const { page } = ada;
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('textbox', { name: 'Signature' }).fill('Ada\nLondon');
  await page.getByRole('link', { name: 'Mail' }).first().click();
  await page.getByRole('button', { name: 'Compose' }).click();
  await expect(letter(page).locator('> div')).toHaveText(['', '', '-- ', 'Ada', 'London']);

  const chips = page.getByRole('form', { name: 'Composer' }).locator('[data-chip]');
  const to = page.getByLabel('To', { exact: true });
  await to.evaluate((element) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', 'bob; "Lovelace, Ada" <ada@example.org>\ncarol, dan');
    element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  });
  await expect(chips).toHaveText(['bob', 'Lovelace, Ada', 'carol', 'dan']);
  await to.press('Backspace');
  await expect(chips.last()).toBeFocused();
  await page.keyboard.press('Delete');
  await page.keyboard.press('Backspace');
  await page.keyboard.press('ArrowLeft');
  await expect(chips.first()).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(to).toHaveValue('bob');
  await expect(chips).toHaveText(['Lovelace, Ada']);
  await to.fill('');

  await page.getByLabel('Subject', { exact: true }).fill('Picture');
  await letter(page).locator('> div').first().click();
  await page.keyboard.type('The picture is attached.');
  await send(page);
  const question = page.getByRole('alertdialog');
  await expect(question.getByRole('button', { name: 'Choose files' })).toBeFocused();
  await letter(page).evaluate(async (element) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 8, height: 8 });
    canvas.getContext('2d')!.fillRect(0, 0, 8, 8);
    const blob = await new Promise<Blob>((done) => canvas.toBlob((made) => done(made!)));
    const files = new DataTransfer();
    files.items.add(new File([blob], 'dot.png', { type: 'image/png' }));
    const paste = { clipboardData: files, bubbles: true, cancelable: true };
    element.dispatchEvent(new ClipboardEvent('paste', paste));
    const dropped = new DataTransfer();
    dropped.items.add(new File(['words'], 'words.txt', { type: 'text/plain' }));
    element.dispatchEvent(new DragEvent('drop', { dataTransfer: dropped, bubbles: true, cancelable: true }));
  });
  await expect(question).toBeHidden();
  const files = page.getByRole('list', { name: 'Attached files' }).getByRole('listitem');
  await expect(files).toHaveCount(2);
  const picture = files.filter({ hasText: 'dot.png' }).locator('img');
  await expect.poll(() => picture.evaluate((one: HTMLImageElement) => one.naturalWidth)).toBe(8);
  await page.getByRole('button', { name: 'Remove words.txt' }).click();
  await page.getByRole('button', { name: 'Remove dot.png' }).click();
  await send(page);
  await question.getByRole('button', { name: 'Send without' }).click();
  await ada.open('Picture');
  expect((await bodyOf(page, 'Picture')).text).toBe('The picture is attached.\n\n-- \nAda\nLondon');
});

test('a letter waits for its time through a reload, can be taken back, and goes out', async ({
  newcomer,
}) => {
  const ada = await newcomer('Ada');
  const { page } = ada;
  await page.getByRole('button', { name: 'Compose' }).click();
  await page.getByLabel('To', { exact: true }).fill('ada');
  await page.getByLabel('Subject', { exact: true }).fill('Good morning');
  await letter(page).fill('It is early.');
  await page.getByRole('button', { name: 'Send later' }).click();
  await page.getByLabel('Send at').fill('2020-01-01T08:00');
  await page.getByRole('button', { name: 'Send then' }).click();
  await expect(page.getByText('Choose a time that is still to come.')).toBeVisible();
  await page.getByLabel('Send at').fill('2099-01-01T08:00');
  await page.getByRole('button', { name: 'Send then' }).click();
  const waiting = page.getByRole('group', { name: 'Good morning' });
  await expect(waiting).toContainText(/Will be sent: .*2099/);
  await expect(page.getByRole('form', { name: 'Composer' })).toBeHidden();
  await page.reload();
  await expect(waiting).toContainText(/Will be sent: .*2099/);
  await waiting.getByRole('button', { name: 'Take back' }).click();
  await expect(letter(page)).toHaveText('It is early.');
  await send(page);
  await ada.open('Good morning');
});

test('the editor is there without a network once everything was kept', async ({ newcomer }) => {
  const { page } = await newcomer('Ada');
  await everythingKept(page);
  await page.context().setOffline(true);
  await page.reload();
  await page.getByRole('button', { name: 'Compose' }).click();
  await expect(page.getByRole('toolbar', { name: 'Formatting' })).toBeVisible();
});

test('an editor that comes late leaves the cursor where somebody types', async ({ newcomer }) => {
  const { page } = await newcomer('Ada');
  let letItCome = (): void => undefined;
  const comes = new Promise<void>((resolve) => (letItCome = resolve));
  await page.context().route(/RichEditor-[^/]*\.js$/, async (route) => {
    await comes;
    await route.continue();
  });
  await page.getByRole('button', { name: 'Compose' }).click();
  await page.getByLabel('To', { exact: true }).fill('bob');
  const subject = page.getByLabel('Subject', { exact: true });
  await subject.pressSequentially('Half a sub');
  letItCome();
  await expect(page.getByRole('toolbar', { name: 'Formatting' })).toBeVisible();
  await expect(subject).toBeFocused();
  await page.keyboard.type('ject');
  await expect(subject).toHaveValue('Half a subject');
});
