/** French; what each is for stands in ../en/people.ts. */
import type { Translation } from '../message-types.ts';

export const people = {
  title: 'Personnes',
  intro:
    'Une marque est dessinée à partir de la clé d’une personne : la même personne a la même marque sur chaque appareil. Un anneau en pointillé signifie que la clé n’est pas encore connue.',
  writeTo: 'Écrire à {name}',
  alone: 'Vous n’avez encore rencontré personne. Écrivez à quelqu’un, et cette personne apparaîtra ici.',
  writeMessage: 'Écrire un message',
  readReceipts: 'Dire aux expéditeurs quand j’ai lu leur courrier',
  verified: 'Vérifié par vous',
} as const satisfies Translation<'people'>;
