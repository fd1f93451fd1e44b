/** Whether a letter speaks of a file that goes with it: in English, German and French, whatever language is shown. */
import { ownText } from './letter-body.ts';

const WORDS = [
  'attach(ed|ments?|ing)',
  'enclosed',
  'anh[aä]nge?n?s?',
  'anbei',
  'angehängt\\p{L}*',
  'beigefügt\\p{L}*',
  'ci[- \u2010\u2011]?joint(e|s|es)?',
  'pi[eè]ces?[- \u00a0]jointes?',
];
const SPEAKS_OF_FILES = new RegExp(`(?<!\\p{L})(${WORDS.join('|')})(?!\\p{L})`, 'iu');

/** What is quoted or forwarded does not count. */
export function speaksOfFiles(text: string): boolean {
  return SPEAKS_OF_FILES.test(ownText(text).normalize('NFC'));
}
