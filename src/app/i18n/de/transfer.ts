/** German; what each is for stands in ../en/transfer.ts. */
import type { Translation } from '../message-types.ts';

export const transfer = {
  importTitle: 'E-Mail von anderswo holen',
  importWhat:
    'Liest E-Mail, die ein anderes Programm gespeichert hat: mbox, EML oder ein Maildir als Zip-Datei. Was Sie schon haben, wird nicht zweimal übernommen. Diese E-Mail hat hier niemand unterschrieben, deshalb zeigt sie kein Zeichen eines Schlüssels.',
  into: 'Nach',
  import: 'Datei auswählen',
  added:
    '{count, plural, =0 {Es war nichts Neues darin.} one {# Nachricht wurde hinzugefügt.} other {# Nachrichten wurden hinzugefügt.}}',
  known: '{count, plural, one {# Nachricht war schon hier.} other {# Nachrichten waren schon hier.}}',
  importStopped: 'Angehalten. Was bis dahin kam, bleibt; wählen Sie die Datei noch einmal, um fortzufahren.',
  noMail:
    'In dieser Datei ist keine E-Mail, die ePOST lesen kann. Wählen Sie eine mbox-Datei, eine EML-Datei oder ein Maildir als Zip-Datei.',
  waiting:
    '{count, plural, one {# Nachricht davon ist} other {# Nachrichten davon sind}} bisher nur auf diesem Gerät. Lassen Sie diesen Tab offen: Die Geräte Ihrer Organisation übernehmen sie.',
  tooLarge: 'Eine E-Mail in dieser Datei ist größer als 256 MB. Was vor ihr stand, wurde hinzugefügt.',
  exportTitle: 'Ihre E-Mail mitnehmen',
  exportWhat:
    'Alle Ihre Nachrichten mit ihren Anhängen als eine mbox-Datei, die andere E-Mail-Programme lesen. Sie ist nicht verschlüsselt: Wer die Datei hat, kann sie lesen.',
  export: 'Als mbox speichern',
  fileName: 'epost-{address}.mbox',
  written: '{count, plural, one {# Nachricht wurde geschrieben.} other {# Nachrichten wurden geschrieben.}}',
  missing:
    '{count, plural, one {# Nachricht war jetzt nicht zu bekommen.} other {# Nachrichten waren jetzt nicht zu bekommen.}} Versuchen Sie es noch einmal, wenn Sie online sind.',
  exportStopped: 'Angehalten. Die Datei enthält, was bis dahin geschrieben war.',
} as const satisfies Translation<'transfer'>;
