/** `npm run bench -- <name>`: runs `test/bench/<name>.ts` against what has been built, in the checkout. */
import './node-version.mjs';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { ensureChromium } from './find-chromium.mjs';
import { ensureInstalled } from './install.mjs';
import { root, run, RunError } from './run.mjs';

const folder = join(root, 'test/bench');

/** @returns {Promise<number>} exit code */
async function main() {
  const [name, ...args] = process.argv.slice(2);
  if (name === undefined || !/^[a-z-]+$/.test(name) || !existsSync(join(folder, `${name}.ts`)))
    throw new RunError(`Name a benchmark: ${benchmarks().join(', ') || 'there is none yet'}.`);
  await ensureInstalled();
  await ensureBuilt();
  const env = { EPOST_CHROMIUM: await ensureChromium() };
  return run(process.execPath, ['--import', 'tsx', join(folder, `${name}.ts`), ...args], { env });
}

function benchmarks() {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => name.endsWith('.ts')).map((name) => name.slice(0, -3));
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof RunError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
