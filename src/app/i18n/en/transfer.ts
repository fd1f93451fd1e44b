/** Mail from other programs, and one's own for them. */
export const transfer = {
  importTitle: 'Bring mail from elsewhere',
  importWhat:
    'Reads mail that another program saved: mbox, EML, or a Maildir as a zip file. What you have already is not taken twice. Nobody signed that mail here, so it shows no mark of a key.',
  into: 'Into',
  import: 'Choose a file',
  added:
    '{count, plural, =0 {Nothing new was in it.} one {# message was added.} other {# messages were added.}}',
  known: '{count, plural, one {# message was here already.} other {# messages were here already.}}',
  importStopped: 'Stopped. What came in by then stays; choose the file again to go on.',
  noMail:
    'This file holds no mail that ePOST can read. Choose an mbox file, an EML file, or a Maildir as a zip file.',
  waiting:
    '{count, plural, one {# message of it is} other {# messages of it are}} on this device only so far. Keep this tab open: your organization’s devices take them over.',
  tooLarge: 'One mail in this file is larger than 256 MB. What stood before it was added.',
  exportTitle: 'Take your mail elsewhere',
  exportWhat:
    'All your messages with their attachments as one mbox file, which other mail programs read. It is not encrypted: whoever has the file can read it.',
  export: 'Save as mbox',
  fileName: 'epost-{address}.mbox',
  written: '{count, plural, one {# message was written.} other {# messages were written.}}',
  missing:
    '{count, plural, one {# message could not be had now.} other {# messages could not be had now.}} Try again when you are online.',
  exportStopped: 'Stopped. The file holds what was written by then.',
} as const;
