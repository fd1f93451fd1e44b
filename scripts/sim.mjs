/** `npm run sim -- <name>`: bundles `test/simulation/<name>.ts` and runs it in this Node, without browser or build. */
import './node-version.mjs';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureInstalled } from './install.mjs';
import { root, run, RunError } from './run.mjs';

/** Files of test/simulation that are commands. */
const SIMULATIONS = ['overlay', 'overlay-seeds', 'secure', 'storage'];
/** Rings of 100,000 nodes need 3 GB; more new objects at once make fewer rounds of garbage collection. */
const NODE_OPTIONS = ['--expose-gc', '--max-old-space-size=6144', '--max-semi-space-size=128'];

/** @returns {Promise<number>} exit code */
async function main() {
  const [name, ...args] = process.argv.slice(2);
  if (name === undefined || !SIMULATIONS.includes(name))
    throw new RunError(`Name a simulation: ${SIMULATIONS.join(', ')}.`);
  await ensureInstalled();
  mkdirSync(join(root, 'dist'), { recursive: true });
  const output = mkdtempSync(join(root, 'dist/sim-'));
  try {
    await bundle(name, output);
    return await run(process.execPath, [...NODE_OPTIONS, join(output, `${name}.js`), ...args]);
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}

/**
 * One file runs faster than many, and types are taken out once.
 * @param {string} name
 * @param {string} output
 */
async function bundle(name, output) {
  const { build } = await import('esbuild');
  await build({
    absWorkingDir: root,
    entryPoints: [`test/simulation/${name}.ts`],
    outdir: output,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    packages: 'external',
    sourcemap: 'inline',
    logLevel: 'warning',
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof RunError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
