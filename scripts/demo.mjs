/** `npm run demo`: installs what is missing, builds what is stale, and becomes the demonstration (demo/README.md). */
import './node-version.mjs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuilt, ensureDemoBuilt } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { root, RunError } from './run.mjs';

try {
  await ensureInstalled();
  await ensureBuilt();
  await ensureDemoBuilt();
} catch (error) {
  if (!(error instanceof RunError)) throw error;
  console.error(error.message);
  process.exit(1);
}
// In this process: signals and exit code are the demonstration's own, and its people end with it.
process.setSourceMapsEnabled(true);
await import(pathToFileURL(join(root, 'dist/demo/main.js')).href);
