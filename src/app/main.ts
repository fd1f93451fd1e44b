/** The page's entry: the language of the browser, or the chosen one, is fetched beside the app. */
import { settings } from './settings/settings.svelte.ts';

const [{ begin }] = await Promise.all([import('./begin.ts'), settings.applyLanguage()]);
begin();
