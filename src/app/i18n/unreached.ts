/** What is said when the app's files, the language among them, cannot be fetched: it comes with the page's entry, in all languages. */
import type { Language } from './languages.ts';

export const unreached: Readonly<Record<Language, { readonly reason: string; readonly tryAgain: string }>> = {
  en: {
    reason: 'ePOST could not be fetched. Check the network, then try again.',
    tryAgain: 'Try again',
  },
  de: {
    reason: 'ePOST konnte nicht geladen werden. Prüfen Sie das Netz, und versuchen Sie es noch einmal.',
    tryAgain: 'Erneut versuchen',
  },
  fr: {
    reason: 'ePOST n’a pas pu être chargé. Vérifiez le réseau, puis réessayez.',
    tryAgain: 'Réessayer',
  },
};
