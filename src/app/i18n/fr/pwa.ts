/** French; what each is for stands in ../en/pwa.ts. */
import type { Translation } from '../message-types.ts';

export const pwa = {
  mailCame: '{count, plural, one {Nouveau message} other {# nouveaux messages}}',
  offerNotifications:
    'Du courrier est arrivé pendant votre absence. Ce navigateur doit-il vous prévenir la prochaine fois ?',
  tellMe: 'Me prévenir',
  willTell: 'Vous saurez que du courrier est arrivé. Les réglages peuvent ajouter l’expéditeur et l’objet.',
  cannotTell:
    'Le navigateur ne permet pas à ePOST de vous prévenir. Ses réglages pour ce site peuvent le changer.',
  offerInstall:
    'Installez ePOST : il aura une icône et une fenêtre à lui, et le navigateur gardera votre courrier pour de bon.',
  install: 'Installer',
  newVersion: 'ePOST {version} est disponible.',
  title: 'Ce navigateur',
  notifications: 'Quand du courrier arrive et qu’ePOST n’est pas visible',
  tellings: {
    off: 'Ne rien dire',
    mail: 'Dire qu’il est arrivé',
    content: 'Dire de qui, et à quel sujet',
  },
  notificationsHint: 'Quiconque voit l’écran le voit, même verrouillé. ePOST doit être ouvert quelque part.',
  notificationsAbsent: 'Ce navigateur n’a pas de notifications.',
  disk: 'Votre courrier sur ce disque',
  diskKept: 'Le navigateur a promis de le garder jusqu’à ce que vous l’effaciez vous-même.',
  diskMayGo:
    'Le navigateur peut l’effacer si le disque se remplit, ou si vous n’êtes pas venu depuis longtemps. Vos autres appareils et vos 24 mots le font revenir.',
  askToKeep: 'Demander au navigateur de le garder',
  notPromised:
    'Il ne l’a pas promis. La plupart des navigateurs le font dès qu’ePOST est installé, ou plus souvent utilisé.',
  app: 'L’application',
  installWhat:
    'Installé, ePOST a une icône avec le nombre de messages non lus et une fenêtre à lui, s’ouvre sans réseau, et le navigateur garde son courrier.',
  version: 'Version {version}',
} as const satisfies Translation<'pwa'>;
