/** `npm start`: installs what is missing, builds what is stale, and becomes the relay. */
import './node-version.mjs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuilt } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { root, RunError } from './run.mjs';

try {
  await ensureInstalled();
  await ensureBuilt();
} catch (error) {
  if (!(error instanceof RunError)) throw error;
  console.error(error.message);
  process.exit(1);
}
// In this process: signals and exit code are the relay's own, and no child is left behind when this one is killed.
process.setSourceMapsEnabled(true);
await import(pathToFileURL(join(root, 'dist/relay/main.js')).href);
