/** What a node says to people (core/codec/sentence.ts), and all that core says, to be found by its text. */
import { backupSentences } from '../backup/sentences.ts';
import { finderOf, sayerOf } from '../codec/sentence.ts';
import { identitySentences } from '../identity/sentences.ts';
import { mailSentences } from '../mail/sentences.ts';
import { storageSentences } from '../storage/sentences.ts';
import { noticeSentences } from './notice-sentences.ts';

const nodeSentences = {
  ...noticeSentences,
  'client/stopped': 'The mailbox was closed in this window.',
  'client/failed': 'Something went wrong on this device ({reason}). Try again.',
  'client/no-leader': 'The tab that runs your mail does not answer. Reload this page.',
  'client/too-much': 'Too much at once: try again in a moment.',
  'device/no-name': 'A device needs a name.',
  'device/itself': 'A device cannot remove itself: do it from another one.',
  'device/noted':
    'Your organization is not reached just now. It was noted here, and happens when it is back.',
  'backup/busy': 'A back-up, restore or check is going on already; wait for it, or stop it.',
  'backup/disk-full': 'The disk of this device is full. Free some space, then try again; nothing was lost.',
  'backup/unreachable': 'The devices of your organization cannot be reached. Try again when you are online.',
  'backup/file-is': 'The file is {reason}.',
} as const;

/** The sentence in English. */
export const sentence = sayerOf(nodeSentences);

/** Everything that core says to people, by code. */
export const sentences = {
  ...identitySentences,
  ...storageSentences,
  ...mailSentences,
  ...backupSentences,
  ...nodeSentences,
} as const;
export type SentenceCode = keyof typeof sentences;

/** Which of them a text is, with its facts as text; undefined for any other text. */
export const recognised = finderOf(sentences);
