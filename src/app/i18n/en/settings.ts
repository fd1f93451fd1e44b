/** What a person may choose. */
export const settings = {
  title: 'Settings',
  stay: 'What stands under “Mail” and below it holds on all of your devices; the rest stays in this browser.',
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
  writing: 'Writing',
  undo: 'Time to take back what was sent',
  undoSeconds: '{count, plural, =0 {None} one {# second} other {# seconds}}',
  undoHint:
    'Until then a letter waits on this device. If you close ePOST meanwhile it goes out at once, or when ePOST is next opened here.',
  signature: 'Signature',
  signatureHint: 'Stands below each new letter. A letter that is already open keeps the one it began with.',
  reading: 'Mail',
  mailto: 'Mail links',
  mailtoAsk: 'Open mail links with ePOST',
  mailtoHint:
    'A click on an address in a web page then opens a new message here. The browser asks you first.',
  mailtoAsked: 'The browser has been asked. It may want your answer beside the address bar.',
  mailtoRefused: 'The browser did not allow it.',
  mailtoUnable: 'This browser cannot open mail links with ePOST.',
} as const;
