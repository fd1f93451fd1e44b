/** Everybody whom one has met. */
export const people = {
  title: 'People',
  intro:
    'A mark is drawn from a person’s key: the same person has the same mark on every device. A dashed ring means that the key is not known yet.',
  writeTo: 'Write to {name}',
  alone: 'You have met nobody yet. Write to somebody, and they appear here.',
  writeMessage: 'Write a message',
  readReceipts: 'Tell senders when I have read their mail',
  verified: 'Verified by you',
} as const;
