/** French; what each is for stands in ../en/delivery.ts. */
import type { Translation } from '../message-types.ts';

export const delivery = {
  label: 'Remise',
  states: {
    queued: 'en attente',
    stored: 'conservé',
    notified: 'annoncé',
    received: 'reçu',
    read: 'lu',
    bounced: 'non remis',
  },
  meanings: {
    queued: 'En sûreté sur cet appareil ; il part dès que le réseau le permet.',
    stored: 'Conservé sous scellés par les appareils de votre organisation ; vous pouvez fermer cet onglet.',
    notified: 'Attend dans la boîte de réception ; le prochain appareil qui s’ouvre le prendra.',
    received: 'Arrivé sur l’appareil du destinataire, qui a signé pour lui.',
    read: 'Ouvert par le destinataire.',
    bounced: 'N’a pas pu être remis.',
  },
  allRecipients: '{count, plural, one {# destinataire} other {Les # destinataires}}. {meaning}',
  someRecipients: '{states}.',
  countInState: {
    queued: '{count, number} en attente',
    stored: '{count, plural, one {# conservé} other {# conservés}}',
    notified: '{count, plural, one {# annoncé} other {# annoncés}}',
    received: '{count, plural, one {# reçu} other {# reçus}}',
    read: '{count, plural, one {# lu} other {# lus}}',
    bounced: '{count, plural, one {# non remis} other {# non remis}}',
  },
  keptByOthers: '{part, number, percent} conservés par d’autres.',
  tryNow: 'Essayer maintenant',
  evidence: 'Preuves',
  hideEvidence: 'Masquer les preuves',
  exactly: 'Exactement',
  whereIsIt: 'Où est-il ?',
} as const satisfies Translation<'delivery'>;
