/** German; what each is for stands in ../en/settings.ts. */
import type { Translation } from '../message-types.ts';

export const settings = {
  title: 'Einstellungen',
  stay: 'Was unter „E-Mail“ und darunter steht, gilt auf allen Ihren Geräten; das Übrige in diesem Browser.',
  language: 'Sprache',
  languageHint: 'Auch Daten, Zahlen und Größen richten sich danach.',
  languageAuto: 'Wie im Browser ({name})',
  languageAway:
    'Diese Sprache konnte nicht geladen werden: Das Relay antwortet gerade nicht. Versuchen Sie es später noch einmal.',
  appearance: 'Aussehen',
  theme: 'Farben',
  themes: {
    system: 'Wie im System',
    light: 'Hell',
    dark: 'Dunkel',
  },
  density: 'Abstände',
  densities: {
    comfortable: 'Bequem',
    compact: 'Kompakt',
  },
  densityHint: 'Kompakt zeigt mehr Nachrichten auf einmal.',
  writing: 'Schreiben',
  undo: 'Zeit, um Gesendetes zurückzunehmen',
  undoSeconds: '{count, plural, =0 {Keine} one {# Sekunde} other {# Sekunden}}',
  undoHint:
    'So lange wartet eine Nachricht auf diesem Gerät. Schließen Sie ePOST in dieser Zeit, geht sie sofort hinaus, oder sobald ePOST hier wieder geöffnet wird.',
  signature: 'Signatur',
  signatureHint:
    'Steht unter jeder neuen Nachricht. Eine schon geöffnete Nachricht behält die, mit der sie begonnen wurde.',
  reading: 'E-Mail',
  mailto: 'E-Mail-Links',
  mailtoAsk: 'E-Mail-Links mit ePOST öffnen',
  mailtoHint:
    'Ein Klick auf eine Adresse in einer Webseite öffnet dann hier eine neue Nachricht. Der Browser fragt Sie vorher.',
  mailtoAsked: 'Der Browser ist gefragt. Vielleicht wartet er neben der Adresszeile auf Ihre Antwort.',
  mailtoRefused: 'Der Browser hat es nicht erlaubt.',
  mailtoUnable: 'Dieser Browser kann E-Mail-Links nicht mit ePOST öffnen.',
} as const satisfies Translation<'settings'>;
