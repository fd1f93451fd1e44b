/** Builds the web app into dist/app: one page, its chunks, and the service worker that is vault and offline cache. */
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { compiledMessages } from './scripts/compiled-messages.mjs';
import { firstLoad } from './scripts/first-load.mjs';
import { version } from './scripts/version.mjs';

/**
 * The page's own policy, so that it is strict wherever it is served from; a relay repeats it as a header. Links go to
 * relays by websocket, whose addresses the ring descriptor names.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  // Downloads that the service worker feeds begin in a frame.
  "frame-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self' ws: wss:",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

function strictPolicy(): Plugin {
  return {
    name: 'epost-strict-policy',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: contentSecurityPolicy },
        injectTo: 'head-prepend',
      },
    ],
  };
}

/**
 * The app itself is imported by a small entry, which fetches the language beside it: so that the browser fetches both at
 * once, the page names the app's files.
 */
function appBesideLanguage(): Plugin {
  return {
    name: 'epost-app-beside-language',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle = {} }) {
        const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
        const begin = chunks.find(({ facadeModuleId }) => facadeModuleId?.endsWith('/src/app/begin.ts'));
        if (!begin) throw new Error('the build has no chunk of src/app/begin.ts');
        const scripts = [begin.fileName, ...begin.imports].filter((name) => !html.includes(name));
        const styles = [begin, ...chunks.filter(({ fileName }) => begin.imports.includes(fileName))].flatMap(
          (chunk) => [...(chunk.viteMetadata?.importedCss ?? [])],
        );
        return [
          ...scripts.map((name) => ({
            tag: 'link',
            attrs: { rel: 'modulepreload', crossorigin: true, href: `/${name}` },
            injectTo: 'head' as const,
          })),
          ...styles.map((name) => ({
            tag: 'link',
            attrs: { rel: 'stylesheet', crossorigin: true, href: `/${name}` },
            injectTo: 'head' as const,
          })),
        ];
      },
    },
  };
}

function unused(file: string): string {
  return fileURLToPath(new URL(`src/adapters/libp2p/unused/${file}`, import.meta.url));
}

/** What libp2p's keys would fall back to. Noise goes on with the same package, for X25519. */
function platformEd25519(): Plugin {
  return {
    name: 'epost-platform-ed25519',
    apply: 'build',
    enforce: 'pre',
    resolveId: (source, importer) =>
      source === '@noble/curves/ed25519.js' && importer?.includes('/@libp2p/crypto/')
        ? unused('ed25519.ts')
        : undefined,
  };
}

const first = firstLoad();

export default defineConfig({
  plugins: [
    first,
    compiledMessages(),
    svelte(),
    strictPolicy(),
    appBesideLanguage(),
    platformEd25519(),
    version(),
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src/service-worker',
      filename: 'service-worker.ts',
      injectRegister: false,
      // A classic script: registered without a type, it works in every browser.
      injectManifest: {
        rollupFormat: 'iife',
        globPatterns: ['**/*.{js,css,html,svg,webmanifest}'],
        // The demonstration of the ring is fetched when somebody looks at it: nobody's mail needs it offline.
        globIgnores: ['assets/RingPlayer-*'],
        // What is not needed for opening the mailbox the worker keeps later (src/service-worker/offline-files.ts).
        manifestTransforms: [
          (entries) => ({
            manifest: entries.map((entry) => ({ ...entry, later: first.isLater(entry.url) })),
          }),
        ],
      },
      // The installed app has its icons from the system; offline the page needs the drawn one only.
      includeManifestIcons: false,
      manifest: {
        name: 'ePOST',
        short_name: 'ePOST',
        description: 'Mail that your organization carries itself, sealed from sender to reader.',
        start_url: '/',
        scope: '/',
        display: 'standalone',
        // Behind #, so that no relay learns to whom one writes.
        protocol_handlers: [{ protocol: 'mailto', url: '/#/compose/%s' }],
        background_color: '#fbfaf8',
        theme_color: '#fbfaf8',
        icons: [
          { src: 'icon.svg', sizes: 'any', type: 'image/svg+xml' },
          { src: 'icon-192.png', sizes: '192x192', type: 'image/png' },
          { src: 'icon-512.png', sizes: '512x512', type: 'image/png' },
          { src: 'icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
        ],
      },
    }),
  ],
  worker: { format: 'es' },
  // What libp2p would bring for keys and addresses that we do not have, and for its debug log: 20 KB.
  resolve: {
    alias: [
      { find: '@noble/curves/secp256k1.js', replacement: unused('secp256k1.ts') },
      { find: '@libp2p/logger', replacement: unused('logger.ts') },
      { find: /^netmask$/, replacement: unused('netmask.ts') },
      { find: '@multiformats/dns', replacement: unused('dns.ts') },
    ],
  },
  build: {
    outDir: 'dist/app',
    emptyOutDir: true,
    target: 'es2023',
    // The first with `light-dark()`; X25519 in WebCrypto, which the app needs, is younger in all of them.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    sourcemap: false,
    modulePreload: { polyfill: false },
    // Small files stay files: nothing inline, as the policy wants it.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
});
