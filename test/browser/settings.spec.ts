/** What a person chooses in the settings: the language at once and for good, colours, density; and the app from right to left. */
import type { Page } from '@playwright/test';
import { expect, test } from './support/fixtures.ts';

async function openSettings(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Settings' }).click();
  await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
}

/** The colour behind everything, as the browser draws it. */
function paperOf(page: Page): Promise<string> {
  return page.evaluate(() => {
    const context = document.createElement('canvas').getContext('2d')!;
    context.fillStyle = getComputedStyle(document.body).backgroundColor;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)].every((part) => part < 128)
      ? 'dark'
      : 'light';
  });
}

test('the language changes at once, everywhere, and stays', async ({ newcomer }) => {
  const { page } = await newcomer('Ada');
  await openSettings(page);
  await page.getByRole('combobox', { name: 'Language' }).selectOption({ label: 'Deutsch' });
  await expect(page.getByRole('heading', { name: 'Einstellungen', level: 1 })).toBeVisible();
  await expect(page.getByRole('navigation').getByRole('link', { name: 'Posteingang' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');

  await page.reload();
  await expect(page.getByRole('heading', { name: 'Einstellungen', level: 1 })).toBeVisible();
  await page.getByRole('combobox', { name: 'Sprache' }).selectOption({ label: 'Français' });
  await expect(page.getByRole('heading', { name: 'Réglages', level: 1 })).toBeVisible();
  await page.getByRole('link', { name: 'Boîte de réception' }).click();
  await expect(page.getByRole('button', { name: 'Écrire' })).toBeVisible();

  await page.getByRole('link', { name: 'Réglages' }).click();
  await page
    .getByRole('combobox', { name: 'Langue' })
    .selectOption({ label: 'Comme le navigateur (English)' });
  await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
});

test('a browser that prefers German gets it from the first page on, and fetches no other language', async ({
  browser,
  relay,
}) => {
  const context = await browser.newContext({ locale: 'de-AT' });
  const page = await context.newPage();
  const scripts: string[] = [];
  page.on('request', (request) => {
    if (request.resourceType() === 'script') scripts.push(request.url());
  });
  await page.goto(relay.url);
  await expect(page.getByRole('heading', { name: 'E-Mail, die Sie selbst tragen' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  expect(scripts.filter((url) => /\/messages-[^/]*\.js$/.test(url))).toHaveLength(1);
  await context.close();
});

test('colours and density are as chosen, whatever the system prefers, from the first paint on', async ({
  newcomer,
}) => {
  const { page } = await newcomer('Ada');
  await page.emulateMedia({ colorScheme: 'light' });
  expect(await paperOf(page)).toBe('light');
  await openSettings(page);
  await page.getByRole('radio', { name: 'Dark' }).check();
  expect(await paperOf(page)).toBe('dark');
  const roomy = await page.getByRole('link', { name: 'People' }).boundingBox();
  await page.getByRole('radio', { name: 'Compact' }).check();
  const dense = await page.getByRole('link', { name: 'People' }).boundingBox();
  expect(dense!.height).toBeLessThan(roomy!.height);

  await page.reload({ waitUntil: 'commit' });
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(page.getByRole('radio', { name: 'Compact' })).toBeChecked();
  expect(await paperOf(page)).toBe('dark');

  await page.emulateMedia({ colorScheme: 'dark' });
  await page.getByRole('radio', { name: 'Light' }).check();
  expect(await paperOf(page)).toBe('light');
  await page.getByRole('radio', { name: 'As the system has them' }).check();
  expect(await paperOf(page)).toBe('dark');
});

test('from right to left the app is its own mirror image', async ({ newcomer }) => {
  const { page } = await newcomer('Ada');
  const boxes = async (): Promise<readonly { readonly x: number; readonly width: number }[]> => {
    const found = [
      page.getByRole('navigation'),
      page.getByRole('region', { name: 'Inbox' }),
      page.getByRole('region', { name: 'Reading' }),
      page.getByRole('button', { name: 'Compose' }),
      page.getByRole('button', { name: 'Search' }),
    ];
    return Promise.all(found.map(async (one) => (await one.boundingBox())!));
  };
  await page.setViewportSize({ width: 1440, height: 900 });
  const written = await boxes();
  await page.evaluate(() => (document.documentElement.dir = 'rtl'));
  const mirrored = await boxes();
  mirrored.forEach(({ x, width }, i) => {
    expect(Math.abs(1440 - x - width - written[i]!.x)).toBeLessThan(2);
    expect(Math.abs(width - written[i]!.width)).toBeLessThan(2);
  });

  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole('button', { name: 'Menu' }).click();
  const drawer = page.getByRole('navigation');
  await expect.poll(async () => (await drawer.boundingBox())!.x).toBeGreaterThan(100);
  await expect
    .poll(async () => {
      const box = (await drawer.boundingBox())!;
      return box.x + box.width;
    })
    .toBeLessThanOrEqual(390);
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBe(0);
});
