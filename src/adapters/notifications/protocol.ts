/** What pages and the service worker tell each other about notifications of new mail. */

/** From a page that nobody sees: to be shown, unless somebody sees another page of the app. */
export interface NotifyAsk {
  readonly type: 'NOTIFY';
  readonly title: string;
  /** Empty: the title says it all. */
  readonly body: string;
  /** The page's language, as BCP 47 tag. */
  readonly lang: string;
  /** Whose news it is: a later one of the same takes its place. Opened by a click. */
  readonly messageId: string;
}

/** To the page that a click on a notification brought to the front. */
export interface OpenMessage {
  readonly type: 'OPEN_MESSAGE';
  readonly messageId: string;
}

export function isNotifyAsk(message: unknown): message is NotifyAsk {
  const ask = message as Partial<NotifyAsk> | null;
  if (typeof ask !== 'object' || ask?.type !== 'NOTIFY') return false;
  return [ask.title, ask.body, ask.lang, ask.messageId].every((text) => typeof text === 'string');
}

export function isOpenMessage(message: unknown): message is OpenMessage {
  const told = message as Partial<OpenMessage> | null;
  return typeof told === 'object' && told?.type === 'OPEN_MESSAGE' && typeof told.messageId === 'string';
}
