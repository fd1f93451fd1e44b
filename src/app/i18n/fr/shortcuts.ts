/** French; what each is for stands in ../en/shortcuts.ts. */
import type { Translation } from '../message-types.ts';

export const shortcuts = {
  title: 'Raccourcis clavier',
  use: 'Des touches seules agissent (appuyez sur ? pour les voir)',
  off: 'On peut les désactiver dans les réglages.',
  close: 'Fermer',
  moving: 'Aller',
  writing: 'Écrire',
  filing: 'Ranger',
  next: 'Suivant',
  previous: 'Précédent',
  back: 'Retour, ou fin de la sélection',
  search: 'Rechercher',
  inbox: 'À la boîte de réception',
  starred: 'Aux messages suivis',
  sent: 'Aux messages envoyés',
  drafts: 'Aux brouillons',
  archive: 'Aux archives',
  people: 'Aux personnes',
  network: 'Au réseau',
  compose: 'Écrire un nouveau message',
  select: 'Sélectionner',
  help: 'Afficher ces touches',
} as const satisfies Translation<'shortcuts'>;
