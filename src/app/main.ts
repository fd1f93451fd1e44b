/** The page's entry: starts the session and draws it. */
import { mount } from 'svelte';
import App from './App.svelte';
import { startSession } from './session/start-session.ts';

const target = document.getElementById('app')!;
const session = startSession();
target.replaceChildren();
mount(App, { target, props: { session } });
