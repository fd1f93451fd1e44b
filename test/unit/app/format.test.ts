import { describe, expect, test } from 'vitest';
import '../../support/english.ts';
import { dateInSentence, longDate, shortDate, stampLines } from '../../../src/app/format/dates.ts';
import { linkParts } from '../../../src/app/format/links.ts';
import { middleCut } from '../../../src/app/format/middle-cut.ts';
import { factsText, listText, numberText, sizeText } from '../../../src/app/format/sizes.ts';

describe('dates', () => {
  const now = new Date(2026, 10, 20, 13, 30).getTime();
  const at = (...parts: [number, number, number, number, number]): number => new Date(...parts).getTime();

  test.each([
    [now - 20_000, 'now'],
    [now + 30_000, 'now'],
    [now - 5 * 60_000, '5 min'],
    [at(2026, 10, 19, 23, 59), 'Yesterday'],
  ])('relative today and yesterday', (time, words) => {
    expect(shortDate(time, now)).toBe(words);
  });

  test('earlier today it is the time of day, this week the weekday, then the date, with the year in another year', () => {
    expect(shortDate(at(2026, 10, 20, 9, 5), now)).toMatch(/9[:.]05/);
    expect(shortDate(at(2026, 10, 17, 9, 5), now)).toBe(
      new Intl.DateTimeFormat(undefined, { weekday: 'short' }).format(at(2026, 10, 17, 9, 5)),
    );
    expect(shortDate(at(2026, 10, 13, 9, 5), now)).toMatch(/13/);
    expect(shortDate(at(2026, 10, 13, 9, 5), now)).not.toMatch(/2026/);
    expect(shortDate(at(2025, 11, 31, 9, 5), now)).toMatch(/2025/);
  });

  test('a date of a clock that is ahead is shown plain', () => {
    expect(shortDate(at(2026, 10, 22, 9, 5), now)).toMatch(/22/);
  });

  test('an open message has the time of day, too', () => {
    expect(longDate(at(2026, 10, 19, 9, 5), now)).toMatch(/^Yesterday, 0?9[:.]05/);
    expect(longDate(at(2026, 10, 3, 9, 5), now)).toMatch(/3.*9[:.]05/);
  });

  test.each([
    [now - 20_000, /^just now$/],
    [now + 30_000, /^just now$/],
    [now - 61_000, /^a minute ago$/],
    [now - 5 * 60_000, /^5 minutes ago$/],
    [at(2026, 10, 20, 9, 5), /^today at 0?9[:.]05/],
    [at(2026, 10, 19, 23, 59), /^yesterday$/],
    [at(2026, 10, 17, 9, 5), /^on .*17/],
    [at(2025, 11, 31, 9, 5), /^on .*2025/],
    [at(2026, 10, 22, 9, 5), /^on .*22/],
  ])('within a sentence', (time, words) => {
    expect(dateInSentence(time, now)).toMatch(words);
  });

  test('a stamp has the day and the year', () => {
    expect(stampLines(at(2026, 0, 5, 9, 5))).toEqual(['5 JAN', '2026']);
  });
});

describe('middle cut', () => {
  test.each([
    ['short', 10, 'short'],
    ['Carol van der Grootenhuijzen', 12, 'Carol …ijzen'],
    ['a-very-long-name-of-a-report.pdf', 14, 'a-very-…rt.pdf'],
    ['file.extension', 8, 'fil…sion'],
  ])('%s in %d characters is %s', (text, max, cut) => {
    expect(middleCut(text, max)).toBe(cut);
    expect([...cut].length).toBeLessThanOrEqual(max);
  });

  test('counts what people see: a family of emoji is one character, and is never torn', () => {
    const family = '👨‍👩‍👧‍👦';
    expect(middleCut(family.repeat(3), 3)).toBe(family.repeat(3));
    expect(middleCut(family.repeat(9), 5)).toBe(`${family.repeat(2)}…${family.repeat(2)}`);
  });
});

describe('sizes and counts', () => {
  test.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [812, '812 bytes'],
    [1024, '1 KB'],
    [3.1 * 1024 * 1024, '3.1 MB'],
    [50 * 1024 * 1024, '50 MB'],
    [1024 * 1024 - 1, '1.0 MB'],
    [150 * 1024, '150 KB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(sizeText(bytes)).toBe(text);
  });

  test('numbers have their separators, lists their word', () => {
    expect(numberText(1234567)).toBe('1,234,567');
    expect(numberText(2.5, 2)).toBe('2.50');
    expect(listText([])).toBe('');
    expect(listText(['a'])).toBe('a');
    expect(listText(['a', 'b', 'c'])).toBe('a, b and c');
    expect(factsText(['1 read', '2 stored'])).toBe('1 read, 2 stored');
  });
});

describe('links in a text', () => {
  const hrefs = (text: string): (string | undefined)[] =>
    linkParts(text)
      .map((part) => part.href)
      .filter((href) => href !== undefined);

  test('the parts give the text again', () => {
    const text = 'See https://example.org/a, and (http://example.org/b_(c)).\nEnd';
    expect(
      linkParts(text)
        .map((part) => part.text)
        .join(''),
    ).toBe(text);
    expect(hrefs(text)).toEqual(['https://example.org/a', 'http://example.org/b_(c)']);
  });

  test('only web addresses become links', () => {
    expect(hrefs('javascript:alert(1) data:text/html,x file:///etc/passwd www.example.org')).toEqual([]);
  });
});
