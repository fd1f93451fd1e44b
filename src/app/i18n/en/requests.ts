/** Mail of people whom one does not know yet, and how one stands to them. */
export const requests = {
  note: '{count, plural, one {# request} other {# requests}}',
  noteHint: 'First mail of somebody new',
  first:
    '{count, plural, one {This is the first mail from {name} to you.} other {These are the first # mails from {name} to you.}}',
  inSpam: 'This mail is in the spam.',
  accept: 'Accept',
  acceptHint: 'What {name} writes arrives in the inbox',
  block: 'Block',
  blockHint: 'What {name} writes goes to the spam from now on',
  spam: 'This is spam',
  spamHint: 'Blocks {name}, and moves all of their mail to the spam',
  notSpam: 'Not spam',
  notSpamHint: 'Accepts {name}, and moves their mail to the inbox',
  actions: 'What to do with {name}',
  accepted: 'Mail from {name} arrives in the inbox',
  blocked: 'Mail from {name} goes to the spam',
  who: 'Whose first mail waits as a request',
  whoHint: 'A request waits until you accept it. Whom you have written to never waits.',
  policies: {
    everybody: 'Everybody new',
    outsiders: 'People of other organizations',
    nobody: 'Nobody',
  },
} as const;
