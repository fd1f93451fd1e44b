/** French; what each is for stands in ../en/labels.ts. */
import type { Translation } from '../message-types.ts';

export const labels = {
  label: 'Libellé',
  newLabel: 'Nouveau libellé',
  move: 'Déplacer vers',
  newFolder: 'Nouveau dossier',
  create: 'Créer',
} as const satisfies Translation<'labels'>;
