/** Builds the web app (dist/app), its demonstration, the relay (dist/relay) and `npm run demo` (dist/demo) when their sources have changed. */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { fingerprint, isFresh, markFresh } from './fingerprint.mjs';
import { root, runNode } from './run.mjs';

const SHARED_SOURCES = ['package.json', 'package-lock.json', 'scripts/build.mjs', 'src/core', 'src/adapters'];
const RELAY_SOURCES = [...SHARED_SOURCES, 'relay/package.json', 'relay/src'];
const DEMO_SOURCES = [
  ...RELAY_SOURCES,
  'demo',
  'src/app/transfer/mbox.ts',
  'test/support/corpus.ts',
  'test/browser/support/free-port.ts',
  'test/browser/support/quick-key.ts',
];
const APP_SOURCES = [
  ...SHARED_SOURCES,
  'scripts/compiled-messages.mjs',
  'scripts/first-load.mjs',
  'scripts/version.mjs',
  'src/app',
  'src/service-worker',
  'public',
  'index.html',
  'tsconfig.json',
  'vite.config.ts',
  'svelte.config.js',
];
const DEMONSTRATION_SOURCES = [...SHARED_SOURCES, 'src/app/ring-player/trace.ts', 'test/simulation/overlay'];

/** Builds what is stale. */
export async function ensureBuilt() {
  await ensureRelayBuilt();
  await ensureAppBuilt();
  await ensureDemonstrationMade();
}

/** Bundles the relay's own code; its dependencies stay in node_modules, some of them are native. */
export function ensureRelayBuilt() {
  return ensureBundled('relay', ['relay/src/main.ts'], RELAY_SOURCES);
}

/** Bundles `npm run demo`, with a relay in it, in the same way. */
export function ensureDemoBuilt() {
  return ensureBundled('demo', ['demo/main.ts', 'demo/person.ts'], DEMO_SOURCES);
}

/**
 * Bundles programs for Node into `dist/<name>`.
 * @param {string} name
 * @param {string[]} entryPoints
 * @param {readonly string[]} sources
 */
async function ensureBundled(name, entryPoints, sources) {
  const output = join(root, `dist/${name}`);
  const fresh = join(root, `dist/${name}.${process.pid}`);
  const stamp = join(root, `dist/${name}.stamp`);
  const print = fingerprint(root, sources);
  if (existsSync(join(output, 'main.js')) && isFresh(stamp, print)) return;
  const { build } = await import('esbuild');
  await build({
    absWorkingDir: root,
    entryPoints,
    outdir: fresh,
    bundle: true,
    // What is imported on demand is loaded on demand: a mistake in the settings is said before libp2p is there.
    splitting: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    packages: 'external',
    sourcemap: 'linked',
    logLevel: 'warning',
  });
  rmSync(output, { recursive: true, force: true });
  renameSync(fresh, output);
  markFresh(stamp, print);
}

/** Builds the web app with Vite, and packs its files once, so that the relay need not. */
export async function ensureAppBuilt() {
  if (!existsSync(join(root, 'vite.config.ts'))) return;
  const output = join(root, 'dist/app');
  const stamp = join(root, 'dist/app.stamp');
  const print = fingerprint(root, APP_SOURCES);
  if (existsSync(join(output, 'index.html')) && isFresh(stamp, print)) return;
  console.log('Building the web app …');
  await runNode(['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn'], 'Building the web app');
  await packFiles(output);
  markFresh(stamp, print);
}

/**
 * Runs the overlay's simulator for the trace that the app's page of the ring plays. It comes after the app is built: the
 * service worker does not keep it, who looks at it fetches it (src/app/ring-player/load.ts).
 */
export async function ensureDemonstrationMade() {
  const output = join(root, 'dist/app/ring-demonstration.jsonl');
  const stamp = join(root, 'dist/ring-demonstration.stamp');
  const print = fingerprint(root, DEMONSTRATION_SOURCES);
  if (existsSync(output) && isFresh(stamp, print)) return;
  console.log('Simulating a ring for the demonstration …');
  const fresh = join(root, `dist/ring-demonstration.${process.pid}.jsonl`);
  const script = 'test/simulation/overlay/write-demonstration.ts';
  await runNode(['--import', 'tsx', script, fresh], 'Simulating a ring');
  await packFile(fresh);
  for (const suffix of ['', '.br', '.gz']) renameSync(fresh + suffix, output + suffix);
  markFresh(stamp, print);
}

const PACKED_TYPES = ['.html', '.js', '.css', '.json', '.webmanifest', '.svg', '.txt'];
/** Smaller files fit into one packet anyway. */
const PACKED_BYTES_MIN = 1024;

/**
 * Writes `x.br` and `x.gz` beside each text file.
 * @param {string} folder
 */
async function packFiles(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) await packFiles(path);
    else if (PACKED_TYPES.includes(extname(name)) && statSync(path).size >= PACKED_BYTES_MIN)
      await packFile(path);
  }
}

/** @param {string} path */
async function packFile(path) {
  const content = readFileSync(path);
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
  writeFileSync(`${path}.br`, await promisify(brotliCompress)(content, { params }));
  writeFileSync(`${path}.gz`, await promisify(gzip)(content, { level: 9 }));
}
