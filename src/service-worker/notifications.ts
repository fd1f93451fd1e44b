/** Shows notifications of new mail, and brings the page to the front that one is clicked for. */
import type { NotifyAsk, OpenMessage } from '../adapters/notifications/protocol.ts';

declare const self: ServiceWorkerGlobalScope;

/** Shows what the page `asker` (a client's id) asks for, unless somebody sees another page of the app. */
export async function notify(
  { title, body, lang, messageId }: NotifyAsk,
  asker: string | undefined,
): Promise<void> {
  // Permission may have been taken back meanwhile.
  if (Notification.permission !== 'granted') return;
  const pages = await self.clients.matchAll({ type: 'window' });
  if (pages.some(({ id, visibilityState }) => id !== asker && visibilityState === 'visible')) return;
  await self.registration.showNotification(title, {
    body,
    lang,
    tag: messageId,
    icon: '/icon-192.png',
    data: messageId,
  });
}

/** After a click: in a page that is open, else in a new one. */
export async function openClicked(notification: Notification): Promise<void> {
  notification.close();
  const messageId = String(notification.data);
  const [page] = await self.clients.matchAll({ type: 'window' });
  if (!page) {
    await self.clients.openWindow(`/#/mail/inbox/${encodeURIComponent(messageId)}`);
    return;
  }
  const told: OpenMessage = { type: 'OPEN_MESSAGE', messageId };
  page.postMessage(told);
  await page.focus();
}
