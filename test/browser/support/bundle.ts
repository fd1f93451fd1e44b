/** Bundles a page's script for a test, as one classic script; runes and messages are compiled as in the app's own build. */
import { build, transform, type Plugin } from 'esbuild';
import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileModule } from 'svelte/compiler';
import { compileMessages, readMessages } from '../../../scripts/compiled-messages.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** `entry` is a path in the checkout; `define` replaces further names by source text. */
export async function bundle(entry: string, define: Readonly<Record<string, string>> = {}): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [root + entry],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis', ...define },
    plugins: [compiled],
    logLevel: 'silent',
  });
  return outputFiles[0]!.text;
}

const compiled: Plugin = {
  name: 'compiled',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /\?compiled$/ }, ({ path, resolveDir }) => ({
      path: resolve(resolveDir, path.replace(/\?compiled$/, '')),
      namespace: 'messages',
    }));
    onLoad({ filter: /.*/, namespace: 'messages' }, async ({ path }) => ({
      contents: compileMessages(basename(dirname(path)), (await readMessages(path)).messages),
      resolveDir: dirname(path),
    }));
    onLoad({ filter: /\.svelte\.ts$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, 'utf8'), { loader: 'ts', target: 'es2022' });
      return { contents: compileModule(code, { filename: path, generate: 'client' }).js.code };
    });
  },
};
