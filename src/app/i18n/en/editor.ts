/** The buttons of a formatted letter. */
export const editor = {
  formatting: 'Formatting',
  bold: 'Bold',
  italic: 'Italic',
  underline: 'Underlined',
  strike: 'Struck through',
  code: 'Code',
  heading: 'Heading',
  bullets: 'List',
  numbers: 'Numbered list',
  quote: 'Quotation',
  link: 'Link',
  address: 'Leads to',
  apply: 'Set',
  removeLink: 'Remove link',
  noAddress: 'This is no web address and no mail address.',
} as const;
