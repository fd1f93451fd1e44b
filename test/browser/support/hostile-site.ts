/** Runs the hostile page's script in place of the app, on the relay's own origin. */
import type { BrowserContext, Page } from '@playwright/test';
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';
import type {} from './hostile-page.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
let script: Promise<string> | undefined;

/** A document of the relay's own that runs our script: it may ask the authority and dial the relay like the app. */
export async function hostilePage(context: BrowserContext, relayUrl: string): Promise<Page> {
  script ??= bundle();
  const page = await context.newPage();
  await page.goto(`${relayUrl}/healthz`);
  await page.evaluate(await script);
  return page;
}

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [`${root}test/browser/support/hostile-page.ts`],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis' },
    logLevel: 'silent',
  });
  return outputFiles[0]!.text;
}
