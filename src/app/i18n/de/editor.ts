/** German; what each is for stands in ../en/editor.ts. */
import type { Translation } from '../message-types.ts';

export const editor = {
  formatting: 'Formatierung',
  bold: 'Fett',
  italic: 'Kursiv',
  underline: 'Unterstrichen',
  strike: 'Durchgestrichen',
  code: 'Code',
  heading: 'Überschrift',
  bullets: 'Liste',
  numbers: 'Nummerierte Liste',
  quote: 'Zitat',
  link: 'Link',
  address: 'Führt zu',
  apply: 'Setzen',
  removeLink: 'Link entfernen',
  noAddress: 'Das ist weder eine Webadresse noch eine E-Mail-Adresse.',
} as const satisfies Translation<'editor'>;
