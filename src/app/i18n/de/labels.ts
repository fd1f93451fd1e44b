/** German; what each is for stands in ../en/labels.ts. */
import type { Translation } from '../message-types.ts';

export const labels = {
  label: 'Label',
  newLabel: 'Neues Label',
  move: 'Verschieben nach',
  newFolder: 'Neuer Ordner',
  create: 'Anlegen',
} as const satisfies Translation<'labels'>;
