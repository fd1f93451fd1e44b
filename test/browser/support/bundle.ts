/** Bundles a page's script for a test, as one classic script. */
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';

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
    logLevel: 'silent',
  });
  return outputFiles[0]!.text;
}
