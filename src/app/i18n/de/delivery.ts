/** German; what each is for stands in ../en/delivery.ts. */
import type { Translation } from '../message-types.ts';

export const delivery = {
  label: 'Zustellung',
  states: {
    queued: 'wartet',
    stored: 'aufbewahrt',
    notified: 'angekündigt',
    received: 'angekommen',
    read: 'gelesen',
    bounced: 'unzustellbar',
  },
  meanings: {
    queued: 'Sicher auf diesem Gerät; sie geht hinaus, sobald das Netz es erlaubt.',
    stored: 'Von den Geräten Ihrer Organisation versiegelt aufbewahrt; Sie können diesen Tab schließen.',
    notified: 'Liegt im Posteingang bereit; das nächste Gerät, das geöffnet wird, holt sie ab.',
    received: 'Auf dem Gerät des Empfängers angekommen, das dafür unterschrieben hat.',
    read: 'Vom Empfänger geöffnet.',
    bounced: 'Konnte nicht zugestellt werden.',
  },
  allRecipients: '{count, plural, one {# Empfänger} other {Alle # Empfänger}}. {meaning}',
  someRecipients: '{states}.',
  countInState: {
    queued: '{count, plural, one {# wartet} other {# warten}}',
    stored: '{count, number} aufbewahrt',
    notified: '{count, number} angekündigt',
    received: '{count, number} angekommen',
    read: '{count, number} gelesen',
    bounced: '{count, number} unzustellbar',
  },
  keptByOthers: '{part, number, percent} werden von anderen aufbewahrt.',
  tryNow: 'Jetzt versuchen',
  evidence: 'Nachweise',
  hideEvidence: 'Nachweise ausblenden',
  exactly: 'Genau',
  whereIsIt: 'Wo ist sie?',
} as const satisfies Translation<'delivery'>;
