/** German; what each is for stands in ../en/people.ts. */
import type { Translation } from '../message-types.ts';

export const people = {
  title: 'Personen',
  intro:
    'Ein Zeichen wird aus dem Schlüssel einer Person gezeichnet: Dieselbe Person hat auf jedem Gerät dasselbe Zeichen. Ein gestrichelter Ring bedeutet, dass der Schlüssel noch nicht bekannt ist.',
  writeTo: 'An {name} schreiben',
  alone: 'Sie haben noch niemanden getroffen. Schreiben Sie jemandem, und die Person erscheint hier.',
  writeMessage: 'Nachricht schreiben',
  readReceipts: 'Absendern mitteilen, wenn ich ihre E-Mail gelesen habe',
  verified: 'Von Ihnen überprüft',
} as const satisfies Translation<'people'>;
