/** What storage says to people (core/codec/sentence.ts). */
import { sayerOf } from '../codec/sentence.ts';

export const storageSentences = {
  'mail/over-quota':
    'Your mail takes all the space that your organization gives you, so this waits. Ask its operator for help; nothing was lost.',
} as const;

/** The sentence in English. */
export const sentence = sayerOf(storageSentences);
