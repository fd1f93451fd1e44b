/** `npm test [-- suite …]`: installs, builds, checks and tests everything, and ends with `N passed, N failed`. */
import './node-version.mjs';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { ensureChromium } from './find-chromium.mjs';
import { ensureInstalled } from './install.mjs';
import { root, run, RunError } from './run.mjs';
import { playwrightCounts, summary, vitestCounts } from './test-counts.mjs';

/** Longest time for one program; far above what it needs. Who is stopped by it leaves no report. */
const TIMEOUT_MS = 30 * 60_000;

/** Checks count as one test each. @type {Record<string, string[]>} */
const CHECKS = {
  format: ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'],
  lint: ['node_modules/eslint/bin/eslint.js', '--max-warnings', '0', '.'],
  types: [
    'node_modules/svelte-check/bin/svelte-check',
    '--tsconfig',
    './tsconfig.json',
    '--fail-on-warnings',
    '--output',
    'human',
  ],
};
/** Folders of `test` that vitest runs. */
const VITEST = ['unit', 'contract', 'simulation', 'vectors', 'fuzz'];
const BROWSER = 'browser';
const SUITES = [...Object.keys(CHECKS), ...VITEST, BROWSER];

const reports = join(root, 'test-results', 'reports');

/** @returns {Promise<number>} exit code */
async function main() {
  const asked = process.argv.slice(2);
  const unknown = asked.find((name) => !SUITES.includes(name));
  if (unknown !== undefined)
    throw new RunError(`There is no suite ${unknown}; there are ${SUITES.join(', ')}.`);
  const chosen = asked.length > 0 ? SUITES.filter((name) => asked.includes(name)) : SUITES;
  await prepare(chosen);

  /** @type {Map<string, import('./test-counts.mjs').Counts>} */
  const suites = new Map();
  for (const name of Object.keys(CHECKS).filter((name) => chosen.includes(name)))
    suites.set(name, await check(name));
  const folders = VITEST.filter((name) => chosen.includes(name));
  if (folders.length > 0) for (const [name, counts] of await vitest(folders)) suites.set(name, counts);
  if (chosen.includes(BROWSER)) suites.set(BROWSER, await playwright());

  console.log(`\n${summary(suites)}`);
  return [...suites.values()].every(({ failed }) => failed === 0) ? 0 : 1;
}

/** @param {readonly string[]} chosen */
async function prepare(chosen) {
  await ensureInstalled();
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  if (chosen.includes(BROWSER)) {
    process.env.EPOST_CHROMIUM = await ensureChromium();
    console.log(`Browser: ${process.env.EPOST_CHROMIUM}`);
  }
  if (chosen.some((name) => name === BROWSER || VITEST.includes(name))) await ensureBuilt();
}

/** @param {string} name */
async function check(name) {
  const started = Date.now();
  console.log(`\n— ${name}`);
  const code = await run(process.execPath, CHECKS[name] ?? [], { timeoutMs: TIMEOUT_MS });
  const passed = code === 0;
  return { passed: passed ? 1 : 0, failed: passed ? 0 : 1, ms: Date.now() - started };
}

/** @param {readonly string[]} folders */
async function vitest(folders) {
  console.log(`\n— ${folders.join(', ')} (vitest)`);
  const output = join(reports, 'vitest.json');
  const args = ['run', ...folders.map((name) => `test/${name}/`), '--reporter=dot', '--reporter=json'];
  const code = await run(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', ...args, `--outputFile.json=${output}`],
    { timeoutMs: TIMEOUT_MS },
  );
  const found = vitestCounts(readReport(output) ?? { testResults: [] });
  const suites = new Map(folders.map((name) => [name, found.get(name) ?? noTests(name)]));
  const failed = [...suites.values()].some((counts) => counts.failed > 0);
  if (code !== 0 && !failed) suites.set('vitest itself', { passed: 0, failed: 1, ms: 0 });
  return suites;
}

async function playwright() {
  console.log(`\n— ${BROWSER} (Playwright)`);
  const output = join(reports, 'playwright.json');
  const code = await run(process.execPath, ['node_modules/@playwright/test/cli.js', 'test'], {
    env: { PLAYWRIGHT_JSON_OUTPUT_NAME: output },
    timeoutMs: TIMEOUT_MS,
  });
  const report = readReport(output);
  const counts = report ? playwrightCounts(report) : noTests(BROWSER);
  if (counts.passed + counts.failed === 0) return noTests(BROWSER);
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

/** @param {string} name */
function noTests(name) {
  console.error(`The suite ${name} ran no test: that counts as one failed.`);
  return { passed: 0, failed: 1, ms: 0 };
}

/** @param {string} path */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    console.error(`No report: ${/** @type {Error} */ (error).message}`);
    return undefined;
  }
}

// Logs are read as text.
if (!process.stdout.isTTY) process.env.NO_COLOR = '1';
try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof RunError)) throw error;
  console.error(error.message);
  console.log('\n0 passed, 1 failed');
  process.exitCode = 1;
}
