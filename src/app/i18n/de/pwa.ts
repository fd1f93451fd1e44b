/** German; what each is for stands in ../en/pwa.ts. */
import type { Translation } from '../message-types.ts';

export const pwa = {
  mailCame: '{count, plural, one {Neue Nachricht} other {# neue Nachrichten}}',
  offerNotifications:
    'Es kam Post, während Sie anderswo waren. Soll dieser Browser Sie nächstes Mal benachrichtigen?',
  tellMe: 'Benachrichtigen',
  willTell:
    'Sie erfahren künftig, dass Post kam. In den Einstellungen können Absender und Betreff dazukommen.',
  cannotTell:
    'Der Browser erlaubt ePOST keine Benachrichtigungen. Ändern lässt sich das in seinen Einstellungen zu dieser Website.',
  offerInstall:
    'Installieren Sie ePOST: Es bekommt ein Symbol und ein eigenes Fenster, und der Browser behält Ihre Post auf Dauer.',
  install: 'Installieren',
  newVersion: 'ePOST {version} ist da.',
  title: 'Dieser Browser',
  notifications: 'Wenn Post kommt, während ePOST nicht zu sehen ist',
  tellings: {
    off: 'Nichts sagen',
    mail: 'Sagen, dass sie kam',
    content: 'Sagen, von wem und worüber',
  },
  notificationsHint:
    'Wer den Bildschirm sieht, sieht auch das, selbst wenn er gesperrt ist. ePOST muss irgendwo offen sein.',
  notificationsAbsent: 'Dieser Browser kennt keine Benachrichtigungen.',
  disk: 'Ihre Post auf diesem Datenträger',
  diskKept: 'Der Browser hat versprochen, sie zu behalten, bis Sie sie selbst löschen.',
  diskMayGo:
    'Der Browser darf sie löschen, wenn der Platz knapp wird oder Sie lange nicht hier waren. Ihre anderen Geräte und Ihre 24 Wörter bringen sie zurück.',
  askToKeep: 'Den Browser bitten, sie zu behalten',
  notPromised:
    'Er hat es nicht versprochen. Die meisten Browser tun es, sobald ePOST installiert ist oder öfter benutzt wird.',
  app: 'Die App',
  installWhat:
    'Installiert hat ePOST ein Symbol mit der Zahl ungelesener Nachrichten und ein eigenes Fenster, öffnet sich ohne Netz, und der Browser behält seine Post.',
  version: 'Version {version}',
} as const satisfies Translation<'pwa'>;
