/** German; what each is for stands in ../en/composer.ts. */
import type { Translation } from '../message-types.ts';

export const composer = {
  label: 'Nachricht schreiben',
  newMessage: 'Neue Nachricht',
  goOnWriting: 'Weiterschreiben',
  discardDraft: 'Entwurf verwerfen',
  discard: 'Verwerfen',
  minimise: 'Minimieren',
  to: 'An',
  cc: 'Kopie',
  subject: 'Betreff',
  message: 'Nachricht',
  writeHere: 'Hier schreiben',
  plainText: 'Nur Text',
  plainTextHint: 'Ohne Formatierung schreiben',
  editorAway:
    'Die Formatierung konnte gerade nicht geladen werden: Diese Nachricht wird als reiner Text geschrieben.',
  send: 'Senden',
  sending: 'Wird gesendet …',
  sendingPart: 'Wird gesendet … {part, number, percent}',
  attachFiles: 'Dateien anhängen',
  attachedFiles: 'Angehängte Dateien',
  remove: '{name} entfernen',
  lostFiles: 'Entwürfe behalten Text, keine Dateien: Hängen Sie {names} noch einmal an.',
  people: 'Personen',
  chip: '{recipient}: Eingabe ändert, Entf entfernt',
  sent: 'Gesendet: sicher auf diesem Gerät und unterwegs.',
  show: 'Zeigen',
  discarded: 'Entwurf verworfen',
  notKept: 'Der Entwurf konnte nicht aufbewahrt werden: {reason}',
  sayToWhom: 'Geben Sie an, an wen: einen Namen wie bob oder eine Adresse wie bob@example.org.',
  refusedFile: '„{name}“ ({size})',
  cannotAttach:
    'Nicht angehängt: {files}. Die Anhänge einer Nachricht dürfen zusammen höchstens {limit} groß sein.',
} as const satisfies Translation<'composer'>;
