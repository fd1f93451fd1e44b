/** What core says to people: its own English, but for what English counts otherwise. */
import { sentences } from '../../../core/node/sentences.ts';

export const core = {
  ...sentences,
  'authority/clock':
    'This device’s clock is {hours, plural, one {# hour} other {# hours}} off: set it and try again.',
} as const;
