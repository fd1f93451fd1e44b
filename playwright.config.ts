/** The tests in a real Chromium: two files at a time, never tried again, without traces of people's data. */
import { defineConfig } from '@playwright/test';
import { findChromium } from './scripts/find-chromium.mjs';
import { chromiumFlags } from './test/browser/support/chromium.ts';

const executablePath = await findChromium();

export default defineConfig({
  testDir: 'test/browser',
  testMatch: '**/*.{spec,test}.ts',
  outputDir: 'test-results/browser',
  globalSetup: './test/browser/support/build.ts',
  workers: 2,
  retries: 0,
  forbidOnly: true,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: process.env['PLAYWRIGHT_JSON_OUTPUT_NAME'] ? [['list'], ['json']] : 'list',
  use: {
    browserName: 'chromium',
    headless: true,
    screenshot: 'only-on-failure',
    launchOptions: {
      args: [...chromiumFlags],
      ...(executablePath === undefined ? {} : { executablePath }),
    },
  },
});
