/** Formatters of Intl are dear to make: one set is kept, of the locale that is shown. */
import { shownLocale } from './translate.svelte.ts';

/** A function that gives the formatters of the shown locale, and follows it. */
export function perLocale<Formats>(make: (locale: string) => Formats): () => Formats {
  let made: { readonly locale: string; readonly formats: Formats } | undefined;
  return () => {
    const locale = shownLocale();
    if (made?.locale !== locale) made = { locale, formats: make(locale) };
    return made.formats;
  };
}
