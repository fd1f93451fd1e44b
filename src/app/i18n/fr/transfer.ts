/** French; what each is for stands in ../en/transfer.ts. */
import type { Translation } from '../message-types.ts';

export const transfer = {
  importTitle: 'Reprendre du courrier d’ailleurs',
  importWhat:
    'Lit le courrier qu’un autre programme a enregistré : mbox, EML, ou un Maildir en fichier zip. Ce que vous avez déjà n’est pas repris deux fois. Personne n’a signé ce courrier ici : il ne porte donc la marque d’aucune clé.',
  into: 'Dans',
  import: 'Choisir un fichier',
  added:
    '{count, plural, =0 {Il n’y avait rien de nouveau.} one {# message a été ajouté.} other {# messages ont été ajoutés.}}',
  known: '{count, plural, one {# message était déjà ici.} other {# messages étaient déjà ici.}}',
  importStopped:
    'Arrêté. Ce qui est arrivé jusque-là reste ; choisissez de nouveau le fichier pour continuer.',
  noMail:
    'Ce fichier ne contient aucun courrier qu’ePOST puisse lire. Choisissez un fichier mbox, un fichier EML, ou un Maildir en fichier zip.',
  waiting:
    '{count, plural, one {# de ces messages n’est} other {# de ces messages ne sont}} pour l’instant que sur cet appareil. Gardez cet onglet ouvert : les appareils de votre organisation les reprennent.',
  tooLarge: 'Un message de ce fichier dépasse 256 Mo. Ce qui le précédait a été ajouté.',
  exportTitle: 'Emporter votre courrier',
  exportWhat:
    'Tous vos messages et leurs pièces jointes en un fichier mbox, que d’autres programmes de courrier lisent. Il n’est pas chiffré : quiconque a le fichier peut le lire.',
  export: 'Enregistrer en mbox',
  fileName: 'epost-{address}.mbox',
  written: '{count, plural, one {# message a été écrit.} other {# messages ont été écrits.}}',
  missing:
    '{count, plural, one {# message n’a pu être obtenu pour l’instant.} other {# messages n’ont pu être obtenus pour l’instant.}} Réessayez quand vous serez en ligne.',
  exportStopped: 'Arrêté. Le fichier contient ce qui était écrit jusque-là.',
} as const satisfies Translation<'transfer'>;
