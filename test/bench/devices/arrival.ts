/** A new device that comes to an account: when its mailbox is complete, and when a message opens. */
import type { Browser, Page } from '@playwright/test';
import type { Inspection } from '../../../src/app/session/inspection.ts';
import { openDevices, sayYesToAccount, shownCode, typeCode } from '../../browser/support/pairing.ts';
import type { Person } from '../../browser/support/person.ts';
import { whole } from './mailbox.ts';

/** In the page. */
declare const epost: Inspection;

const PATIENCE_MS = 300_000;

export interface Whole {
  /** Messages of the inbox, each a row on screen; of all folders. */
  readonly inbox: number;
  readonly all: number;
  /** Subject of the message that is opened. */
  readonly oldest: string;
}

export interface Arrival {
  /** From the last yes to every message listed. */
  readonly completeMs: number;
  /** Of that, what the page's main thread worked. */
  readonly cpuMs: number;
  /** From the click on the oldest message of the inbox to its text on screen. */
  readonly openMs: number;
}

/** A second device is paired; the time runs from the giving device's yes, which comes last. */
export async function pairDevice(
  browser: Browser,
  giver: Person,
  url: string,
  mailbox: Whole,
): Promise<Arrival> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(url);
  await page.getByRole('link', { name: 'I have ePOST on another device' }).click();
  await openDevices(giver.page);
  await giver.page.getByRole('link', { name: 'Add a device' }).click();
  await typeCode(page, await shownCode(giver.page));
  await sayYesToAccount(giver.page, page);
  return measured(page, mailbox, () => giver.page.getByRole('button', { name: 'Add this device' }).click());
}

/** An empty browser gets the mailbox back; the time runs from the words being given. */
export async function recoverDevice(
  browser: Browser,
  words: readonly string[],
  url: string,
  mailbox: Whole,
): Promise<Arrival> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(url);
  await page.getByRole('link', { name: 'Recover from words' }).click();
  await page.getByRole('textbox', { name: 'Recovery words' }).fill(words.join(' '));
  return measured(page, mailbox, () => page.getByRole('button', { name: 'Recover' }).click());
}

/** `begin`: the last yes, after which the device arrives by itself. Its browser profile is closed in the end. */
async function measured(page: Page, mailbox: Whole, begin: () => Promise<void>): Promise<Arrival> {
  const arrived = arrival(page, mailbox);
  const cpu = await mainThreadMs(page);
  const begun = Date.now();
  await begin();
  const completeMs = (await arrived) - begun;
  const result = { completeMs, cpuMs: await cpu(), openMs: await open(page, mailbox.oldest) };
  await page.context().close();
  return result;
}

/** What the main thread works from now on. */
async function mainThreadMs(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const now = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics');
    return 1_000 * metrics.find(({ name }) => name === 'TaskDuration')!.value;
  };
  const from = await now();
  return async () => (await now()) - from;
}

/** When all rows of the inbox were on screen and the mailbox had everything, by this machine's clock. */
async function arrival(page: Page, { inbox, all }: Whole): Promise<number> {
  const rows = await page.waitForFunction(
    (inbox) => document.querySelectorAll('[aria-label="Messages"] li').length === inbox && Date.now(),
    inbox,
    { timeout: PATIENCE_MS, polling: 'raf' },
  );
  const shownAt = Number(await rows.jsonValue());
  const before = await page.evaluate(async () => (await epost.client.snapshot()).messages.length);
  return before === all ? shownAt : whole(page, all);
}

async function open(page: Page, subject: string): Promise<number> {
  const row = page
    .getByRole('list', { name: 'Messages' })
    .getByRole('listitem')
    .filter({ has: page.getByText(subject, { exact: true }) });
  await row.scrollIntoViewIfNeeded({ timeout: PATIENCE_MS });
  const shown = page.waitForFunction(
    () =>
      /This is letter/.test(document.querySelector('[aria-label="Reading"] div.text')?.textContent ?? '') &&
      Date.now(),
    undefined,
    { timeout: PATIENCE_MS, polling: 'raf' },
  );
  const begun = Date.now();
  await row.click();
  return Number(await (await shown).jsonValue()) - begun;
}
