/** The catalogue is whole: each language has every message, with the same parameters, in its own words and typography. */
import { fileURLToPath } from 'node:url';
import { parse, type Token } from '@messageformat/parser';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileMessages, readMessages } from '../../../../scripts/compiled-messages.mjs';
import { languageCodes, languageFor, localeFor, type Language } from '../../../../src/app/i18n/languages.ts';
import { richParts, richTags } from '../../../../src/app/i18n/rich-parts.ts';
import { shownLanguage, shownLocale, showLanguage, t } from '../../../../src/app/i18n/translate.svelte.ts';

type Entry = string | { readonly [key: string]: Entry };

const catalogues = new Map<Language, ReadonlyMap<string, string>>();

beforeAll(async () => {
  for (const language of languageCodes) {
    const file = fileURLToPath(new URL(`../../../../src/app/i18n/${language}/messages.ts`, import.meta.url));
    catalogues.set(language, new Map(flat((await readMessages(file)).messages)));
  }
});

function flat(entry: Entry, path = ''): [string, string][] {
  if (typeof entry === 'string') return [[path, entry]];
  return Object.entries(entry).flatMap(([key, inner]) => flat(inner, path === '' ? key : `${path}.${key}`));
}

/** Names of parameters with what they have to be; of marked words, too. */
function demandsOf(message: string): readonly string[] {
  const found = new Set<string>();
  const look = (tokens: readonly Token[]): void => {
    for (const token of tokens) {
      if (token.type === 'argument') found.add(`{${token.arg}}`);
      else if (token.type === 'function') found.add(`{${token.arg}: ${token.key}}`);
      else if (token.type === 'select') found.add(`{${token.arg}: select}`);
      else if (token.type === 'plural' || token.type === 'selectordinal') found.add(`{${token.arg}: number}`);
      if ('cases' in token) for (const { tokens: inner } of token.cases) look(inner);
    }
  };
  look(parse(message));
  for (const tag of richTags) {
    const count = message.split(`<${tag}>`).length - 1;
    if (count > 0) found.add(`${count} × <${tag}>`);
  }
  // A count in a plural and a number that is written are both numbers.
  const named = [...found].map((demand) => demand.replace(': percent}', ': number}'));
  return [...new Set(named)].sort();
}

const others = languageCodes.filter((language) => language !== 'en');

describe.each(others)('%s', (language) => {
  test('has the messages of English, and no others', () => {
    expect([...catalogues.get(language)!.keys()].sort()).toEqual([...catalogues.get('en')!.keys()].sort());
  });

  test('asks for the same parameters and marks the same words', () => {
    const differing = [...catalogues.get('en')!].flatMap(([path, english]) => {
      const [wanted, found] = [demandsOf(english), demandsOf(catalogues.get(language)!.get(path)!)];
      return wanted.join() === found.join() ? [] : [{ path, wanted, found }];
    });
    expect(differing).toEqual([]);
  });

  test('leaves nothing in English: what is the same has at most two words', () => {
    const same = [...catalogues.get('en')!].filter(
      ([path, english]) => catalogues.get(language)!.get(path) === english && wordsOf(english) > 2,
    );
    expect(same).toEqual([]);
  });
});

function wordsOf(message: string): number {
  return message.replace(/<[^>]*>|\{[^}]*\}/g, ' ').match(/\p{L}{2,}/gu)?.length ?? 0;
}

describe.each(languageCodes)('%s', (language) => {
  test('has the quotation marks, apostrophes and dots of print', () => {
    const typed = [...catalogues.get(language)!].filter(
      ([, message]) => /['"`]|\.\.\./.test(message) || message !== message.trim().concat(trailing(message)),
    );
    expect(typed).toEqual([]);
  });

  test('compiles, with plurals that the language has', () => {
    const entries = Object.fromEntries(
      [...catalogues.get(language)!].map(([path, message]) => [path, message]),
    );
    expect(compileMessages(language, entries)).toContain('export const messages');
  });
});

/** `To ` stands before a name. */
function trailing(message: string): string {
  return message.length < 5 ? (/ $/.exec(message)?.[0] ?? '') : '';
}

test('French has thin spaces where print has them', () => {
  const missing = /[^\u202f][;!?]|[^\u00a0]»|«[^\u00a0]|[^\u00a0\d]:(?!\d|\/\/)/;
  const wrong = [...catalogues.get('fr')!].filter(([path, message]) => {
    // `Re:` and `Fwd:` are what mail programs look for.
    return !/^message\.(reply|forward)Subject$/.test(path) && missing.test(visible(message));
  });
  expect(wrong).toEqual([]);
});

/** Without the parts of a message that are no text. */
function visible(message: string): string {
  return message.replace(/\{\w+, (plural|select|number),?/g, '{');
}

describe('the shown language', () => {
  test('words plurals and numbers its own way', async () => {
    await showLanguage('de', ['de-AT']);
    expect([shownLanguage(), shownLocale()]).toEqual(['de', 'de-AT']);
    expect(t.mailbox.count({ count: 1 })).toBe('1 Nachricht');
    expect(t.mailbox.count({ count: 12_000 })).toBe('12.000 Nachrichten');
    expect(t.delivery.keptByOthers({ part: 0.42 })).toBe('42\u00a0% werden von anderen aufbewahrt.');
    await showLanguage('fr');
    expect(shownLocale()).toBe('fr');
    expect(t.mailbox.count({ count: 0 })).toBe('0 message');
    expect(t.mailbox.count({ count: 1_500 })).toBe('1\u202f500 messages');
    await showLanguage('en');
    expect(t.mailbox.count({ count: 1_500 })).toBe('1,500 messages');
    expect(t.app.folders.inbox).toBe('Inbox');
  });

  test.each([
    [['fr-CH', 'de'], 'fr', 'fr-CH'],
    [['pl', 'de-AT', 'en'], 'de', 'de-AT'],
    [['EN-gb'], 'en', 'EN-gb'],
    [['pl'], 'en', 'en'],
    [[], 'en', 'en'],
  ] as const)('a browser that prefers %j gets %s, and writes dates as %s', (preferred, language, locale) => {
    expect(languageFor(preferred)).toBe(language);
    expect(localeFor(language, preferred)).toBe(locale);
  });
});

test('marked words are parted from the others; unknown marks are text', () => {
  expect(richParts('To <strong>bob</strong>, <b>x</b> <link>see</link>')).toEqual([
    { tag: undefined, text: 'To ' },
    { tag: 'strong', text: 'bob' },
    { tag: undefined, text: ', <b>x</b> ' },
    { tag: 'link', text: 'see' },
  ]);
  expect(richParts('plain')).toEqual([{ tag: undefined, text: 'plain' }]);
  expect(richParts('')).toEqual([]);
});
