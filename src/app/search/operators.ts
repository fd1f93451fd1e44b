/** The operators as the help shows them, each with the name of its explanation in the catalogue. */
export const operators = [
  ['from:', 'from'],
  ['to:', 'to'],
  ['subject:', 'subject'],
  ['has:attachment', 'attachment'],
  ['is:unread', 'unread'],
  ['is:starred', 'starred'],
  ['after:2026-11-01', 'after'],
  ['before:2026-11-30', 'before'],
  ['in:archive', 'in'],
  ['label:', 'label'],
  ['"…"', 'phrase'],
  ['-…', 'not'],
] as const;
