/** The messages of the language that is shown: `t.mailbox.archive`, `t.mailbox.messages({ count })`. */
import { assert } from '../../core/codec/assert.ts';
import { languages, localeFor, type Language } from './languages.ts';
import type { Messages } from './message-types.ts';

interface Shown {
  readonly language: Language;
  readonly locale: string;
  readonly messages: Messages;
}

let shown = $state.raw<Shown>();

/** Fetches a language and shows it: what is on screen follows by itself. Rejects when it cannot be fetched; the present one stays. */
export async function showLanguage(
  language: Language,
  preferred: readonly string[] = [language],
): Promise<void> {
  const { messages } = await languages[language].load();
  shown = { language, locale: localeFor(language, preferred), messages };
}

/** BCP 47 tag for Intl: `de-AT`. */
export function shownLocale(): string {
  return present().locale;
}

export function shownLanguage(): Language {
  return present().language;
}

function present(): Shown {
  assert(shown !== undefined, 'a language is loaded before anything is said');
  return shown;
}

const areas = [
  'app',
  'backup',
  'composer',
  'core',
  'dates',
  'delivery',
  'devices',
  'editor',
  'join',
  'labels',
  'mailbox',
  'message',
  'network',
  'pairing',
  'people',
  'pwa',
  'requests',
  'ring',
  'rules',
  'search',
  'settings',
  'shortcuts',
  'trace',
  'transfer',
] as const satisfies readonly (keyof Messages)[];

/** A text costs two reads of properties, and follows the language. */
export const t = Object.defineProperties(
  {},
  Object.fromEntries(
    areas.map((area) => [area, { enumerable: true, get: () => present().messages[area] }] as const),
  ),
) as Pick<Messages, (typeof areas)[number]>;
