/** French; what each is for stands in ../en/settings.ts. */
import type { Translation } from '../message-types.ts';

export const settings = {
  title: 'Réglages',
  stay: 'Ce qui est sous « Courrier » et plus bas vaut sur tous vos appareils ; le reste vaut dans ce navigateur.',
  language: 'Langue',
  languageHint: 'Les dates, les nombres et les tailles la suivent.',
  languageAuto: 'Comme le navigateur ({name})',
  languageAway:
    'Cette langue n’a pas pu être chargée : le relais ne répond pas pour l’instant. Réessayez plus tard.',
  appearance: 'Apparence',
  theme: 'Couleurs',
  themes: {
    system: 'Comme le système',
    light: 'Clair',
    dark: 'Sombre',
  },
  density: 'Densité',
  densities: {
    comfortable: 'Confortable',
    compact: 'Compacte',
  },
  densityHint: 'La densité compacte montre plus de messages à la fois.',
  writing: 'Rédaction',
  undo: 'Temps pour reprendre un envoi',
  undoSeconds: '{count, plural, =0 {Aucun} one {# seconde} other {# secondes}}',
  undoHint:
    'Pendant ce temps, le message attend sur cet appareil. Si vous fermez ePOST, il part aussitôt, ou dès qu’ePOST est rouvert ici.',
  signature: 'Signature',
  signatureHint:
    'Figure au bas de chaque nouveau message. Un message déjà ouvert garde celle avec laquelle il a commencé.',
  reading: 'Courrier',
  mailto: 'Liens vers des adresses',
  mailtoAsk: 'Ouvrir ces liens avec ePOST',
  mailtoHint:
    'Un clic sur une adresse dans une page web ouvre alors ici un nouveau message. Le navigateur vous le demande d’abord.',
  mailtoAsked:
    'La question est posée au navigateur. Il attend peut-être votre réponse à côté de la barre d’adresse.',
  mailtoRefused: 'Le navigateur ne l’a pas permis.',
  mailtoUnable: 'Ce navigateur ne peut pas ouvrir ces liens avec ePOST.',
} as const satisfies Translation<'settings'>;
