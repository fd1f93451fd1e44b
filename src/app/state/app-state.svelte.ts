/** What the pages of a member share: where one is, the mailbox, the sheets, the toasts, the time. */
import { createContext } from 'svelte';
import type { MessageView } from '../../core/mail/views.ts';
import type { Client } from '../../core/node/client.ts';
import { Search, type OpenSearch } from '../search/search.svelte.ts';
import type { DraftStore } from '../session/draft-store.ts';
import { t } from '../i18n/translate.svelte.ts';
import { installation } from '../pwa/install.svelte.ts';
import { settings } from '../settings/settings.svelte.ts';
import { Composers } from './composers.svelte.ts';
import { Mailbox } from './mailbox.svelte.ts';
import type { Router } from './router.svelte.ts';
import { Toasts } from './toasts.svelte.ts';

/** Relative dates are at most this old. */
const TICK_MS = 20_000;

export class AppState {
  readonly router: Router;
  readonly toasts = new Toasts();
  readonly mailbox: Mailbox;
  readonly composers: Composers;
  readonly search: Search;
  /** Messages that are being dragged, to be dropped on a folder or label. */
  dragged = $state.raw<readonly MessageView[]>([]);
  /** Whether the rail is open as a drawer, on a phone. */
  drawerOpen = $state(false);
  #now = $state(Date.now());

  constructor(client: Client, drafts: DraftStore, openSearch: OpenSearch, router: Router) {
    this.router = router;
    this.mailbox = new Mailbox(client, this.toasts);
    this.search = new Search(this.mailbox, openSearch);
    const { toasts } = this;
    const sent = (messageId: string): void => this.#sent(messageId);
    this.composers = new Composers({ client, drafts, toasts, preferences: settings, sent });
  }

  get now(): number {
    return this.#now;
  }

  /** Follows node and clock until the returned function is called. */
  start(): () => void {
    const unfollow = this.mailbox.follow();
    const restore = (): void => void this.composers.restore();
    const timer = setInterval(() => {
      this.#now = Date.now();
      // What another tab had open when it was closed goes on here.
      restore();
    }, TICK_MS);
    const leave = (): void => this.toasts.flush();
    addEventListener('pagehide', leave);
    restore();
    return () => {
      unfollow();
      clearInterval(timer);
      removeEventListener('pagehide', leave);
    };
  }

  #sent(messageId: string): void {
    installation.sent();
    const run = (): void => this.router.go({ page: 'mail', place: 'sent', messageId });
    this.toasts.done(t.composer.sent, { action: { label: t.composer.show, run } });
  }
}

export const [useApp, provideApp] = createContext<AppState>();
