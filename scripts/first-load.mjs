/** Vite plugin: knows what is loaded before the mailbox shows, and packs it into few chunks; everything else can wait. */
import { fileURLToPath } from 'node:url';

/**
 * The modules that are loaded on the way to the mailbox, in the order in which they are; what they import comes with them. The
 * language comes too, but which one is known only in the browser.
 */
const WAY_TO_MAILBOX = {
  page: ['src/app/main.ts'],
  app: ['src/app/begin.ts'],
  node: ['src/app/session/run-node.ts', 'src/adapters/libp2p/tab-node.ts'],
};
const PAGE = '/index.html';

/** @returns {import('vite').Plugin & { isLater(url: string): boolean }} `isLater` answers once the bundle is there */
export function firstLoad() {
  /** @type {Set<string>} */
  const needed = new Set();
  /** @type {ReadonlyMap<string, string>} */
  let groups = new Map();
  return {
    name: 'epost-first-load',
    apply: 'build',
    // A hundred small chunks pack worse than three: 10 KB.
    config: () => ({
      build: {
        rolldownOptions: {
          output: {
            codeSplitting: {
              groups: Object.keys(WAY_TO_MAILBOX).map((name, step, { length }) => ({
                name,
                test: (id) => groups.get(id) === name,
                // The first step takes what it needs, the others what is left.
                priority: length - step,
              })),
            },
          },
        },
      },
    }),
    buildEnd() {
      groups = groupsOf((id) => this.getModuleInfo(id));
    },
    generateBundle(_, bundle) {
      for (const module of [PAGE, ...Object.values(WAY_TO_MAILBOX).flat().slice(1)]) {
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
 * The chunk of each module on the way: that of the first step that imports it. The steps' own modules stay by themselves: the
 * page's waits for the app, which must not have to wait for it.
 * @param {import('vite').Rolldown.PluginContext['getModuleInfo']} getModuleInfo
 * @returns {Map<string, string>} by module
 */
function groupsOf(getModuleInfo) {
  /** @type {Map<string, string>} */
  const groups = new Map();
  for (const [group, modules] of Object.entries(WAY_TO_MAILBOX)) {
    const steps = modules.map((module) => fileURLToPath(new URL(`../${module}`, import.meta.url)));
    const reached = steps.flatMap((id) => getModuleInfo(id)?.importedIds ?? []);
    for (const id of reached) {
      if (groups.has(id)) continue;
      groups.set(id, group);
      reached.push(...(getModuleInfo(id)?.importedIds ?? []));
    }
  }
  return groups;
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
