/** German; what each is for stands in ../en/backup.ts. */
import type { Translation } from '../message-types.ts';

export const backup = {
  title: 'Sicherung',
  saveTitle: 'Postfach sichern',
  saveWhat:
    'Alle Ihre Nachrichten und Anhänge als eine Datei, versiegelt wie im Ring: Ohne Ihre 24 Wiederherstellungswörter kann niemand sie lesen. Bewahren Sie die Wörter getrennt von der Datei auf.',
  save: 'Sicherung speichern',
  restoreTitle: 'Zurückholen',
  restoreWhat:
    'Legt zurück, was fehlt. Nichts Neueres geht verloren oder wird überschrieben, und Sie können es wiederholen. Meist bringen Ihre Wörter allein alles zurück; die Datei ist für den Tag, an dem sie es nicht tun.',
  restore: 'Sicherungsdatei wählen',
  checkTitle: 'Mein Postfach prüfen',
  checkWhat:
    'Fragt für jeden Teil jeder Nachricht, ob die Geräte Ihrer Organisation, die ihn aufbewahren sollen, ihn haben.',
  check: 'Jetzt prüfen',
  rebuildTitle: 'Zurückholen, was noch da ist',
  rebuildWhat:
    'Für den Fall, dass eines Ihrer Geräte weg ist und sich nicht mehr alle seine Änderungen lesen lassen: Sucht auf diesem Gerät und den Geräten Ihrer Organisation, was davon übrig ist, und legt es in Ihr Postfach.',
  rebuild: 'Danach suchen',
  deviceTitle: 'Dieses Gerät prüfen',
  deviceWhat:
    'Liest alles, was dieser Browser für Sie und für andere aufbewahrt, und beweist, dass nichts davon auf dem Datenträger beschädigt wurde.',
  device: 'Dieses Gerät prüfen',
  doing: {
    save: 'Wird gesichert',
    restore: 'Wird zurückgeholt',
    check: 'Wird geprüft, Teile bisher',
    rebuild: 'Wird gesucht, Teile bisher',
    device: 'Wird gelesen, Einträge bisher',
    import: 'Lesen',
    export: 'Schreiben, Nachrichten bisher',
  },
  progress: '{doing}: {far}',
  doneOf: '{done} von {total}',
  lookingAround: 'sieht sich um',
  stop: 'Anhalten',
  stopped: 'Angehalten. Dadurch ist nichts kaputt.',
  details: 'Einzelheiten',
  fileType: 'Sicherung eines Postfachs',
  mailbox: 'postfach',
  saved: 'Gesichert: {count, plural, one {# Nachricht} other {# Nachrichten}} in {size}.',
  notInFile:
    '{count, plural, one {# Teil war gerade nicht zu bekommen und fehlt} other {# Teile waren gerade nicht zu bekommen und fehlen}} in der Datei. Sichern Sie noch einmal, wenn mehr Geräte online sind.',
  file: 'Die Datei vom {date}, geschrieben von {device}, enthielt {then, plural, one {# Nachricht} other {# Nachrichten}}. Ihr Postfach hat jetzt {now, number}.',
  yourDevice: 'einem Ihrer Geräte',
  putBack: '{count, plural, one {# Block} other {# Blöcke}} zurückgelegt, {present, number} schon vorhanden.',
  newerKept: 'Was Ihre Geräte nach der Sicherung getan haben, blieb erhalten.',
  missingInFile:
    '{count, plural, one {# Block, den die Datei haben sollte, fehlt darin oder ist} other {# Blöcke, die die Datei haben sollte, fehlen darin oder sind}} beschädigt. Was heil war, ist zurück.',
  notEverything: 'Nicht alles ging gut. Sie können dieselbe Datei noch einmal zurückholen.',
  empty: 'Ihr Postfach ist leer: Es gibt noch nichts zu prüfen.',
  checked:
    '{messages, plural, one {# Nachricht} other {# Nachrichten}} in {blocks, plural, one {# Block} other {# Blöcken}} von zusammen {size}.',
  allKept: 'Jeder Block wird von allen Geräten Ihrer Organisation aufbewahrt, die ihn aufbewahren sollen.',
  thin: '{count, plural, one {# Block ist} other {# Blöcke sind}} noch nicht auf allen davon: Kopien entstehen von selbst.',
  unknown: 'Nach {count, plural, one {# Block} other {# Blöcken}} konnte gerade niemand gefragt werden.',
  lost: '{count, plural, one {# Block} other {# Blöcke}} hat niemand mehr. Wenn Sie eine Sicherung haben, holen Sie sie zurück.',
  notFollowed: 'Teile des Postfachs ließen sich nicht verfolgen; siehe unten.',
  cameBack:
    '{count, plural, one {# Nachricht ist} other {# Nachrichten sind}} in Ihr Postfach zurückgekommen.',
  openThatDevice:
    'Falls es jenes Gerät noch gibt, öffnen Sie es: Es hat alle seine Änderungen. Sonst entfernen Sie es unter Geräte; was gefunden wurde, bleibt. Eine Sicherungsdatei hat vielleicht mehr.',
  nothingMissing: 'Es fehlt nichts: Alles, was Ihre anderen Geräte bekanntermaßen geändert haben, ist hier.',
  notAllAsked:
    'Nach manchem konnte gerade niemand gefragt werden; siehe unten. Suchen Sie noch einmal, wenn mehr Geräte online sind.',
  labelled: '„{label}“',
  removedDevice: 'Ein entferntes Gerät ({key})',
  twoHistories:
    '{device} hat zwei verschiedene Verläufe: Nichts wurde übernommen. Ein Hinweis sagt, was Sie tun können.',
  remains:
    '{device}: {known, plural, one {# Änderung} other {# Änderungen}} bekannt; {found, plural, =0 {keine, die hier fehlte, wurde gefunden} one {# Änderung kam zurück} other {# Änderungen kamen zurück}}.',
  remainsLacking:
    '{device}: {known, plural, one {# Änderung} other {# Änderungen}} bekannt, von denen {missing, number} niemand mehr hat; {found, plural, =0 {keine, die hier fehlte, wurde gefunden} one {# Änderung kam zurück} other {# Änderungen kamen zurück}}.',
  read: 'Gelesen: {count, plural, one {# Eintrag} other {# Einträge}} auf diesem Gerät, {size} Daten.',
  allSound: 'Jeder ist noch, was er war, als er geschrieben wurde.',
  damaged:
    '{count, plural, one {# Eintrag ist} other {# Einträge sind}} beschädigt. Ihre Nachrichten werden auch von anderen Geräten aufbewahrt: Prüfen Sie Ihr Postfach, um zu sehen, ob eine in Gefahr ist, und speichern Sie eine Sicherung.',
  journalDamaged:
    'Beschädigt ist auch, was dieses Gerät über Ihr Postfach notiert hat. Fügen Sie dieses Gerät Ihrem Konto neu hinzu, dann kommt zurück, was die anderen haben.',
  problem: '{what}: {reason}',
  more: '… und {count, number} weitere',
} as const satisfies Translation<'backup'>;
