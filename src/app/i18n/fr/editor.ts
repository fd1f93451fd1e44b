/** French; what each is for stands in ../en/editor.ts. */
import type { Translation } from '../message-types.ts';

export const editor = {
  formatting: 'Mise en forme',
  bold: 'Gras',
  italic: 'Italique',
  underline: 'Souligné',
  strike: 'Barré',
  code: 'Code',
  heading: 'Titre',
  bullets: 'Liste',
  numbers: 'Liste numérotée',
  quote: 'Citation',
  link: 'Lien',
  address: 'Mène à',
  apply: 'Définir',
  removeLink: 'Retirer le lien',
  noAddress: 'Ce n’est ni une adresse web ni une adresse de courriel.',
} as const satisfies Translation<'editor'>;
