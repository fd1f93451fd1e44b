/** The page of the ring in real Chromium: plays the demonstration, takes files of one's own, and is there for everybody. */
import type { Page } from '@playwright/test';
import { headerOf, story, traceText } from '../unit/app/ring-player/sample-trace.ts';
import { expect, test } from './support/fixtures.ts';
import { everythingKept, keptFiles } from './support/kept-files.ts';

/** What the page complains about, policy violations among them. */
function complaintsOf(page: Page): readonly string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  return complaints;
}

async function openRing(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/#/ring`);
  await expect(page.getByRole('heading', { name: 'The ring at work' })).toBeVisible();
  await expect(page.getByRole('slider', { name: 'Time' })).toBeVisible();
}

const time = (page: Page) => page.getByRole('slider', { name: 'Time' });
const ring = (page: Page) => page.getByRole('img', { name: /ring/ });
const figure = (page: Page, name: string) =>
  page.getByLabel('Figures').locator('div').filter({ hasText: name }).getByRole('definition');
const moment = (page: Page, name: RegExp) =>
  page.getByRole('list', { name: 'Moments' }).getByRole('button', { name });

/** How many different colours there are on the canvas: a picture has many, a blank sheet one. */
function coloursDrawn(page: Page): Promise<number> {
  return page.locator('canvas').evaluate((canvas: HTMLCanvasElement) => {
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
  });
}

test('the demonstration plays, is scrubbed by keys, and shows nodes and look-ups', async ({
  strangerContext,
  relay,
}) => {
  const page = await (await strangerContext()).newPage();
  const complaints = complaintsOf(page);
  await openRing(page, relay.url);
  const at = async (): Promise<number> => Number(await time(page).inputValue());
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
  const began = await at();
  await expect.poll(at).toBeGreaterThan(began);
  await page.getByRole('button', { name: 'Pause' }).click();
  expect(await coloursDrawn(page)).toBeGreaterThan(10);

  await time(page).focus();
  await page.keyboard.press('End');
  await expect(figure(page, 'Look-ups answered')).toHaveText(/^[1-9]\d+of \d+$/);
  await expect(figure(page, 'Live nodes')).toHaveText('59');
  await page.keyboard.press('Home');
  await expect.poll(at).toBe(0);

  await moment(page, /5 nodes crash/).click();
  await expect(ring(page)).toHaveAccessibleName(/59 nodes ready, 5 crashed/);
  await expect(page.getByText('They are gone without a word.')).toBeVisible();
  await moment(page, /The network is cut in 2/).click();
  await expect(ring(page)).toHaveAccessibleName(/^2 rings that cannot reach each other/);

  await page.getByRole('button', { name: 'Next look-up' }).click();
  await expect(page.getByText(/asks for the root of key .*(found in|given up)/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Play' })).toBeVisible();
  await page.getByRole('button', { name: 'Again' }).click();
  await expect(page.getByText(/In slow motion:/)).toBeVisible();

  await moment(page, /All 64 are ready/).click();
  await page.getByRole('combobox', { name: 'Look at a node' }).selectOption({ index: 12 });
  const leaves = page.getByRole('list', { name: 'Leaf set' }).getByRole('button');
  await expect(leaves).toHaveCount(16);
  const neighbour = (await leaves.nth(8).innerText()).trim();
  await leaves.nth(8).click();
  await expect(page.getByText(`${neighbour}, a `)).toBeVisible();

  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('All nodes in a table').click();
  await expect(page.getByRole('row')).toHaveCount(65);
  expect(complaints).toEqual([]);
});

test('everything has a name, and the keyboard reaches it', async ({ strangerContext, relay }) => {
  const page = await (await strangerContext()).newPage();
  await openRing(page, relay.url);
  await page.keyboard.press('Space');
  await expect(page.getByRole('button', { name: 'Play' })).toBeVisible();
  const snapshot = await page.getByRole('main').ariaSnapshot();
  const unnamed = snapshot
    .split('\n')
    .filter((line) => /- (button|link|slider|combobox|img|list|textbox)( \[.*\])?:?$/.test(line));
  expect(unnamed).toEqual([]);
  const reached = new Set<string>();
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press('Tab');
    reached.add(await page.evaluate(() => document.activeElement?.tagName.toLowerCase() ?? ''));
  }
  for (const control of ['a', 'input', 'button', 'select', 'summary']) expect(reached).toContain(control);
  await page.keyboard.press('n');
  await expect(page.getByText(/asks for the root of key/)).toBeVisible();
});

test('with reduced motion pictures stand still, and a look-up is shown whole', async ({ browser, relay }) => {
  const context = await browser.newContext({ reducedMotion: 'reduce' });
  const page = await context.newPage();
  await openRing(page, relay.url);
  await expect(page.getByRole('button', { name: 'Play' })).toBeVisible();
  expect(await time(page).inputValue()).toBe('0');
  await page.getByRole('button', { name: 'Next look-up' }).click();
  await expect(page.getByText(/found in \d hops?, /)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Play' })).toBeVisible();
  await moment(page, /All 64 are ready/).click();
  await page.getByRole('button', { name: 'Play' }).click();
  await expect(figure(page, 'Look-ups answered')).toHaveText(/[1-9]\d*of/);
  await context.close();
});

test('a trace of one’s own is opened or dropped; a bad one gives a sentence and changes nothing', async ({
  strangerContext,
  relay,
}) => {
  const page = await (await strangerContext()).newPage();
  const complaints = complaintsOf(page);
  await openRing(page, relay.url);
  const good = traceText(headerOf(20, 60_000), story(20));
  const open = async (name: string, content: string | Buffer): Promise<void> => {
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Open a trace' }).click();
    await (await chooser).setFiles({ name, mimeType: '', buffer: Buffer.from(content) });
  };
  await open('mine.jsonl', good);
  await expect(page.getByText(/mine\.jsonl:\s+20 nodes, seed 7/)).toBeVisible();
  await open('letter.txt', 'Dear Ada,\n');
  await expect(page.getByRole('alert')).toHaveText(/letter\.txt: This is not a trace of the simulator/);
  await open('torn.jsonl', `${good.slice(0, 2_000)}\n`);
  await expect(page.getByRole('alert')).toHaveText(/torn\.jsonl: Line \d+ is not JSON/);
  await open('picture.png', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0xfe]));
  await expect(page.getByRole('alert')).toHaveText(/picture\.png: This is not a text file/);
  await expect(page.getByText(/mine\.jsonl:\s+20 nodes, seed 7/)).toBeVisible();

  const transfer = await page.evaluateHandle(
    (text) => {
      const dropped = new DataTransfer();
      dropped.items.add(new File([text], 'dropped.jsonl'));
      return dropped;
    },
    traceText(headerOf(16, 60_000), story(16)),
  );
  await page.getByRole('main').dispatchEvent('drop', { dataTransfer: transfer });
  await expect(page.getByText(/dropped\.jsonl:\s+16 nodes, seed 7/)).toBeVisible();
  await expect(page.getByRole('alert')).toHaveCount(0);
  expect(complaints).toEqual([]);
});

test('the network page leads there and back, and a member’s first load does not fetch it', async ({
  newcomer,
}) => {
  const { page } = await newcomer('Ada');
  const fetched: string[] = [];
  page.on('request', (request) => fetched.push(new URL(request.url()).pathname));
  await everythingKept(page);
  expect((await keptFiles(page)).filter((path) => /RingPlayer|ring-demonstration/.test(path))).toEqual([]);
  await page.getByRole('link', { name: 'Network' }).first().click();
  await page.getByRole('link', { name: 'See a ring at work' }).click();
  await expect(time(page)).toBeVisible();
  expect(fetched.some((path) => path.includes('RingPlayer'))).toBe(true);
  await page.getByRole('link', { name: 'Back to the network' }).click();
  await expect(page.getByRole('heading', { name: 'Network' })).toBeVisible();
});
