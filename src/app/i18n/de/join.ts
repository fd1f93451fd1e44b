/** German; what each is for stands in ../en/join.ts. */
import type { Translation } from '../message-types.ts';

export const join = {
  carry: 'E-Mail, die Sie selbst tragen',
  what: 'Hier sind die Browser einer Organisation ihr Mailsystem. Jeder Brief ist versiegelt, vom Schreibenden bis zu denen, die ihn lesen; niemand dazwischen kann ihn öffnen.',
  invitation:
    'Um beizutreten, bitten Sie jemanden, der es betreibt, um eine <strong>Einladung</strong>: einen Link, der diese Seite öffnet.',
  invitationTo:
    'Um {place} beizutreten, bitten Sie jemanden, der es betreibt, um eine <strong>Einladung</strong>: einen Link, der diese Seite öffnet.',
  anotherDevice: 'Ich habe ePOST auf einem anderen Gerät',
  beenHere: 'Schon einmal hier gewesen?',
  recoverFromWords: 'Mit Wörtern wiederherstellen',
  title: 'Beitreten',
  titleOf: '{place} beitreten',
  looking: 'Die Einladung wird geprüft',
  yourName: 'Ihr Name',
  yourNameHint: 'Wie man Sie kennt; er steht auf Ihren Briefen.',
  sayName: 'Geben Sie an, wie man Sie nennt.',
  address: 'Adresse',
  addressHint: 'Buchstaben, Ziffern und . _ + -',
  addressFree: '{address} ist frei.',
  chooseAddress: 'Wählen Sie eine Adresse: den Teil vor dem @.',
  otherDomain: 'Diese Einladung gilt für Adressen, die auf @{domain} enden.',
  join: 'Beitreten',
  wordsAre:
    'Dieses Zeichen ist Ihres, und diese {count, plural, other {# Wörter}} sind der Schlüssel dazu. Schreiben Sie sie auf Papier: Sie bringen Ihr Postfach auf jedem Gerät zurück. Sie werden nur jetzt gezeigt, und niemand sonst hat sie.',
  words: 'Wiederherstellungswörter',
  written: 'Ich habe sie aufgeschrieben',
  twoAgain: 'Zwei davon noch einmal, von Ihrem Papier:',
  word: 'Wort {place, number}',
  notWord: 'Das ist nicht Wort {place, number}.',
  joining: 'Beitritt läuft …',
  confirm: 'Bestätigen',
  showAgain: 'Wörter noch einmal zeigen',
  addThisDevice: 'Dieses Gerät hinzufügen',
  recoverTitle: 'Wiederherstellen',
  welcomeBack: 'Willkommen zurück',
  wordsHint: 'Die 24 Wörter von Ihrem Papier, in ihrer Reihenfolge; bisher {count, number}.',
  recover: 'Wiederherstellen',
  recovering: 'Wird wiederhergestellt …',
  back: 'Zurück',
  keysGone: 'Die Schlüssel dieses Browsers sind fort.',
  keysGoneInvite: 'Die Schlüssel dieses Browsers sind fort. Öffnen Sie die Einladung noch einmal.',
  foreignWords:
    'Das sind Wiederherstellungswörter, aber in dieser Organisation hat sie niemand. Gehören sie zu einer anderen?',
  unreachable:
    'Das Relay Ihrer Organisation antwortet nicht. Prüfen Sie das Netz und versuchen Sie es noch einmal.',
  authorityGave: 'Die Zertifizierungsstelle gab {what}. Fragen Sie, wer das Relay betreibt.',
  otherKeys:
    'Die Zertifizierungsstelle hat für andere Schlüssel als unsere geantwortet. Fragen Sie, wer das Relay betreibt.',
  noSense: 'Das Relay gab eine Antwort, die keinen Sinn ergibt ({why}). Fragen Sie, wer es betreibt.',
  noVault:
    'Der Schlüsseltresor dieses Browsers antwortet nicht ({why}). Laden Sie die Seite neu; ePOST braucht https oder localhost und ein Fenster, das nicht privat ist.',
  cannotKeep:
    'Dieser Browser kann nicht aufbewahren, was ePOST braucht ({why}). Schaffen Sie Speicherplatz, oder verlassen Sie das private Fenster, und versuchen Sie es noch einmal.',
  membershipLost: 'die Mitgliedschaft ist verloren, und die Zertifizierungsstelle erneuert sie nicht: {why}',
} as const satisfies Translation<'join'>;
