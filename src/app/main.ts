/** The page's entry: the language of the browser, or the chosen one, is fetched beside the app. */
import { mount } from 'svelte';
import { settings } from './settings/settings.svelte.ts';
import UnreachedPage from './shell/UnreachedPage.svelte';

const target = document.getElementById('app')!;
try {
  const [{ begin }] = await Promise.all([import('./begin.ts'), settings.applyLanguage()]);
  begin(target);
} catch (error) {
  target.replaceChildren();
  mount(UnreachedPage, { target });
  // For the console: whose network is there will want to know.
  throw error;
}
