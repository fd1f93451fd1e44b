/** What a notification of new mail says: as much as the person has allowed. */
import type { MessageView } from '../../core/mail/views.ts';
import { middleCut } from '../format/middle-cut.ts';
import { t } from '../i18n/translate.svelte.ts';

/** Characters of a name and of a subject. */
const NAME_MAX = 60;
const SUBJECT_MAX = 120;
/** More that come at once are told as a number. */
const SINGLY_MAX = 3;

export interface NotificationText {
  readonly title: string;
  readonly body: string;
  readonly messageId: string;
}

/** Of messages that came at once; `content`: with sender and subject. */
export function notificationTexts(
  messages: readonly MessageView[],
  content: boolean,
): readonly NotificationText[] {
  const newest = messages.at(-1);
  if (!newest) return [];
  if (!content || messages.length > SINGLY_MAX)
    return [{ title: t.pwa.mailCame({ count: messages.length }), body: '', messageId: newest.id }];
  return messages.map(({ id, from, subject }) => ({
    title: middleCut(from.name, NAME_MAX),
    body: middleCut(subject || t.mailbox.noSubject, SUBJECT_MAX),
    messageId: id,
  }));
}
