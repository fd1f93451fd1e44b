/** French; what each is for stands in ../en/search.ts. */
import type { Translation } from '../message-types.ts';

export const search = {
  placeholder: 'Rechercher dans tout le courrier',
  found: '{count, plural, =0 {Aucun résultat.} one {# message trouvé.} other {# messages trouvés.}}',
  indexing: '{searched} sur {total, plural, one {# message est consulté} other {# messages sont consultés}}.',
  unavailable: 'La recherche est impossible pour l’instant : {reason}',
  notKept:
    'Ce qui sert à la recherche n’a pas pu être gardé sur cet appareil : ce sera rassemblé de nouveau la prochaine fois.',
  help: 'Comment rechercher',
  faults: {
    date: 'Le jour « {text} » n’existe pas : écrivez-le comme 2026-11-01.',
    folder: 'Il n’y a pas de dossier « {text} ».',
    label: 'Il n’y a pas de libellé « {text} ».',
  },
  operators: {
    from: 'nom ou adresse de l’expéditeur',
    to: 'nom ou adresse d’un destinataire',
    subject: 'mots de l’objet',
    attachment: 'avec un fichier',
    unread: 'pas encore lu',
    starred: 'avec une étoile',
    after: 'ce jour-là ou plus tard',
    before: 'avant ce jour',
    in: 'dans un dossier : inbox, sent, archive, spam, trash ou le nom d’un des vôtres',
    label: 'avec un libellé',
    phrase: 'mots qui se suivent',
    not: 'sans cela : un mot, ou l’une des formes ci-dessus',
  },
} as const satisfies Translation<'search'>;
