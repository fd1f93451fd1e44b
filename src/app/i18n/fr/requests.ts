/** French; what each is for stands in ../en/requests.ts. */
import type { Translation } from '../message-types.ts';

export const requests = {
  note: '{count, plural, one {# demande} other {# demandes}}',
  noteHint: 'Premier courrier de quelqu’un de nouveau',
  first:
    '{count, plural, one {C’est le premier courrier de {name} pour vous.} other {Ce sont les # premiers courriers de {name} pour vous.}}',
  inSpam: 'Ce courrier est dans les indésirables.',
  accept: 'Accepter',
  acceptHint: 'Ce que {name} écrit arrive dans la boîte de réception',
  block: 'Bloquer',
  blockHint: 'Ce que {name} écrit ira désormais dans les indésirables',
  spam: 'C’est indésirable',
  spamHint: 'Bloque {name} et déplace tout son courrier dans les indésirables',
  notSpam: 'Pas indésirable',
  notSpamHint: 'Accepte {name} et déplace son courrier dans la boîte de réception',
  actions: 'Que faire de {name}',
  accepted: 'Le courrier de {name} arrive dans la boîte de réception',
  blocked: 'Le courrier de {name} va dans les indésirables',
  who: 'De qui le premier courrier attend comme demande',
  whoHint:
    'Une demande attend jusqu’à ce que vous l’acceptiez. Le courrier de ceux à qui vous avez écrit n’attend jamais.',
  policies: {
    everybody: 'Toute personne nouvelle',
    outsiders: 'Les personnes d’autres organisations',
    nobody: 'Personne',
  },
} as const satisfies Translation<'requests'>;
