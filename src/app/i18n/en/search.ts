/** Searching the mailbox: what stands below the field, and the help. */
export const search = {
  placeholder: 'Search all mail',
  found: '{count, plural, =0 {Nothing found.} one {# message found.} other {# messages found.}}',
  indexing: '{searched} of {total, plural, one {# message is} other {# messages are}} searched.',
  unavailable: 'Nothing can be searched just now: {reason}',
  notKept: 'What is known for searching could not be kept on this device: it is gathered anew the next time.',
  help: 'How to search',
  faults: {
    date: 'There is no day “{text}”: write it like 2026-11-01.',
    folder: 'There is no folder “{text}”.',
    label: 'There is no label “{text}”.',
  },
  operators: {
    from: 'name or address of the sender',
    to: 'name or address of a recipient',
    subject: 'words of the subject',
    attachment: 'with a file',
    unread: 'not read yet',
    starred: 'with a star',
    after: 'on this day or later',
    before: 'before this day',
    in: 'in a folder: inbox, sent, archive, spam, trash, or the name of your own',
    label: 'with a label',
    phrase: 'words that follow each other',
    not: 'without it: a word, or any of the above',
  },
} as const;
