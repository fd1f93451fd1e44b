import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { compiledMessages } from './scripts/compiled-messages.mjs';

export default defineConfig({
  plugins: [compiledMessages(), svelte()],
  test: {
    include: ['test/{unit,contract,simulation,vectors,fuzz}/**/*.test.ts'],
    environment: 'node',
    testTimeout: 30_000,
    setupFiles: ['test/setup.ts'],
  },
});
