/** Whom a message went to, short: `you`, `you and Bob`, `Bob, Carol and 3 more`. */
import type { MessageView } from '../../core/mail/views.ts';
import { listText } from '../format/sizes.ts';
import { t } from '../i18n/translate.svelte.ts';

/** People named before the rest is counted. */
const NAMED_MAX = 3;

export function addresseesText(message: Pick<MessageView, 'to' | 'cc'>, self: string): string {
  const people = [...message.to, ...message.cc];
  if (people.length === 0) return t.message.nobody;
  const own = people.filter((person) => person.address === self);
  const others = people.filter((person) => person.address !== self);
  const names = [...own.slice(0, 1).map(() => t.message.you), ...others.map((person) => person.name)];
  if (names.length <= NAMED_MAX) return listText(names);
  const named = names.slice(0, NAMED_MAX - 1);
  return listText([...named, t.message.more({ count: names.length - named.length })]);
}
