/** Vite plugin: knows which files of the build are loaded before the mailbox shows; everything else can wait. */

/**
 * The modules that are loaded on the way to the mailbox, the page's own among them; what they import comes with them. The
 * language comes too, but which one is known only in the browser.
 */
const WAY_TO_MAILBOX = [
  '/index.html',
  '/src/app/begin.ts',
  '/src/app/session/run-node.ts',
  '/src/adapters/libp2p/tab-node.ts',
];

/** @returns {import('vite').Plugin & { isLater(url: string): boolean }} `isLater` answers once the bundle is there */
export function firstLoad() {
  /** @type {Set<string>} */
  const needed = new Set();
  return {
    name: 'epost-first-load',
    apply: 'build',
    generateBundle(_, bundle) {
      for (const module of WAY_TO_MAILBOX) {
        const chunk = Object.values(bundle).find(
          (file) => file.type === 'chunk' && file.facadeModuleId?.endsWith(module),
        );
        if (!chunk) this.error(`the build has no chunk of ${module}`);
        need(chunk.fileName, bundle, needed);
      }
    },
    isLater: (url) => url.startsWith('assets/') && !needed.has(url),
  };
}

/**
 * Adds a chunk with its styles, and the chunks that it imports.
 * @param {string} name
 * @param {import('vite').Rolldown.OutputBundle} bundle
 * @param {Set<string>} needed
 */
function need(name, bundle, needed) {
  const chunk = bundle[name];
  if (needed.has(name) || chunk?.type !== 'chunk') return;
  needed.add(name);
  for (const style of chunk.viteMetadata?.importedCss ?? []) needed.add(style);
  for (const imported of chunk.imports) need(imported, bundle, needed);
}
