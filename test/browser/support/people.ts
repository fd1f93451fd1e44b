/** People in browsers: each in a context of its own, doing what the screen offers, by its visible names. */
import { expect, type Browser, type BrowserContext, type Page } from '@playwright/test';

export interface Person {
  /** Local part of the address. */
  readonly name: string;
  readonly address: string;
  readonly context: BrowserContext;
  readonly page: Page;
  /** The 24 recovery words. */
  readonly words: readonly string[];
}

export interface NewcomerOptions {
  readonly domain?: string;
  /** Default: the name with a capital letter. */
  readonly displayName?: string;
  /** Default: a context of its own, which is another browser profile. */
  readonly context?: BrowserContext;
}

/** Opens the invitation in a new profile and joins as `name`; resolves when the empty mailbox is there. */
export async function join(
  browser: Browser,
  invitation: string,
  name: string,
  options: NewcomerOptions = {},
): Promise<Person> {
  const { domain = 'example.org', displayName = name[0]!.toUpperCase() + name.slice(1) } = options;
  const context = options.context ?? (await browser.newContext());
  const page = await context.newPage();
  await page.goto(invitation);
  await expect(page.getByRole('heading', { name: `Join ${domain}` })).toBeVisible();
  await page.getByRole('textbox', { name: 'Your name' }).fill(displayName);
  await page.getByRole('textbox', { name: 'Address' }).fill(name);
  await page.getByRole('button', { name: 'Join', exact: true }).click();
  const words = await confirmWords(page);
  await expect(page.getByRole('button', { name: 'Compose' })).toBeVisible({ timeout: 30_000 });
  return { name, address: `${name}@${domain}`, context, page, words };
}

/** Reads the 24 words and types those that are asked for. */
export async function confirmWords(page: Page): Promise<readonly string[]> {
  const list = page.getByRole('list', { name: 'Recovery words' });
  await expect(list.getByRole('listitem')).toHaveCount(24);
  const items = await list.getByRole('listitem').allTextContents();
  const words = items.map((text) => /[a-z]+/.exec(text)![0]);
  const fields = page.getByRole('textbox', { name: /^Word \d+$/ });
  // Some designs ask on the same page, some after a step of their own.
  const next = page.getByRole('button', { name: /^(Continue|I have written them down|Next)$/ });
  await expect(fields.first().or(next.first())).toBeVisible();
  if (!(await fields.first().isVisible())) await next.first().click();
  await expect(fields.first()).toBeVisible();
  for (const field of await fields.all()) {
    const label = await field.evaluate(
      (input: HTMLInputElement) => input.labels?.[0]?.textContent ?? input.getAttribute('aria-label') ?? '',
    );
    await field.fill(words[Number(/\d+/.exec(label)![0]) - 1]!);
  }
  await page.getByRole('button', { name: 'Confirm', exact: true }).click();
  return words;
}

export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly files?: readonly { readonly name: string; readonly mimeType: string; readonly buffer: Buffer }[];
}

/** Writes and sends; resolves when the composer has closed. */
export async function send(page: Page, { to, subject, text, files = [] }: Letter): Promise<void> {
  await page.getByRole('button', { name: 'Compose' }).click();
  await page.getByLabel('To', { exact: true }).fill(to);
  await page.getByLabel('Subject', { exact: true }).fill(subject);
  await page.getByLabel('Message', { exact: true }).fill(text);
  if (files.length > 0) {
    const choosing = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Attach files' }).click();
    await (await choosing).setFiles([...files]);
    for (const { name } of files) await expect(page.getByText(name).first()).toBeVisible();
  }
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Send', exact: true })).toBeHidden();
}

/** The row of a message in the list. */
export function messageRow(page: Page, subject: string) {
  return page.getByRole('list', { name: 'Messages' }).getByRole('listitem').filter({ hasText: subject });
}
