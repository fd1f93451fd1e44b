/** Tells of mail that comes while nobody sees the page, and opens what a notification was clicked for. */
import { isOpenMessage, type NotifyAsk } from '../../adapters/notifications/protocol.ts';
import type { Client } from '../../core/node/client.ts';
import { Arrivals } from './arrivals.ts';
import { notificationTexts } from './notification-text.ts';
import { notifications } from './notifications.svelte.ts';

export interface TellPorts {
  readonly client: Client;
  /** Mail came while nobody saw the page, and the person has not said yet whether to be told. */
  readonly offer: () => void;
  readonly open: (messageId: string) => void;
}

/** Until the returned function is called. */
export function tellOfMail({ client, offer, open }: TellPorts): () => void {
  const arrivals = new Arrivals();
  const unsubscribe = client.subscribe(({ messages }) => {
    const news = arrivals.take(messages, Date.now());
    if (news.length === 0 || !document.hidden) return;
    const { telling } = notifications;
    if (telling !== 'off') {
      for (const text of notificationTexts(news, telling === 'content')) ask(text);
    } else if (notifications.takeOffer()) offer();
  });
  const heard = ({ data }: MessageEvent<unknown>): void => {
    if (isOpenMessage(data)) open(data.messageId);
  };
  const workers = 'serviceWorker' in navigator ? navigator.serviceWorker : undefined;
  workers?.addEventListener('message', heard);
  return () => {
    unsubscribe();
    workers?.removeEventListener('message', heard);
  };
}

function ask(text: Omit<NotifyAsk, 'type' | 'lang'>): void {
  const message: NotifyAsk = { type: 'NOTIFY', lang: document.documentElement.lang, ...text };
  void navigator.serviceWorker.ready.then(({ active }) => active?.postMessage(message));
}
