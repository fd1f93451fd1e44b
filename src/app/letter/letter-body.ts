/** What a letter says, as text and with its formatting; and which part of it is the writer's own. */
import { t } from '../i18n/translate.svelte.ts';

export interface LetterBody {
  /** Lines as they are written; a quoted one begins with `>`. */
  readonly text: string;
  /** The same with its formatting; undefined when it is written as plain text. */
  readonly html: string | undefined;
}

/** Elements that a text without formatting has, too. */
const PLAIN_TAGS = /<\/?(div|br)>/g;
/** A web address that leads where it says. */
const BARE_LINK = /<a href="([^"]*?)\/?">\1\/?<\/a>/g;

/** The HTML that goes along: none when nothing in it is formatted, so that plain mail stays plain. */
export function htmlToSend({ html }: LetterBody): string | undefined {
  if (html === undefined) return undefined;
  return html.replace(BARE_LINK, '').replace(PLAIN_TAGS, '').includes('<') ? html : undefined;
}

/** Without what is quoted or forwarded. */
export function ownText(text: string): string {
  const end = text.indexOf(forwardedHead());
  return (end < 0 ? text : text.slice(0, end)).replace(/^>.*$/gm, '');
}

/** The first line of a forwarded message in plain text. */
export function forwardedHead(): string {
  return `---- ${t.message.forwarded}`;
}
