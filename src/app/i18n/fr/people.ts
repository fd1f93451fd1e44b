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
  search: 'Chercher une personne',
  nobodyFound: 'Personne ici n’a ce nom ou cette adresse.',
  actions: 'Actions pour {name}',
  write: 'Écrire',
  mute: 'Mettre en sourdine',
  unmute: 'Ne plus mettre en sourdine',
  block: 'Bloquer',
  unblock: 'Ne plus bloquer',
  muted: 'En sourdine',
  blocked: 'Adresse bloquée',
  nowMuted: 'Le courrier de {name} va dans les archives, déjà lu',
  asBefore: 'Le courrier de {name} arrive comme avant',
  verify: 'Vérifier',
  verifyTitle: 'Vérifier {name}',
  verifyIntro:
    'Rencontrez {name} ou téléphonez-lui, et comparez ce nombre avec celui que son ePOST montre pour vous. Si les deux sont identiques, personne n’est entre vous.',
  verifyWhere: 'Il se trouve sous <strong>Personnes</strong>, dans le menu à côté de votre nom.',
  safetyNumber: 'Nombre de sécurité',
  safetyCode: 'Le nombre de sécurité en code QR',
  same: 'Ils sont identiques',
  differ: 'Ils diffèrent',
  differMeans:
    'Alors la clé que cet appareil connaît de {name} n’est pas celle que {name} utilise. N’écrivez rien de confidentiel à cette adresse, et demandez à ceux qui font fonctionner votre organisation.',
  nowVerified: 'La clé de {name} est vérifiée',
  isVerified: 'Vous avez comparé cette clé avec {name}.',
  takeBack: 'Annuler cette vérification',
  takenBack: 'La clé de {name} n’est plus vérifiée',
  noKey: 'La clé de {name} n’est pas encore connue. Écrivez d’abord à cette adresse.',
  back: 'Retour aux personnes',
  keyChanged: 'La clé de {name} n’est pas celle que vous avez comparée.',
  keyChangedMeans:
    'Ou bien {name} a tout recommencé sans les mots de récupération, ou bien quelqu’un d’autre a pris cette adresse. Ne vous fiez à rien de ce qui en vient avant d’avoir comparé à nouveau les nombres.',
  compareAgain: 'Comparer à nouveau',
  files: 'Les personnes dans un fichier',
  export: 'Tout enregistrer en fichier vCard',
  import: 'Trouver les personnes d’un fichier vCard',
  importHint:
    'Seules les adresses de votre organisation sont cherchées ; rien du fichier n’est gardé ni envoyé.',
  looking: '{count, number} adresses cherchées sur {all, number}…',
  imported:
    '{count, plural, =0 {Personne n’a été trouvé} one {# personne trouvée} other {# personnes trouvées}}',
  importUnknown: '{count, plural, one {# adresse que personne n’a} other {# adresses que personne n’a}}',
  importElsewhere:
    '{count, plural, one {# adresse d’une autre organisation} other {# adresses d’autres organisations}}',
  importUnreachable:
    '{count, plural, one {# adresse qui n’a pas pu être cherchée} other {# adresses qui n’ont pas pu être cherchées}}',
  fileTooLarge: 'Ce fichier est trop grand : 50 Mo au plus sont lus.',
} as const satisfies Translation<'people'>;
