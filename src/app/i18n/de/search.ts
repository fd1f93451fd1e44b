/** German; what each is for stands in ../en/search.ts. */
import type { Translation } from '../message-types.ts';

export const search = {
  placeholder: 'Alle Nachrichten durchsuchen',
  found: '{count, plural, =0 {Nichts gefunden.} one {# Nachricht gefunden.} other {# Nachrichten gefunden.}}',
  indexing: '{searched} von {total, plural, one {# Nachricht ist} other {# Nachrichten sind}} durchsucht.',
  unavailable: 'Gerade lässt sich nichts suchen: {reason}',
  notKept:
    'Was zum Suchen bekannt ist, konnte auf diesem Gerät nicht aufbewahrt werden: Es wird beim nächsten Mal neu gesammelt.',
  help: 'So suchen Sie',
  faults: {
    date: 'Einen Tag „{text}“ gibt es nicht: Schreiben Sie ihn wie 2026-11-01.',
    folder: 'Einen Ordner „{text}“ gibt es nicht.',
    label: 'Ein Label „{text}“ gibt es nicht.',
  },
  operators: {
    from: 'Name oder Adresse des Absenders',
    to: 'Name oder Adresse eines Empfängers',
    subject: 'Wörter des Betreffs',
    attachment: 'mit einer Datei',
    unread: 'noch nicht gelesen',
    starred: 'mit einem Stern',
    after: 'an diesem Tag oder später',
    before: 'vor diesem Tag',
    in: 'in einem Ordner: inbox, sent, archive, spam, trash oder der Name eines eigenen',
    label: 'mit einem Label',
    phrase: 'Wörter, die aufeinander folgen',
    not: 'ohne das: ein Wort, oder etwas vom Obigen',
  },
} as const satisfies Translation<'search'>;
