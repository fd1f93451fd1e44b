/** What a reply or a forwarded message begins with. */
import type { MessageView, PersonView } from '../../core/mail/views.ts';
import { t } from '../i18n/translate.svelte.ts';
import { forwardedHead } from '../letter/letter-body.ts';
import { exactDate } from './dates.ts';

/** `Re: …`, never twice. */
export function replySubject(subject: string): string {
  return /^\s*re\s*:/i.test(subject) ? subject.trim() : t.message.replySubject({ subject }).trim();
}

/** `Fwd: …`, never twice. */
export function forwardSubject(subject: string): string {
  return /^\s*(fwd?|wg)\s*:/i.test(subject) ? subject.trim() : t.message.forwardSubject({ subject }).trim();
}

/** Whom `Reply` addresses: the sender, or for a message of one's own those it went to. */
export function replyTo(message: MessageView, self: string): readonly PersonView[] {
  return message.from.address === self ? message.to : [message.from];
}

/** Whom `Reply all` addresses: as `Reply`, and in copy everybody else but oneself. */
export function replyAllTo(
  message: MessageView,
  self: string,
): { readonly to: readonly PersonView[]; readonly cc: readonly PersonView[] } {
  const to = replyTo(message, self);
  const named = new Set([self, ...to.map((person) => person.address)]);
  const others = [...message.to, ...message.cc].filter((person) => {
    if (named.has(person.address)) return false;
    named.add(person.address);
    return true;
  });
  return { to, cc: others };
}

/** The answered text, each line marked, under a line that says who wrote it and when. */
export function quotedText(message: MessageView, text: string): string {
  const quoted = text
    .trimEnd()
    .replace(/^/gm, '> ')
    .replace(/^> (?=>)/gm, '>')
    .replace(/^> $/gm, '>');
  return `${attribution(message)}\n${quoted}\n`;
}

/** Who wrote it and when: the line over a quotation. */
export function attribution(message: MessageView): string {
  return t.message.wrote({ name: message.from.name, date: exactDate(message.at) });
}

/** The forwarded text under the facts of its message. */
export function forwardedText(message: MessageView, text: string): string {
  const [, ...facts] = forwardedFacts(message);
  return `${[forwardedHead(), ...facts].join('\n')}\n\n${text.trimEnd()}\n`;
}

/** A title, and the facts of a forwarded message: a line each. */
export function forwardedFacts(message: MessageView): readonly string[] {
  const people = (list: readonly PersonView[]): string =>
    list.map((person) => `${person.name} <${person.address}>`).join(', ');
  return [
    t.message.forwarded,
    t.message.forwardedFrom({ people: people([message.from]) }),
    t.message.forwardedTo({ people: people(message.to) }),
    ...(message.cc.length > 0 ? [t.message.forwardedCc({ people: people(message.cc) })] : []),
    t.message.forwardedDate({ date: exactDate(message.at) }),
    t.message.forwardedAbout({ subject: message.subject }),
  ];
}
