/** What the app does beside its pages, as an app of browser and system: badge, notifications, installing, updates. */
import { onMount } from 'svelte';
import { t } from '../i18n/translate.svelte.ts';
import { watchForUpdates } from '../session/updates.ts';
import type { AppState } from '../state/app-state.svelte.ts';
import { showBadge } from './badge.ts';
import { installation } from './install.svelte.ts';
import { notifications } from './notifications.svelte.ts';
import { tellOfMail } from './tell-of-mail.ts';
import { servedVersion } from './version.ts';
import { isWriting } from './writing.ts';

/** While the component that calls it is there. */
export function beginPwa(app: AppState): void {
  const { toasts } = app;
  const writing = $derived(isWriting(app.composers.list));
  let update = $state.raw<{ readonly text: string; readonly apply: () => void }>();

  $effect(() => showBadge(app.mailbox.unread));

  // What is offered waits until the person has finished writing.
  $effect(() => {
    if (!update || writing) return;
    toasts.offer(update.text, { label: t.app.reload, run: update.apply });
    update = undefined;
  });
  $effect(() => {
    if (writing || !installation.possible || !installation.takeOffer(Date.now())) return;
    toasts.offer(t.pwa.offerInstall, {
      label: t.pwa.install,
      run: () => void installation.install(),
    });
  });

  async function takeNotifications(): Promise<void> {
    if (await notifications.choose('mail')) toasts.done(t.pwa.willTell);
    else toasts.error(t.pwa.cannotTell);
  }

  onMount(() => {
    installation.visit();
    watchForUpdates((apply) => {
      void servedVersion().then((version) => {
        update = { text: version ? t.pwa.newVersion({ version }) : t.app.newVersion, apply };
      });
    });
    return tellOfMail({
      client: app.mailbox.client,
      offer: () =>
        toasts.offer(t.pwa.offerNotifications, {
          label: t.pwa.tellMe,
          run: () => void takeNotifications(),
        }),
      open: (messageId) => app.router.go({ page: 'mail', place: 'inbox', messageId }),
    });
  });
}
