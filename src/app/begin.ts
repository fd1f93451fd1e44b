/** Starts the session and draws it. */
import { mount } from 'svelte';
import App from './App.svelte';
import { startSession } from './session/start-session.ts';

/** A language is shown by now: what happens can be said. */
export function begin(target: HTMLElement): void {
  const session = startSession();
  target.replaceChildren();
  mount(App, { target, props: { session } });
}
