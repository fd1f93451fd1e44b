/** German; what each is for stands in ../en/requests.ts. */
import type { Translation } from '../message-types.ts';

export const requests = {
  note: '{count, plural, one {# Anfrage} other {# Anfragen}}',
  noteHint: 'Erste E-Mail von jemand Neuem',
  first:
    '{count, plural, one {Dies ist die erste E-Mail von {name} an Sie.} other {Dies sind die ersten # E-Mails von {name} an Sie.}}',
  inSpam: 'Diese E-Mail liegt im Spam.',
  accept: 'Annehmen',
  acceptHint: 'Was {name} schreibt, kommt in den Posteingang',
  block: 'Blockieren',
  blockHint: 'Was {name} schreibt, kommt von jetzt an in den Spam',
  spam: 'Das ist Spam',
  spamHint: 'Blockiert {name} und verschiebt alle E-Mails dieser Person in den Spam',
  notSpam: 'Kein Spam',
  notSpamHint: 'Nimmt {name} an und verschiebt die E-Mails dieser Person in den Posteingang',
  actions: 'Was mit {name} geschehen soll',
  accepted: 'E-Mails von {name} kommen in den Posteingang',
  blocked: 'E-Mails von {name} kommen in den Spam',
  who: 'Wessen erste E-Mail als Anfrage wartet',
  whoHint:
    'Eine Anfrage wartet, bis Sie sie annehmen. Wem Sie schon geschrieben haben, dessen E-Mails warten nie.',
  policies: {
    everybody: 'Alle, die neu sind',
    outsiders: 'Personen anderer Organisationen',
    nobody: 'Niemand',
  },
} as const satisfies Translation<'requests'>;
