/** German; what each is for stands in ../en/shortcuts.ts. */
import type { Translation } from '../message-types.ts';

export const shortcuts = {
  title: 'Tastenkürzel',
  use: 'Einzelne Tasten bewirken etwas (drücken Sie ?, um sie zu sehen)',
  off: 'Sie lassen sich in den Einstellungen abschalten.',
  close: 'Schließen',
  moving: 'Gehen',
  writing: 'Schreiben',
  filing: 'Ordnen',
  next: 'Weiter',
  previous: 'Zurück zur vorigen',
  back: 'Zurück, oder Auswahl beenden',
  search: 'Suchen',
  inbox: 'Zum Posteingang',
  starred: 'Zu den markierten',
  sent: 'Zu „Gesendet“',
  drafts: 'Zu den Entwürfen',
  archive: 'Zum Archiv',
  people: 'Zu den Personen',
  network: 'Zum Netz',
  compose: 'Neue Nachricht schreiben',
  select: 'Auswählen',
  help: 'Diese Tasten zeigen',
} as const satisfies Translation<'shortcuts'>;
