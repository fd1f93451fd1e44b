/** What back-ups say to people (core/codec/sentence.ts). */
import { sayerOf } from '../codec/sentence.ts';

export const backupSentences = {
  'backup/stopped': 'It was stopped.',
  'backup/other-ring': 'This file is a mailbox of {name} in another organization’s ring.',
  'backup/other-person':
    'This file is the mailbox of {name}, made with other recovery words than those of this browser.',
  'backup/unsound': 'This file is no sound back-up of a mailbox: {reason}.',
} as const;

/** The sentence in English. */
export const sentence = sayerOf(backupSentences);
