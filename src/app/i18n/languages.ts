/** The languages of the app, how each is loaded, and which one a browser asks for. */
import type { Messages } from './message-types.ts';

interface LanguageFacts {
  /** Its own name, as it stands in the settings of every language. */
  readonly name: string;
  readonly direction: 'ltr' | 'rtl';
  readonly load: () => Promise<{ readonly messages: Messages }>;
}

export const languages = {
  en: { name: 'English', direction: 'ltr', load: () => import('./en/messages.ts?compiled') },
  de: { name: 'Deutsch', direction: 'ltr', load: () => import('./de/messages.ts?compiled') },
  fr: { name: 'Français', direction: 'ltr', load: () => import('./fr/messages.ts?compiled') },
} as const satisfies Readonly<Record<string, LanguageFacts>>;

/** BCP 47. */
export type Language = keyof typeof languages;

export const languageCodes = Object.keys(languages) as Language[];

/** The first language of the browser that there is, in the order of its preferences; else English. */
export function languageFor(preferred: readonly string[]): Language {
  for (const tag of preferred) {
    const found = languageCodes.find((language) => language === baseOf(tag));
    if (found) return found;
  }
  return 'en';
}

/** How dates and numbers are written: as in the browser's own variety of the language (`de-AT`), else in the plain one. */
export function localeFor(language: Language, preferred: readonly string[]): string {
  return preferred.find((tag) => baseOf(tag) === language) ?? language;
}

function baseOf(tag: string): string | undefined {
  return tag.toLowerCase().split('-')[0];
}
