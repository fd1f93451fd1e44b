/** French; what each is for stands in ../en/labels.ts. */
import type { Translation } from '../message-types.ts';

export const labels = {
  label: 'Libellé',
  newLabel: 'Nouveau libellé',
  move: 'Déplacer vers',
  newFolder: 'Nouveau dossier',
  create: 'Créer',
  folders: 'Dossiers',
  labels: 'Libellés',
  nameOf: 'Nom de « {name} »',
  colourOf: 'Couleur de « {name} »',
  colours: {
    own: 'Celle d’origine',
    red: 'Rouge',
    orange: 'Orange',
    yellow: 'Jaune',
    green: 'Vert',
    turquoise: 'Turquoise',
    blue: 'Bleu',
    violet: 'Violet',
    pink: 'Rose',
  },
  remove: 'Supprimer « {name} »',
  needsName: 'Il faut un nom.',
  createFolder: 'Créer le dossier',
  createLabel: 'Créer le libellé',
  folderGone: 'Dossier « {name} » supprimé ; ce qu’il contenait est dans les archives',
  labelGone: 'Libellé « {name} » supprimé',
} as const satisfies Translation<'labels'>;
