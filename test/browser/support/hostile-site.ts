/** Runs the hostile page's script in place of the app, on the relay's own origin. */
import type { BrowserContext, Page } from '@playwright/test';
import type {} from './hostile-page.ts';
import { bundle } from './bundle.ts';

let script: Promise<string> | undefined;

/** A document of the relay's own that runs our script: it may ask the authority and dial the relay like the app. */
export async function hostilePage(context: BrowserContext, relayUrl: string): Promise<Page> {
  script ??= bundle('test/browser/support/hostile-page.ts');
  const page = await context.newPage();
  await page.goto(`${relayUrl}/healthz`);
  await page.evaluate(await script);
  return page;
}
