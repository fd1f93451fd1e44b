/** The page's entry: starts the session and draws it. */
import { mount } from 'svelte';
import App from './App.svelte';
import { showLanguage } from './i18n/translate.svelte.ts';
import { languageFor } from './i18n/languages.ts';
import { startSession } from './session/start-session.ts';

await showLanguage(languageFor(navigator.languages), navigator.languages);
const target = document.getElementById('app')!;
const session = startSession();
target.replaceChildren();
mount(App, { target, props: { session } });
