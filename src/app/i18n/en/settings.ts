/** What a person may choose. */
export const settings = {
  title: 'Settings',
  stay: 'These choices stay in this browser.',
  language: 'Language',
  languageHint: 'Dates, numbers and sizes follow it.',
  languageAuto: 'As in the browser ({name})',
  languageAway: 'This language could not be fetched: the relay does not answer just now. Try again later.',
  appearance: 'Appearance',
  theme: 'Colours',
  themes: {
    system: 'As the system has them',
    light: 'Light',
    dark: 'Dark',
  },
  density: 'Density',
  densities: {
    comfortable: 'Comfortable',
    compact: 'Compact',
  },
  densityHint: 'Compact shows more messages at once.',
  reading: 'Mail',
} as const;
