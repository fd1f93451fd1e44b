/** Runs programs for the commands in this folder. */
import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout: every command works there, wherever it was called. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** A program failed: its own output has said why. */
export class RunError extends Error {}

/**
 * Runs a program in the checkout, without input, and resolves with its exit code; after `timeoutMs` it is killed.
 * `quiet` discards its output.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ env?: Record<string, string>, quiet?: boolean, timeoutMs?: number }} [options]
 * @returns {Promise<number>}
 */
export function run(program, args, { env = {}, quiet = false, timeoutMs } = {}) {
  return new Promise((resolve) => {
    const output = quiet ? 'ignore' : 'inherit';
    const child = spawn(program, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', output, output],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    child.once('error', (error) => {
      if (!quiet) console.error(`${program} does not start: ${error.message}`);
      resolve(127);
    });
    child.once('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : 128)));
  });
}

/**
 * Like run, with this very Node. Throws RunError when it fails.
 * @param {readonly string[]} args
 * @param {string} what for the sentence
 */
export async function runNode(args, what) {
  const code = await run(process.execPath, args);
  if (code !== 0) throw new RunError(`${what} failed (exit code ${code}).`);
}

/**
 * Runs npm: the one that started us, if any.
 * @param {readonly string[]} args
 */
export function runNpm(args) {
  const path = process.env.npm_execpath;
  const env = { PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1' };
  if (path?.endsWith('.js')) return run(process.execPath, [path, ...args], { env });
  return run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, { env });
}
