/** Tells whether something built is older than what it was built from: by content, because clones have new dates. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * SHA-256 over names and contents of files and whole folders; missing ones count as missing.
 * @param {string} folder
 * @param {readonly string[]} paths relative to `folder`
 */
export function fingerprint(folder, paths) {
  const hash = createHash('sha256');
  for (const path of paths.flatMap((path) => filesUnder(folder, path))) {
    const content = readFileSync(join(folder, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/**
 * Whether `stamp` holds `print`.
 * @param {string} stamp
 * @param {string} print
 */
export function isFresh(stamp, print) {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === print;
}

/**
 * @param {string} stamp
 * @param {string} print
 */
export function markFresh(stamp, print) {
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, print);
}

/**
 * @param {string} folder
 * @param {string} path
 * @returns {string[]}
 */
function filesUnder(folder, path) {
  const info = statSync(join(folder, path), { throwIfNoEntry: false });
  if (!info) return [];
  if (!info.isDirectory()) return [path];
  return readdirSync(join(folder, path))
    .sort()
    .flatMap((name) => filesUnder(folder, `${path}/${name}`));
}
