/**
 * `npm run bench -- app [--messages 10000,50000]`: the app with a large mailbox, in real Chromium with a real relay: import of an
 * mbox file of so many mails through the page Back-up, then start, folders, messages, search, heap and scrolling. Prints a table and,
 * as its last line, one JSON object. Figures of the first size are compared with the goals of that size.
 *
 * Estimates. Import: MIME 1 ms, encryption and disk 3 ms, its part of the log 1 ms: 10,000 in a minute. Start: a mailbox of 10,000 is
 * 10 MB of log entries to open and merge (40 µs each) and as many views (5 µs): 0.6 s with page and vault. A folder draws 20 rows of
 * a list that is in order already: a frame or two. A message: one block from the disk, one decryption, one drawing: 20 ms.
 */
import { chromium, type Browser, type Page } from '@playwright/test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Inspection } from '../../src/app/session/inspection.ts';
import { chromiumFlags } from '../browser/support/chromium.ts';
import { Person } from '../browser/support/person.ts';
import { startRelayProcess } from '../browser/support/relay-process.ts';
import { corpusMbox } from '../support/corpus.ts';

/** In the page. */
declare const epost: Inspection;

type Figures = Record<string, number>;

const IMPORT_MS = 20 * 60_000;
const STARTS = 5;
const OPENED = 40;
const { values } = parseArgs({ options: { messages: { type: 'string', default: '10000,50000' } } });
const sizes = values.messages.split(',').map(Number);
const goals: Readonly<Record<string, number>> = {
  'importMs/10000': 120_000,
  'longestTaskMs/10000': 100,
  'startMs/10000': 1_200,
  'folderMs/10000': 100,
  'openMs/10000': 50,
  'searchMs/50000': 50,
  'heapMB/50000': 150,
};

const folder = await mkdtemp(join(tmpdir(), 'epost-app-'));
const browser = await chromium.launch({
  executablePath: process.env['EPOST_CHROMIUM'],
  args: [...chromiumFlags, '--enable-precise-memory-info'],
});
const measured = new Map<number, Figures>();
try {
  for (const size of sizes) measured.set(size, await measure(browser, size));
} finally {
  await browser.close();
  await rm(folder, { recursive: true });
}
report();

async function measure(browser: Browser, size: number): Promise<Figures> {
  const relay = await startRelayProcess();
  try {
    const file = join(folder, `${size}.mbox`);
    await writeFile(file, new Uint8Array(await corpusMbox(size, 'bench').arrayBuffer()));
    const context = await browser.newContext();
    // What esbuild calls in functions that go into the page.
    await context.addInitScript('globalThis.__name ??= (named) => named');
    const ada = await Person.join(context, relay.invitation, 'Ada', 'ada');
    await ada.expectOnline();
    const figures: Figures = { ...(await imported(ada.page, file, size)) };
    figures['startMs'] = await started(ada, size);
    Object.assign(figures, await folders(ada.page), await messages(ada.page));
    figures['searchMs'] = await searched(ada.page);
    figures['scrollLateFrames'] = await scrolled(ada.page);
    figures['heapMB'] = (await heapBytes(ada.page)) / 1024 / 1024;
    await context.close();
    return figures;
  } finally {
    await relay.dispose();
  }
}

/** From the choice of the file to the words that say how many came in; meanwhile the longest task of the main thread. */
async function imported(page: Page, file: string, size: number): Promise<Figures> {
  await page.getByRole('link', { name: 'Back-up' }).click();
  await page.evaluate(() => {
    const tasks: number[] = [];
    Object.assign(globalThis, { longTasks: tasks });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) tasks.push(duration);
    }).observe({ type: 'longtask' });
  });
  const started = performance.now();
  await page.getByLabel('Choose a file').setInputFiles(file);
  await page.getByText(`${size.toLocaleString('en')} messages were added.`).waitFor({ timeout: IMPORT_MS });
  const importMs = performance.now() - started;
  const tasks = await page.evaluate(() => (globalThis as unknown as { longTasks: number[] }).longTasks);
  return { importMs, longestTaskMs: Math.max(0, ...tasks), tasksOver50: tasks.length };
}

/** From a reload, offline, until the list of the inbox has a row. Median. */
async function started(ada: Person, size: number): Promise<number> {
  const { page } = ada;
  await page.context().setOffline(true);
  const times: number[] = [];
  for (let i = 0; i < STARTS; i++) {
    await page.goto(`${new URL(page.url()).origin}/#/mail/inbox`);
    const started = performance.now();
    await page.reload();
    await page.getByRole('list', { name: 'Messages' }).getByRole('listitem').first().waitFor();
    times.push(performance.now() - started);
  }
  await page.context().setOffline(false);
  const known = await page.evaluate(async () => (await epost.client.snapshot()).messages.length);
  if (known !== size) throw new Error(`${known} of ${size} messages are there`);
  return median(times);
}

/** In the page: from the click to the frame after the first row of the other folder. */
async function folders(page: Page): Promise<Figures> {
  const times = await page.evaluate(async (rounds) => {
    const times: number[] = [];
    const shown = (path: string): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          const row = document.querySelector(`[role="listitem"] a[href^="#/mail/${path}/"]`);
          if (row === null) requestAnimationFrame(look);
          else requestAnimationFrame(() => setTimeout(resolve));
        };
        look();
      });
    for (let i = 0; i < rounds; i++) {
      const path = ['archive', 'inbox', 'sent'][i % 3]!;
      const started = performance.now();
      location.hash = `#/mail/${path}`;
      await shown(path);
      times.push(performance.now() - started);
    }
    return times;
  }, 3 * 10);
  return { folderMs: p95(times), folderMedianMs: median(times) };
}

/** In the page: from the click on a row to the frame after its text, of messages that were not opened before. */
async function messages(page: Page): Promise<Figures> {
  const times = await page.evaluate(async (count) => {
    location.hash = '#/mail/archive';
    const times: number[] = [];
    const { messages } = await epost.client.snapshot();
    const some = messages.filter(({ folder, inReplyTo }) => folder === 'archive' && inReplyTo === undefined);
    for (let i = 0; i < count; i++) {
      const message = some[Math.floor((i * some.length) / count)]!;
      const started = performance.now();
      location.hash = `#/mail/archive/${message.id}`;
      await new Promise<void>((resolve) => {
        const look = (): void => {
          const text = document.querySelector('article h2')?.textContent === message.subject;
          const body = document.querySelector('article .text:not(.loading)');
          if (!text || body === null) requestAnimationFrame(look);
          else requestAnimationFrame(() => setTimeout(resolve));
        };
        look();
      });
      times.push(performance.now() - started);
    }
    return times;
  }, OPENED);
  return { openMs: p95(times), openMedianMs: median(times) };
}

/** In the page: from a word typed to the frame that shows what was found; p95. */
async function searched(page: Page): Promise<number> {
  await page.evaluate(() => {
    location.hash = '#/mail/inbox';
  });
  await page.keyboard.press('Escape');
  await page.keyboard.press('/');
  const field = page.getByRole('searchbox', { name: 'Search' });
  await field.waitFor();
  const times: number[] = [];
  for (const word of [
    'roof',
    'budget',
    'timetable',
    'proof',
    'bicycle',
    'soup',
    'catalogue',
    'minutes',
    'ink',
    'guests',
  ]) {
    await field.fill('');
    await page
      .getByText(/messages?$/)
      .first()
      .waitFor();
    times.push(
      await field.evaluate(async (input: HTMLInputElement, word) => {
        const started = performance.now();
        input.value = word;
        input.dispatchEvent(new Event('input', { bubbles: true }));
        await new Promise<void>((resolve) => {
          const look = (): void => {
            const row = document.querySelector('[role="listitem"]')?.textContent?.toLowerCase() ?? '';
            if (!row.includes(word)) requestAnimationFrame(look);
            else requestAnimationFrame(() => setTimeout(resolve));
          };
          look();
        });
        return performance.now() - started;
      }, word),
    );
  }
  await field.fill('');
  return p95(times);
}

/** Frames later than 50 ms while the archive is scrolled from its beginning for three seconds. */
async function scrolled(page: Page): Promise<number> {
  return page.evaluate(async () => {
    location.hash = '#/mail/archive';
    await new Promise((resolve) => setTimeout(resolve, 500));
    const scroller = document.querySelector<HTMLElement>('.list-pane .scroll')!;
    let late = 0;
    let before = performance.now();
    const end = before + 3_000;
    await new Promise<void>((resolve) => {
      const frame = (): void => {
        const now = performance.now();
        if (now - before > 50) late++;
        before = now;
        scroller.scrollTop += 400;
        if (now < end) requestAnimationFrame(frame);
        else resolve();
      };
      requestAnimationFrame(frame);
    });
    return late;
  });
}

/** After a collection. */
async function heapBytes(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = (await session.send('Runtime.getHeapUsage')) as { usedSize: number };
  await session.detach();
  return usedSize;
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[times.length >> 1]!;
}

function p95(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * 0.95))]!;
}

function report(): void {
  const rows: { messages: number; figure: string; value: number; goal?: number; reached?: boolean }[] = [];
  for (const [messages, figures] of measured)
    for (const [figure, value] of Object.entries(figures)) {
      const goal = goals[`${figure}/${messages}`];
      rows.push({
        messages,
        figure,
        value: Math.round(value * 10) / 10,
        ...(goal === undefined ? {} : { goal, reached: value <= goal }),
      });
    }
  for (const { messages, figure, value, goal, reached } of rows)
    console.log(
      `${String(messages).padStart(7)}  ${figure.padEnd(18)} ${String(value).padStart(10)}` +
        (goal === undefined ? '' : `  ≤ ${goal} ${reached ? 'reached' : 'missed'}`),
    );
  console.log(JSON.stringify({ rows }));
}
