/** French; what each is for stands in ../en/join.ts. */
import type { Translation } from '../message-types.ts';

export const join = {
  carry: 'Le courrier que vous portez vous-mêmes',
  what: 'Ici, les navigateurs d’une organisation sont son système de messagerie. Chaque lettre est scellée, de qui l’écrit à qui la lit ; personne entre eux ne peut l’ouvrir.',
  invitation:
    'Pour vous inscrire, demandez à la personne responsable une <strong>invitation</strong> : un lien qui ouvre cette page.',
  invitationTo:
    'Pour rejoindre {place}, demandez à la personne responsable une <strong>invitation</strong> : un lien qui ouvre cette page.',
  anotherDevice: 'J’ai ePOST sur un autre appareil',
  beenHere: 'Déjà venu ici ?',
  recoverFromWords: 'Récupérer avec les mots',
  title: 'Rejoindre',
  titleOf: 'Rejoindre {place}',
  looking: 'Examen de l’invitation',
  yourName: 'Votre nom',
  yourNameHint: 'Celui sous lequel on vous connaît ; il figure sur vos lettres.',
  sayName: 'Dites comment on vous appelle.',
  address: 'Adresse',
  addressHint: 'Lettres, chiffres et . _ + -',
  addressFree: '{address} est libre.',
  chooseAddress: 'Choisissez une adresse : la partie devant le @.',
  otherDomain: 'Cette invitation est pour des adresses qui se terminent par @{domain}.',
  join: 'Rejoindre',
  wordsAre:
    'Cette marque est la vôtre, et ces {count, plural, other {# mots}} en sont la clé. Écrivez-les sur papier : ils ramènent votre boîte aux lettres sur n’importe quel appareil. Ils ne sont montrés que maintenant, et personne d’autre ne les a.',
  words: 'Mots de récupération',
  written: 'Je les ai notés',
  twoAgain: 'Deux d’entre eux de nouveau, d’après votre papier :',
  word: 'Mot {place, number}',
  notWord: 'Ce n’est pas le mot {place, number}.',
  joining: 'Inscription…',
  confirm: 'Confirmer',
  showAgain: 'Montrer de nouveau les mots',
  addThisDevice: 'Ajouter cet appareil',
  recoverTitle: 'Récupérer',
  welcomeBack: 'Bon retour',
  wordsHint: 'Les 24 mots de votre papier, dans leur ordre ; {count, number} jusqu’ici.',
  recover: 'Récupérer',
  recovering: 'Récupération…',
  back: 'Retour',
  keysGone: 'Les clés de ce navigateur ont disparu.',
  keysGoneInvite: 'Les clés de ce navigateur ont disparu. Ouvrez de nouveau l’invitation.',
  foreignWords:
    'Ce sont des mots de récupération, mais personne dans cette organisation ne les a. Viennent-ils d’une autre ?',
  unreachable: 'Le relais de votre organisation ne répond pas. Vérifiez le réseau, puis réessayez.',
  authorityGave: 'L’autorité a donné {what}. Demandez à la personne qui gère le relais.',
  otherKeys:
    'L’autorité a répondu pour d’autres clés que les nôtres. Demandez à la personne qui gère le relais.',
  noSense: 'Le relais a donné une réponse qui n’a pas de sens ({why}). Demandez à la personne qui le gère.',
  noVault:
    'Le coffre à clés de ce navigateur ne répond pas ({why}). Rechargez la page ; ePOST a besoin de https ou de localhost, et d’une fenêtre qui n’est pas privée.',
  cannotKeep:
    'Ce navigateur ne peut pas conserver ce dont ePOST a besoin ({why}). Libérez de l’espace disque ou quittez la navigation privée, puis réessayez.',
  membershipLost: 'l’appartenance est perdue, et l’autorité ne la renouvelle pas : {why}',
} as const satisfies Translation<'join'>;
