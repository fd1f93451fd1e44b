/**
 * `npm run bench -- mail [--runs N]`: what a person waits for, in real Chromium with a real relay. Prints a table of medians
 * and, as its last line, one JSON object. All tabs and the relay share this machine.
 *
 * Estimates: join = page load + 3 HTTP round trips + node start (70 ms) + relay dial and reservation (250 ms), below 2 s with
 * typing by script. 1 KB to `stored`: one block, one round trip to k + a replicas over open links, four disk writes, below
 * 100 ms; to `received`: two more exchanges and the recipient's log write, below 300 ms. 3 MB: 12 blocks × 4 copies =
 * 12 MB over data channels at 10–40 MB/s on two busy cores, about 1 s.
 *
 * `firstLoadGzipBytes` is what was fetched when the mailbox showed, `allKeptGzipBytes` that with what the service worker fetches
 * afterwards, so that every page works offline; both count the worker itself.
 */
import { chromium, type Browser, type BrowserContext, type Page } from '@playwright/test';
import { gzipSync } from 'node:zlib';
import type { Inspection } from '../../src/app/session/inspection.ts';
import { chromiumFlags } from '../browser/support/chromium.ts';
import { everythingKept } from '../browser/support/kept-files.ts';
import { binaryFile, Person } from '../browser/support/person.ts';
import { startRelayProcess, type RelayProcess } from '../browser/support/relay-process.ts';

/** In the page. */
declare const epost: Inspection;

type Figures = Record<string, number>;

const runs = Number(process.argv[process.argv.indexOf('--runs') + 1]) || 3;
const goals: Readonly<Record<string, string>> = {
  joinMs: '< 5000',
  received1KMs: '< 1000',
  firstLoadGzipBytes: '≤ 358400',
};

const browser = await chromium.launch({
  executablePath: process.env['EPOST_CHROMIUM'],
  args: [...chromiumFlags, '--enable-precise-memory-info'],
});
const measured: Figures[] = [];
try {
  for (let i = 0; i < runs; i++) measured.push(await measure(browser));
} finally {
  await browser.close();
}
report(measured);

/** One organization from its first invitation to a mailbox of 200 messages. */
async function measure(browser: Browser): Promise<Figures> {
  const relay = await startRelayProcess();
  try {
    const figures: Figures = {};
    const context = await browser.newContext();
    const loaded = loadedBy(context, relay);
    const started = performance.now();
    const ada = await Person.join(context, relay.invitation, 'Ada', 'ada');
    figures['joinMs'] = performance.now() - started;
    const untilMailbox = new Set(loaded);
    const bob = await Person.join(await browser.newContext(), relay.invitation, 'Bob', 'bob');
    await ada.expectOnline();
    await bob.expectOnline();
    await everythingKept(ada.page);
    figures['firstLoadGzipBytes'] = await gzipBytes(untilMailbox);
    figures['allKeptGzipBytes'] = await gzipBytes(loaded);
    await send(ada.page, 'warm up', 1024);
    for (const [name, sizeBytes] of [
      ['1K', 1024],
      ['3M', 3_000_000],
    ] as const) {
      const { storedMs, receivedMs } = await send(ada.page, name, sizeBytes);
      figures[`stored${name}Ms`] = storedMs;
      figures[`received${name}Ms`] = receivedMs;
    }
    await fill(ada, bob, 200);
    figures['start200Ms'] = await startToInteractive(bob);
    figures['heapBytes'] = await heapBytes(bob.page);
    for (const { page } of [ada, bob]) await page.context().close();
    return figures;
  } finally {
    await relay.dispose();
  }
}

/** Notes the address of everything that pages of the context load from the relay. */
function loadedBy(context: BrowserContext, relay: RelayProcess): Set<string> {
  // The worker fetches itself, out of the page's sight.
  const urls = new Set([`${relay.url}/service-worker.js`]);
  context.on('request', (request) => {
    const url = request.url().split('#')[0]!;
    if (request.method() === 'GET' && url.startsWith(relay.url)) urls.add(url);
  });
  return urls;
}

/** Size of all these files, each compressed by gzip. */
async function gzipBytes(urls: ReadonlySet<string>): Promise<number> {
  let total = 0;
  for (const url of urls) total += gzipSync(Buffer.from(await (await fetch(url)).arrayBuffer())).length;
  return total;
}

/** Sends through the page's own client; times are the page's, from the call of `send` to the snapshot that shows the state. */
async function send(
  page: Page,
  subject: string,
  sizeBytes: number,
): Promise<{ readonly storedMs: number; readonly receivedMs: number }> {
  const { buffer } = binaryFile(subject, sizeBytes);
  const base64 = buffer.toString('base64');
  return page.evaluate(
    async ([subject, base64]) => {
      const bytes = Uint8Array.from(atob(base64!), (char) => char.charCodeAt(0));
      const large = bytes.length > 10_000;
      const files = large
        ? [{ name: 'file.bin', type: 'application/octet-stream', content: new Blob([bytes]) }]
        : [];
      const text = large ? 'With a file.' : base64!.slice(0, bytes.length);
      const started = performance.now();
      const id = await epost.client.send({
        to: ['bob'],
        cc: [],
        subject: subject!,
        text,
        html: undefined,
        files,
        forwarded: [],
        inReplyTo: undefined,
      });
      return new Promise((done) => {
        let storedMs: number | undefined;
        const end = epost.client.subscribe(({ messages }) => {
          const state = messages.changed.find((message) => message.id === id)?.delivery?.state;
          if (state === undefined || state === 'queued') return;
          storedMs ??= performance.now() - started;
          if (state !== 'received' && state !== 'read') return;
          queueMicrotask(() => end());
          done({ storedMs, receivedMs: performance.now() - started });
        });
      });
    },
    [subject, base64],
  );
}

/** Fills Bob's inbox. */
async function fill(ada: Person, bob: Person, count: number): Promise<void> {
  await ada.page.evaluate(async (count) => {
    for (let i = 0; i < count; i++)
      await epost.client.send({
        to: ['bob'],
        cc: [],
        subject: `Letter ${i}`,
        text: `This is letter ${i}.`,
        html: undefined,
        files: [],
        forwarded: [],
        inReplyTo: undefined,
      });
  }, count);
  await bob.page.evaluate(
    (count) =>
      new Promise<void>((resolve) => {
        const known = new Set<string>();
        const end = epost.client.subscribe(({ messages }) => {
          for (const { id, folder } of messages.changed) if (folder === 'inbox') known.add(id);
          if (known.size < count) return;
          queueMicrotask(() => end());
          resolve();
        });
      }),
    count,
  );
}

/** From navigation to the list on screen with its rows, and the composer's button working. */
async function startToInteractive(bob: Person): Promise<number> {
  const { page } = bob;
  await page.reload({ waitUntil: 'commit' });
  const shownAt = await page.waitForFunction(
    () => document.querySelector('[aria-label="Messages"] li') !== null && performance.now(),
    undefined,
    { polling: 'raf' },
  );
  return Number(await shownAt.jsonValue());
}

async function heapBytes(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize;
}

function report(measured: readonly Figures[]): void {
  const names = Object.keys(measured[0]!);
  const medians = Object.fromEntries(names.map((name) => [name, median(measured.map((one) => one[name]!))]));
  console.log(`\nMedians of ${measured.length} runs`);
  for (const name of names) {
    const all = measured.map((one) => Math.round(one[name]!)).join(' ');
    console.log(
      `  ${name.padEnd(20)} ${String(Math.round(medians[name]!)).padStart(10)}   ${(goals[name] ?? '').padEnd(10)} (${all})`,
    );
  }
  console.log(JSON.stringify({ runs: measured.length, ...mapValues(medians, (value) => Math.round(value)) }));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function mapValues(figures: Figures, change: (value: number) => number): Figures {
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, change(value)]));
}
