/** The catalogue is whole: each language has every message, with the same parameters, in its own words and typography. */
import { fileURLToPath } from 'node:url';
import { parse, type Token } from '@messageformat/parser';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileMessages, readMessages } from '../../../../scripts/compiled-messages.mjs';
import { languageCodes, languageFor, localeFor, type Language } from '../../../../src/app/i18n/languages.ts';
import { worded } from '../../../../src/app/format/worded.ts';
import { sayerOf } from '../../../../src/core/codec/sentence.ts';
import { recognised, sentences, type SentenceCode } from '../../../../src/core/node/sentences.ts';
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

/** Core names facts without saying which are numbers. */
function untyped(demands: readonly string[]): readonly string[] {
  return demands.map((demand) => demand.replace(': number}', '}'));
}

const others = languageCodes.filter((language) => language !== 'en');

describe.each(others)('%s', (language) => {
  test('has the messages of English, and no others', () => {
    expect([...catalogues.get(language)!.keys()].sort()).toEqual([...catalogues.get('en')!.keys()].sort());
  });

  test('asks for the same parameters and marks the same words', () => {
    const differing = [...catalogues.get('en')!].flatMap(([path, english]) => {
      const [wanted, found] = [english, catalogues.get(language)!.get(path)!].map((message) =>
        path.startsWith('core.') ? untyped(demandsOf(message)) : demandsOf(message),
      );
      return wanted!.join() === found!.join() ? [] : [{ path, wanted, found }];
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

describe('what core says', () => {
  const sentence = sayerOf(sentences);
  const codes = Object.keys(sentences) as SentenceCode[];
  /** Each fact has a value of its own. */
  const factsOf = (code: SentenceCode): Readonly<Record<string, string>> =>
    Object.fromEntries([...sentences[code].matchAll(/\{(\w+)\}/g)].map(([, name], i) => [name!, `x${i}y`]));

  test.each(codes)('%s is known by its text, and no other is', (code) => {
    const facts = factsOf(code);
    const text = sentences[code].replace(/\{(\w+)\}/g, (_, name: string) => facts[name]!);
    expect(recognised(text)).toEqual({ code, facts });
  });

  test('is worded in the language that is shown, the sentences within it too', async () => {
    await showLanguage('de');
    const reason = sentence('relay/busy');
    expect(worded(sentence('notice/expel', { label: 'Tab', reason }))).toMatch(
      /^Tab wurde entfernt: .* Das Relay ist beschäftigt: .*\. Das wird/,
    );
    expect(worded(sentence('notice/removed', { day: '2026-11-20' }))).toContain('am 20.11.26 von');
    expect(worded(sentence('mail/too-many-recipients', { max: 1000, count: 1001 }))).toBe(
      'Eine Nachricht kann 1.000 Empfänger haben; diese hat 1.001.',
    );
    expect(worded('something else')).toBe('something else');
    expect(worded('A device needs a name. '.repeat(200))).toMatch(/^A device/);
    await showLanguage('en');
    expect(worded(sentence('authority/clock', { hours: 1 }))).toContain('is 1 hour off');
    expect(worded(reason)).toBe(reason);
  });
});

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
