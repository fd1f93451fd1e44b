/** Vite plugin: names the build, as `0.1.0 (3f9a2c1)`: in the page, and in version.json for pages of an older one. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const PACKAGE = new URL('../package.json', import.meta.url);
/** Hexadecimal digits. */
const BUILD_LENGTH = 7;

/** @returns {import('vite').Plugin} */
export function version() {
  return {
    name: 'epost-version',
    apply: 'build',
    enforce: 'post',
    generateBundle(_, bundle) {
      // The names of the files are hashes of what they hold.
      const names = Object.keys(bundle).filter((name) => name.startsWith('assets/'));
      const build = createHash('sha256').update(names.sort().join('\n')).digest('hex').slice(0, BUILD_LENGTH);
      const name = `${JSON.parse(readFileSync(PACKAGE, 'utf8')).version} (${build})`;
      const page = bundle['index.html'];
      if (page?.type !== 'asset') return this.error('the build has no index.html');
      page.source = String(page.source).replace(
        '</title>',
        `</title>\n    <meta name="version" content="${name}" />`,
      );
      this.emitFile({ type: 'asset', fileName: 'version.json', source: JSON.stringify({ version: name }) });
    },
  };
}
