/** French; what each is for stands in ../en/composer.ts. */
import type { Translation } from '../message-types.ts';

export const composer = {
  label: 'Rédaction',
  newMessage: 'Nouveau message',
  goOnWriting: 'Continuer à écrire',
  discardDraft: 'Abandonner le brouillon',
  discard: 'Abandonner',
  minimise: 'Réduire',
  to: 'À',
  cc: 'Cc',
  subject: 'Objet',
  message: 'Message',
  writeHere: 'Écrivez ici',
  send: 'Envoyer',
  sending: 'Envoi…',
  sendingPart: 'Envoi… {part, number, percent}',
  attachFiles: 'Joindre des fichiers',
  attachedFiles: 'Fichiers joints',
  remove: 'Retirer {name}',
  lostFiles: 'Les brouillons gardent le texte, pas les fichiers : joignez de nouveau {names}.',
  people: 'Personnes',
  sent: 'Envoyé : en sûreté sur cet appareil et en route.',
  show: 'Afficher',
  discarded: 'Brouillon abandonné',
  notKept: 'Le brouillon n’a pas pu être conservé : {reason}',
  sayToWhom: 'Dites à qui : un nom comme bob, ou une adresse comme bob@example.org.',
  refusedFile: '« {name} » ({size})',
  cannotAttach:
    'Impossible de joindre {files} : les pièces jointes d’un message peuvent faire {limit} au total.',
} as const satisfies Translation<'composer'>;
