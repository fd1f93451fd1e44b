/** Finds the Chromium that the browser tests drive, or gets one. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run, RunError } from './run.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const MAC_APPS = ['Chromium', 'Google Chrome'].map(
  (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
);
const START_TIMEOUT_MS = 30_000;

/**
 * Paths to try, best first. One named by EPOST_CHROMIUM or CHROME is the only one.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} [platform]
 * @returns {readonly string[]}
 */
export function chromiumCandidates(env, platform = process.platform) {
  const named = env.EPOST_CHROMIUM || env.CHROME;
  if (named) return [named];
  if (platform === 'win32')
    return [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA]
      .filter((folder) => folder !== undefined)
      .map((folder) => `${folder}\\Google\\Chrome\\Application\\chrome.exe`);
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const onPath = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return platform === 'darwin' ? [...onPath, ...MAC_APPS] : onPath;
}

/**
 * The first candidate that starts, else the one that Playwright has downloaded before, else undefined. Ubuntu's
 * `chromium-browser` can be a script that only says how to install it, so each is asked for its version.
 * @param {NodeJS.ProcessEnv} [env]
 * @param {(path: string) => boolean} [starts]
 * @returns {Promise<string | undefined>}
 */
export async function findChromium(env = process.env, starts = isChromium) {
  const found = chromiumCandidates(env).find(starts);
  if (found !== undefined) return found;
  const named = env.EPOST_CHROMIUM || env.CHROME;
  if (named) throw new RunError(`EPOST_CHROMIUM or CHROME names ${named}, which is no Chromium that starts.`);
  const { chromium } = await import('playwright');
  const downloaded = chromium.executablePath();
  return starts(downloaded) ? downloaded : undefined;
}

/**
 * Finds Chromium, else installs it: Debian's package where apt-get and root are there, else Playwright's download.
 * @returns {Promise<string>} its path; throws RunError
 */
export async function ensureChromium() {
  const found = (await findChromium()) ?? (await installPackage()) ?? (await download());
  if (found !== undefined) return found;
  throw new RunError('Install Chromium or Google Chrome, or name one in EPOST_CHROMIUM: the tests drive it.');
}

async function installPackage() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined;
  if (spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status !== 0) return undefined;
  console.log('Installing Chromium (apt-get) …');
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const install = ['install', '--yes', '--no-install-recommends', '-qq', 'chromium'];
  if ((await run('apt-get', ['update', '-qq'], { env })) !== 0) return undefined;
  if ((await run('apt-get', install, { env })) !== 0) return undefined;
  return findChromium();
}

async function download() {
  console.log('Downloading Chromium (Playwright) …');
  await run(process.execPath, ['node_modules/playwright/cli.js', 'install', 'chromium']);
  return findChromium();
}

/** @param {string} path */
function isChromium(path) {
  try {
    accessSync(path, constants.X_OK);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code) return false;
    throw error;
  }
  // On Windows `--version` opens a window instead of answering.
  if (process.platform === 'win32') return true;
  const answer = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: START_TIMEOUT_MS });
  return answer.status === 0 && /chrom/i.test(answer.stdout);
}
