/** German; what each is for stands in ../en/settings.ts. */
import type { Translation } from '../message-types.ts';

export const settings = {
  title: 'Einstellungen',
  stay: 'Diese Einstellungen gelten in diesem Browser.',
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
  reading: 'E-Mail',
} as const satisfies Translation<'settings'>;
