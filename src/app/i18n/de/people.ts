/** German; what each is for stands in ../en/people.ts. */
import type { Translation } from '../message-types.ts';

export const people = {
  title: 'Personen',
  intro:
    'Ein Zeichen wird aus dem Schlüssel einer Person gezeichnet: Dieselbe Person hat auf jedem Gerät dasselbe Zeichen. Ein gestrichelter Ring bedeutet, dass der Schlüssel noch nicht bekannt ist.',
  writeTo: 'An {name} schreiben',
  alone: 'Sie haben noch niemanden getroffen. Schreiben Sie jemandem, und die Person erscheint hier.',
  writeMessage: 'Nachricht schreiben',
  readReceipts: 'Absendern mitteilen, wenn ich ihre E-Mail gelesen habe',
  verified: 'Von Ihnen überprüft',
  search: 'Personen suchen',
  nobodyFound: 'Niemand hier hat diesen Namen oder diese Adresse.',
  actions: 'Aktionen für {name}',
  write: 'Schreiben',
  mute: 'Stummschalten',
  unmute: 'Nicht mehr stummschalten',
  block: 'Blockieren',
  unblock: 'Nicht mehr blockieren',
  muted: 'Stumm',
  blocked: 'Blockiert',
  nowMuted: 'E-Mails von {name} kommen gelesen ins Archiv',
  asBefore: 'E-Mails von {name} kommen wieder an wie zuvor',
  verify: 'Überprüfen',
  verifyTitle: '{name} überprüfen',
  verifyIntro:
    'Treffen Sie {name} oder rufen Sie an, und vergleichen Sie diese Zahl mit der, die ePOST dort für Sie zeigt. Sind beide gleich, steht niemand zwischen Ihnen.',
  verifyWhere: 'Sie steht dort unter <strong>Personen</strong>, im Menü neben Ihrem Namen.',
  safetyNumber: 'Sicherheitszahl',
  safetyCode: 'Die Sicherheitszahl als QR-Code',
  same: 'Sie sind gleich',
  differ: 'Sie sind verschieden',
  differMeans:
    'Dann ist der Schlüssel, den dieses Gerät von {name} kennt, nicht der, den {name} verwendet. Schreiben Sie nichts Vertrauliches an diese Adresse, und fragen Sie die, die Ihre Organisation betreiben.',
  nowVerified: '{name} ist überprüft',
  isVerified: 'Sie haben diesen Schlüssel mit {name} verglichen.',
  takeBack: 'Zurücknehmen',
  takenBack: '{name} gilt nicht mehr als überprüft',
  noKey: 'Der Schlüssel von {name} ist noch nicht bekannt. Schreiben Sie zuerst an diese Adresse.',
  back: 'Zurück zu den Personen',
  keyChanged: 'Der Schlüssel von {name} ist nicht der, den Sie verglichen haben.',
  keyChangedMeans:
    'Entweder hat {name} ohne die Wiederherstellungswörter neu begonnen, oder jemand anderes hat diese Adresse übernommen. Vertrauen Sie nichts, was von ihr kommt, bevor Sie die Zahlen noch einmal verglichen haben.',
  compareAgain: 'Noch einmal vergleichen',
  files: 'Personen als Datei',
  export: 'Alle als vCard-Datei speichern',
  import: 'Personen einer vCard-Datei finden',
  importHint:
    'Gesucht werden nur Adressen Ihrer Organisation; aus der Datei wird nichts aufbewahrt oder gesendet.',
  looking: '{count, number} von {all, number} Adressen gesucht …',
  imported: '{count, plural, =0 {Niemand gefunden} one {# Person gefunden} other {# Personen gefunden}}',
  importUnknown: '{count, plural, one {# Adresse, die niemand hat} other {# Adressen, die niemand hat}}',
  importElsewhere:
    '{count, plural, one {# Adresse einer anderen Organisation} other {# Adressen anderer Organisationen}}',
  importUnreachable:
    '{count, plural, one {# Adresse, die gerade nicht gesucht werden konnte} other {# Adressen, die gerade nicht gesucht werden konnten}}',
  fileTooLarge: 'Diese Datei ist zu groß: Gelesen werden höchstens 50 MB.',
} as const satisfies Translation<'people'>;
