/** Installs the dependencies when they are missing or not those of the lockfile. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, RunError, runNpm } from './run.mjs';

/** Installs what is missing; takes milliseconds when nothing is. */
export async function ensureInstalled() {
  if (isInstalled(root)) return;
  console.log('Installing dependencies (npm ci) …');
  if ((await runNpm(['ci', '--no-progress', '--loglevel=error'])) !== 0)
    throw new RunError('The dependencies could not be installed: see the lines above.');
}

/**
 * Whether every package of package-lock.json is there in its version: npm keeps a list of what it installed. Packages
 * for other platforms are optional.
 * @param {string} folder
 */
export function isInstalled(folder) {
  const wanted = packagesOf(join(folder, 'package-lock.json'));
  const found = packagesOf(join(folder, 'node_modules', '.package-lock.json'));
  if (!wanted || !found) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.includes('node_modules/') || entry.optional || entry.devOptional || entry.peer) return true;
    return found[path] !== undefined && found[path].version === entry.version;
  });
}

/**
 * @typedef {{ version?: string, optional?: boolean, devOptional?: boolean, peer?: boolean }} LockEntry
 * @param {string} path
 * @returns {Record<string, LockEntry> | undefined}
 */
function packagesOf(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return undefined;
    throw error;
  }
}
