/** A page of a script of this checkout in real Chromium; no server listens, and localhost is a secure context. */
import { chromium, type Page } from '@playwright/test';
import type { Bytes } from '../../../src/core/codec/bytes.ts';
import { bundle } from '../../browser/support/bundle.ts';
import { chromiumFlags } from '../../browser/support/chromium.ts';

const ORIGIN = 'http://localhost:1';

/** `files` are served by their names. */
export async function withPage<T>(
  entry: string,
  files: Readonly<Record<string, Bytes>>,
  work: (page: Page) => Promise<T>,
): Promise<T> {
  const script = await bundle(entry);
  const browser = await chromium.launch({
    executablePath: process.env['EPOST_CHROMIUM'],
    args: [...chromiumFlags],
  });
  try {
    const page = await browser.newPage();
    await page.route(`${ORIGIN}/**`, (route) => {
      const name = new URL(route.request().url()).pathname.slice(1);
      if (name === '')
        return route.fulfill({
          contentType: 'text/html',
          body: '<!doctype html><title>bench</title><script src="/page.js"></script>',
        });
      if (name === 'page.js') return route.fulfill({ contentType: 'text/javascript', body: script });
      return route.fulfill({
        contentType: 'application/octet-stream',
        body: Buffer.from(files[name] ?? new Uint8Array(0)),
      });
    });
    await page.goto(`${ORIGIN}/`);
    return await work(page);
  } finally {
    await browser.close();
  }
}
