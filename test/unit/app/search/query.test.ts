import { describe, expect, test } from 'vitest';
import '../../../support/english.ts';
import { factsOf } from '../../../../src/app/search/facts.ts';
import { parseQuery, wantedWords, type TextTerm } from '../../../../src/app/search/query.ts';
import { message, snapshot } from '../views.ts';

function text(words: readonly string[], changes: Partial<TextTerm> = {}): TextTerm {
  return { kind: 'text', words, prefix: true, field: undefined, not: false, ...changes };
}

describe('words and phrases', () => {
  test.each<[string, readonly TextTerm[]]>([
    ['', []],
    ['   ', []],
    ['Café  NOVEMBER', [text(['cafe']), text(['november'])]],
    ['"two words" more', [text(['two', 'words'], { prefix: false }), text(['more'])]],
    ['“two words”', [text(['two', 'words'], { prefix: false })]],
    ['"not yet end', [text(['not', 'yet', 'end'])]],
    ['-word', [text(['word'], { not: true, prefix: false })]],
    ['-"two words"', [text(['two', 'words'], { not: true, prefix: false })]],
    ['well-known', [text(['well', 'known'])]],
    ['ada@example.org', [text(['ada', 'example', 'org'])]],
    ['- "" — …', []],
    ['東京', [text(['東', '京'])]],
  ])('%j', (typed, terms) => {
    expect(parseQuery(typed)).toEqual({ text: terms, facts: [], faults: [] });
  });

  test('an unknown operator, or an unknown value of a known one, is text', () => {
    const { text: terms, facts, faults } = parseQuery('https://example.org is:blue has:"a file" size:1');
    expect(terms.map(({ words }) => words)).toEqual([
      ['https', 'example', 'org'],
      ['is', 'blue'],
      ['has', 'a', 'file'],
      ['size', '1'],
    ]);
    expect([facts, faults]).toEqual([[], []]);
  });

  test('only what is wanted is marked', () => {
    expect(wantedWords(parseQuery('one -two from:three is:unread'))).toEqual(['one', 'three']);
  });
});

describe('operators', () => {
  test.each([
    ['from:Ada', text(['ada'], { field: 'from' })],
    ['TO:ada@example.org', text(['ada', 'example', 'org'], { field: 'to' })],
    ['subject:"the report"', text(['the', 'report'], { field: 'subject', prefix: false })],
    ['-from:ada', text(['ada'], { field: 'from', not: true, prefix: false })],
  ])('%j looks in one part', (typed, term) => {
    expect(parseQuery(typed)).toEqual({ text: [term], facts: [], faults: [] });
  });

  test.each([
    ['has:attachment', { kind: 'attachment', not: false }],
    ['is:unread', { kind: 'unread', not: false }],
    ['-is:Starred', { kind: 'starred', not: true }],
    ['in:inbox', { kind: 'folder', name: 'inbox', not: false }],
    ['label:"To do"', { kind: 'label', name: 'To do', not: false }],
    ['before:2026-11-01', { kind: 'time', time: new Date(2026, 10, 1).getTime(), before: true, not: false }],
    ['after:2024-2-29', { kind: 'time', time: new Date(2024, 1, 29).getTime(), before: false, not: false }],
  ])('%j asks for a fact', (typed, fact) => {
    expect(parseQuery(typed)).toEqual({ text: [], facts: [fact], faults: [] });
  });

  test.each(['2026-02-29', '2026-13-01', '2026-00-10', '2026-11', '0000-01-01', 'yesterday'])(
    '%j is no day, and that is said',
    (date) => {
      expect(parseQuery(`word before:${date}`)).toEqual({
        text: [text(['word'])],
        facts: [],
        faults: [{ kind: 'date', text: date }],
      });
    },
  );

  test('one that has no value yet asks nothing', () => {
    expect(parseQuery('from: in: before: label:""')).toEqual({ text: [], facts: [], faults: [] });
  });
});

describe('facts', () => {
  const own = 'own-0123456789abcdef';
  const label = '0123456789abcdef';
  const organization = {
    ...snapshot().organization,
    folders: [{ id: own, name: 'Büro' }] as const,
    labels: [{ id: label, name: 'To do', hue: 0 }],
  };
  const day = new Date(2026, 10, 1).getTime();
  const messages = [
    message('inbox', { folder: 'inbox', unread: true, at: day }),
    message('archive', { folder: 'archive', unread: false, at: day - 1, labels: [label] }),
    message('own', { folder: own, unread: false, starred: true, at: day + 86_400_000 }),
    message('spam', { folder: 'spam', unread: true }),
    message('trash', {
      folder: 'trash',
      unread: false,
      attachments: [{ index: 0, name: 'a', type: '', sizeBytes: 1 }],
    }),
  ];
  const found = (typed: string): string[] => {
    const { accepts } = factsOf(parseQuery(typed), organization);
    return messages.filter(accepts).map(({ id }) => id);
  };

  test.each([
    ['', ['inbox', 'archive', 'own']],
    ['is:unread', ['inbox']],
    ['-is:unread', ['archive', 'own']],
    ['is:starred', ['own']],
    ['in:spam', ['spam']],
    ['in:trash has:attachment', ['trash']],
    ['in:inbox in:archive', ['inbox', 'archive']],
    ['-in:inbox', ['archive', 'own']],
    ['in:buro', ['own']],
    ['in:arch', ['archive']],
    ['label:"to do"', ['archive']],
    ['-label:to', ['inbox', 'own']],
    ['before:2026-11-01', ['archive']],
    ['after:2026-11-01', ['inbox', 'own']],
    ['after:2026-11-01 before:2026-11-02', ['inbox']],
    ['in:nowhere', []],
  ])('%j', (typed, ids) => {
    expect(found(typed)).toEqual(ids);
  });

  test('folders and labels that there are not are said', () => {
    expect(factsOf(parseQuery('in:nowhere label:none -in:inbox'), organization).faults).toEqual([
      { kind: 'folder', text: 'nowhere' },
      { kind: 'label', text: 'none' },
    ]);
  });
});
