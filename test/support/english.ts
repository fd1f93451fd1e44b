/** Imported by tests of what the app says: it says it in English. */
import { showLanguage } from '../../src/app/i18n/translate.svelte.ts';

await showLanguage('en', ['en-GB']);
