/** A person at the app in a browser context of their own, acting by the names on screen and nothing else. */
import { expect, type BrowserContext, type Locator, type Page } from '@playwright/test';
import { readFile } from 'node:fs/promises';

import type { ConnectionEvidence } from '../../../src/adapters/libp2p/evidence.ts';
import type { Inspection } from '../../../src/app/session/inspection.ts';
import type { LocationView } from '../../../src/core/node/client.ts';
import type { Role } from '../../../src/core/identity/certificates.ts';

/** In the page. */
declare const epost: Inspection;

export interface AttachedFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** In memory, or the paths of files on disk. */
  readonly files?: readonly AttachedFile[] | readonly string[];
}

/** How long a browser under test may take for a step that crosses the network. */
const PATIENCE_MS = 60_000;

export class Person {
  readonly page: Page;
  /** The 24 recovery words, as they were shown. */
  readonly words: readonly string[];

  private constructor(page: Page, words: readonly string[]) {
    this.page = page;
    this.words = words;
  }

  /** Opens the invitation, joins, confirms two words; resolves in the mailbox. */
  static async join(
    context: BrowserContext,
    invitation: string,
    name: string,
    address: string,
  ): Promise<Person> {
    await sendAtOnce(context);
    const page = context.pages()[0] ?? (await context.newPage());
    await page.goto(invitation);
    await expect(page.getByRole('heading', { name: /^Join / })).toBeVisible({ timeout: PATIENCE_MS });
    await page.getByRole('textbox', { name: 'Your name' }).fill(name);
    await page.getByRole('textbox', { name: 'Address' }).fill(address);
    await page.getByRole('button', { name: 'Join' }).click();
    const words = await shownWords(page);
    await confirmWords(page, words);
    await inMailbox(page);
    return new Person(page, words);
  }

  /** On a page without account: types the words and gets the mailbox back. */
  static async recover(context: BrowserContext, origin: string, words: readonly string[]): Promise<Person> {
    await sendAtOnce(context);
    const page = context.pages()[0] ?? (await context.newPage());
    await page.goto(origin);
    await page.getByRole('link', { name: 'Recover from words' }).click();
    await page.getByRole('textbox', { name: 'Recovery words' }).fill(words.join(' '));
    await page.getByRole('button', { name: 'Recover' }).click();
    await inMailbox(page);
    return new Person(page, words);
  }

  /** Opens the app again in a context whose profile has an account. */
  static async reopen(context: BrowserContext, origin: string, words: readonly string[]): Promise<Person> {
    const page = await context.newPage();
    await page.goto(origin);
    await inMailbox(page);
    return new Person(page, words);
  }

  /** Opens the app again in this person's profile, in a new tab. */
  reopen(): Promise<Person> {
    return Person.reopen(this.page.context(), new URL(this.page.url()).origin, this.words);
  }

  /** Gets the mailbox back in another, empty profile. */
  recover(context: BrowserContext, origin: string): Promise<Person> {
    return Person.recover(context, origin, this.words);
  }

  /** Nobody is in a mailbox on this page. */
  static async isOutside(page: Page): Promise<void> {
    await expect(page.getByRole('button', { name: 'Compose' })).toBeHidden();
  }

  /** Kills the tab's process: nothing of the page gets to run any more. */
  async crash(): Promise<void> {
    const session = await this.page.context().newCDPSession(this.page);
    const crashed = this.page.waitForEvent('crash');
    session.send('Page.crash').catch((error: unknown) => {
      if (!/crash|closed/i.test(String(error))) throw error;
    });
    await crashed;
    await this.page.close();
  }

  /** The ring is reached and confirmed. */
  async expectOnline(): Promise<void> {
    await expect
      .poll(() => this.page.evaluate(async () => (await epost.client.snapshot()).connection.state), {
        timeout: PATIENCE_MS,
      })
      .toBe('online');
  }

  /** This tab's connection objects, as libp2p has them. */
  connections(): Promise<readonly ConnectionEvidence[]> {
    return this.page.evaluate(() => epost.connections());
  }

  /** Bytes that came over links to nodes of this role. */
  receivedFrom(role: Role): Promise<number> {
    return this.page.evaluate(
      (wanted) =>
        epost
          .links()
          .filter(({ contact }) => contact.role === wanted)
          .reduce((sum, { receivedBytes }) => sum + receivedBytes, 0),
      role,
    );
  }

  /** How many links there are to nodes of this role. */
  linksTo(role: Role): Promise<number> {
    return this.page.evaluate(
      (wanted) => epost.links().filter(({ contact }) => contact.role === wanted).length,
      role,
    );
  }

  /** Which nodes hold the blocks of the newest message with this subject. */
  locate(subject: string): Promise<LocationView['blocks']> {
    return this.page.evaluate(async (wanted) => {
      const { client } = epost;
      const { messages } = await client.snapshot();
      return (await client.locate(messages.find((message) => message.subject === wanted)!.id)).blocks;
    }, subject);
  }

  /** Fills the composer and presses Send; resolves when the composer has closed (the message is queued). */
  async send(letter: Letter, patienceMs = PATIENCE_MS): Promise<void> {
    const { page } = this;
    await page.getByRole('button', { name: 'Compose' }).click();
    await page.getByLabel('To', { exact: true }).fill(letter.to);
    await page.getByLabel('Subject', { exact: true }).fill(letter.subject);
    await page.getByLabel('Message', { exact: true }).fill(letter.text);
    if (letter.files) await this.attach(letter.files);
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    // The button reads otherwise while the message is being written to disk; the sheet closes when it is there.
    await expect(page.getByRole('form', { name: 'Composer' })).toBeHidden({ timeout: patienceMs });
  }

  /** Files in memory, or the paths of files on disk. */
  async attach(files: NonNullable<Letter['files']> | readonly string[]): Promise<void> {
    const chooser = this.page.waitForEvent('filechooser');
    await this.page.getByRole('button', { name: 'Attach files' }).click();
    await (await chooser).setFiles([...files] as string[]);
  }

  async openFolder(name: 'Inbox' | 'Sent' | 'Archive' | 'Trash'): Promise<void> {
    await this.page.getByRole('link', { name: 'Mail' }).click();
    await this.page.getByRole('link', { name: new RegExp(`^${name}`) }).click();
  }

  /** The rows of the list `Messages` with this subject. */
  rows(subject: string): Locator {
    return this.page
      .getByRole('list', { name: 'Messages' })
      .getByRole('listitem')
      .filter({ hasText: subject });
  }

  /** Waits for the message in the present folder, without reloading, and opens it. */
  async open(subject: string): Promise<void> {
    const row = this.rows(subject).first();
    await expect(row).toBeVisible({ timeout: PATIENCE_MS });
    await row.click();
    await expect(this.page.getByRole('heading', { name: subject })).toBeVisible();
  }

  /** The delivery status of the opened message reads `state`. */
  async expectDelivery(state: RegExp, patienceMs = PATIENCE_MS): Promise<void> {
    await expect(this.page.getByLabel('Delivery', { exact: true }).first()).toContainText(state, {
      timeout: patienceMs,
    });
  }

  /** Saves an attachment of the opened message and returns its bytes. */
  async save(fileName: string): Promise<Buffer> {
    return readFile(await this.saved(fileName));
  }

  /** Saves an attachment of the opened message and returns where it is. */
  async saved(fileName: string, patienceMs = PATIENCE_MS): Promise<string> {
    // Nobody is there to answer the browser's own dialog: as in browsers that have none.
    await this.page.evaluate(() => Object.assign(window, { showSaveFilePicker: undefined }));
    const download = this.page.waitForEvent('download', { timeout: patienceMs });
    await this.page.getByRole('button', { name: new RegExp(`Save.*${escaped(fileName)}`) }).click();
    return (await download).path();
  }
}

/** As one may choose in the settings: most tests look at what comes after sending. */
async function sendAtOnce(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    if (location.protocol.startsWith('http')) localStorage['epost.undo-seconds'] ??= '0';
  });
}

async function shownWords(page: Page): Promise<string[]> {
  const items = page.getByRole('list', { name: 'Recovery words' }).getByRole('listitem');
  await expect(items).toHaveCount(24, { timeout: PATIENCE_MS });
  return (await items.allInnerTexts()).map((text) => text.replace(/[^a-z]/g, ''));
}

async function confirmWords(page: Page, words: readonly string[]): Promise<void> {
  const boxes = page.getByRole('textbox', { name: /^Word \d+$/ });
  const confirm = page.getByRole('button', { name: 'Confirm' });
  const next = page.getByRole('button', { name: /written them down|continue|next/i });
  await expect(confirm.or(next).first()).toBeVisible();
  if (await next.isVisible()) await next.click();
  await expect(boxes).toHaveCount(2);
  for (const box of await boxes.all()) {
    const label = await box.evaluate(
      (element: HTMLInputElement) =>
        element.labels?.[0]?.textContent ?? element.getAttribute('aria-label') ?? '',
    );
    await box.fill(words[Number(/\d+/.exec(label)![0]) - 1]!);
  }
  await confirm.click();
}

async function inMailbox(page: Page): Promise<void> {
  await expect(page.getByRole('button', { name: 'Compose' })).toBeVisible({ timeout: PATIENCE_MS });
}

/** A file of bytes that do not repeat: the same for the same length. */
export function binaryFile(name: string, sizeBytes: number): AttachedFile {
  const buffer = Buffer.alloc(sizeBytes);
  let state = sizeBytes >>> 0 || 1;
  for (let i = 0; i < sizeBytes; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    buffer[i] = state >>> 24;
  }
  return { name, mimeType: 'application/octet-stream', buffer };
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
