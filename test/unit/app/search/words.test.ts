import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { textOfHtml } from '../../../../src/app/search/html-text.ts';
import { markedParts } from '../../../../src/app/search/marked-parts.ts';
import { wordsOf } from '../../../../src/app/search/words.ts';

describe('words', () => {
  test.each([
    ['', []],
    ['Ça va, Émile?', ['ca', 'va', 'emile']],
    ['Straße 12b', ['straße', '12b']],
    ['東京タワー2026', ['東', '京', 'タ', 'ワ', 'ー2026']],
    ['x'.repeat(100), ['x'.repeat(40)]],
  ])('%j', (text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });
});

describe('HTML', () => {
  test.each([
    ['<p>One</p><p>two</p>', ['one', 'two']],
    ['in<b>side</b> a <a href="x">link</a>', ['inside', 'a', 'link']],
    ['<head><title>no</title></head><style>p{}</style><script>alert("no")</script>yes', ['yes']],
    ['<SCRIPT>never closed', []],
    ['<!-- hidden -->seen', ['seen']],
    ['caf&eacute; &#65;&#x42;C &amp; &unknown; 1 &lt; 2', ['cafe', 'abc', '1', '2']],
    ['a < b', ['a', 'b']],
    ['&#9999999;x', ['x']],
  ])('%j', (html, words) => {
    expect(wordsOf(textOfHtml(html))).toEqual(words);
  });

  // Each is read in a moment, or the test does not end in its time.
  test.each(['<', '<!--', '<a "', '<a ', '<script>', '</script ', '&#', '<p><'])(
    '%j, over and over',
    (piece) => {
      expect(wordsOf(textOfHtml(piece.repeat(200_000))).length).toBeLessThanOrEqual(200_000);
    },
  );
});

describe('marks', () => {
  test('stand on words that begin as wanted', () => {
    expect(markedParts('The Émile report', ['emi', 'rep'])).toEqual([
      { text: 'The ', marked: false },
      { text: 'Émile', marked: true },
      { text: ' ', marked: false },
      { text: 'report', marked: true },
    ]);
  });

  test('the parts together are the line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.string()), (line, wanted) => {
        expect(
          markedParts(line, wanted)
            .map(({ text }) => text)
            .join(''),
        ).toBe(line);
      }),
    );
  });
});
