/** Recovery words: BIP 39's own vectors, and what people mistype. */
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../../src/core/codec/bytes.ts';
import {
  entropyFromWords,
  secretsFromEntropy,
  splitWords,
  wordsFromEntropy,
} from '../../../src/core/identity/recovery-words.ts';

/** From the test vectors that BIP 39 names (trezor/python-mnemonic, vectors.json). */
const vectors = [
  ['00'.repeat(32), `${'abandon '.repeat(23)}art`],
  [
    '7f'.repeat(32),
    `${'legal winner thank year wave sausage worth useful '.repeat(2)}${'legal winner thank year wave sausage worth title'}`,
  ],
  [
    '80'.repeat(32),
    `${'letter advice cage absurd amount doctor acoustic avoid '.repeat(2)}${'letter advice cage absurd amount doctor acoustic bless'}`,
  ],
  ['ff'.repeat(32), `${'zoo '.repeat(23)}vote`],
] as const;

const words = vectors[0][1].split(' ');

describe('recovery words', () => {
  it.each(vectors)('of %s are those of BIP 39', (entropy, sentence) => {
    expect(wordsFromEntropy(fromHex(entropy)).join(' ')).toBe(sentence);
    expect(entropyFromWords(sentence.split(' '))).toEqual({ ok: true, value: fromHex(entropy) });
  });

  it('are read in upper case, with blanks, numbers and commas', () => {
    const typed = words.map((word, i) => `${i + 1}. ${word.toUpperCase()},`).join('\n');
    expect(entropyFromWords(splitWords(typed))).toMatchObject({ ok: true });
  });

  it.each([
    ['too few', words.slice(1), 'wrong-count', 'There are 24 recovery words; these are 23.'],
    ['one', ['abandon'], 'wrong-count', 'There are 24 recovery words; this is 1.'],
    ['too many', [...words, 'art'], 'wrong-count', 'There are 24 recovery words; these are 25.'],
    [
      'an unknown one',
      words.with(4, 'abandom'),
      'unknown-word',
      'Word 5, “abandom”, is not a recovery word.',
    ],
    [
      'a wrong one',
      words.with(0, 'zoo'),
      'bad-checksum',
      'These words do not fit together: one is wrong, or their order is.',
    ],
  ])('refuse %s', (_, typed, code, reason) => {
    expect(entropyFromWords(typed)).toEqual({ ok: false, code, reason });
  });

  it('give keys that say nothing about each other', () => {
    const { identitySeed, mailboxKey } = secretsFromEntropy(fromHex('00'.repeat(32)));
    expect(new Set([toHex(identitySeed), toHex(mailboxKey), '00'.repeat(32)]).size).toBe(3);
  });
});
