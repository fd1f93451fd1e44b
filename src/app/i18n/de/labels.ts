/** German; what each is for stands in ../en/labels.ts. */
import type { Translation } from '../message-types.ts';

export const labels = {
  label: 'Label',
  newLabel: 'Neues Label',
  move: 'Verschieben nach',
  newFolder: 'Neuer Ordner',
  create: 'Anlegen',
  folders: 'Ordner',
  labels: 'Labels',
  nameOf: 'Name von „{name}“',
  colourOf: 'Farbe von „{name}“',
  colours: {
    own: 'Wie zugeteilt',
    red: 'Rot',
    orange: 'Orange',
    yellow: 'Gelb',
    green: 'Grün',
    turquoise: 'Türkis',
    blue: 'Blau',
    violet: 'Violett',
    pink: 'Rosa',
  },
  remove: '„{name}“ löschen',
  needsName: 'Ein Name fehlt.',
  createFolder: 'Den Ordner anlegen',
  createLabel: 'Das Label anlegen',
  folderGone: 'Ordner „{name}“ gelöscht; was darin lag, ist im Archiv',
  labelGone: 'Label „{name}“ gelöscht',
} as const satisfies Translation<'labels'>;
