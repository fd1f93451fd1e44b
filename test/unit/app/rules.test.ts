/** Rules as the settings show them: in words, from the form, in another order. */
import { describe, expect, test } from 'vitest';
import '../../support/english.ts';
import { draftOf, missingIn, reordered, ruleOf } from '../../../src/app/rules/draft.ts';
import { ruleText } from '../../../src/app/rules/words.ts';
import { fits, type Rule } from '../../../src/core/mail/rules.ts';
import { message, snapshot } from './views.ts';

const LABEL = '0123456789abcdef';
const empty = ruleOf(draftOf(undefined), 0);
const organization = {
  ...snapshot().organization,
  labels: [{ id: LABEL, name: 'Bills', hue: 20 }],
};

describe('a rule in words', () => {
  test.each<readonly [Partial<Rule>, string]>([
    [{ from: 'bob', folder: 'archive' }, 'When the sender contains “bob”: move to Archive.'],
    [
      { to: 'team', subject: 'Invoice', hasAttachment: true, labels: [LABEL], read: true, star: true },
      'When a recipient contains “team”, the subject contains “Invoice” and there is an attachment: put on “Bills”, mark as read and star.',
    ],
    [
      { hasAttachment: false, labels: ['fedcba9876543210'] },
      'When there is no attachment: nothing, its label is no more.',
    ],
  ])('%o', (changes, words) => {
    expect(ruleText({ ...empty, ...changes }, organization)).toBe(words);
  });
});

describe('the form', () => {
  test('gives the rule that it was given', () => {
    const rule: Rule = { ...empty, place: 4, from: 'bob', hasAttachment: false, labels: [LABEL], star: true };
    expect(ruleOf(draftOf(rule), 4)).toEqual(rule);
  });

  test('says what is missing: blanks are no condition', () => {
    expect(missingIn(empty)).toEqual({ condition: true, action: true });
    expect(missingIn(ruleOf({ ...draftOf(undefined), from: '  ', read: true }, 0))).toEqual({
      condition: true,
      action: false,
    });
    expect(missingIn({ ...empty, hasAttachment: false })).toEqual({ condition: false, action: true });
  });
});

test('moving a rule gives each that moved its new place', () => {
  const rules = ['a', 'b', 'c'].map((id, place) => ({ id, rule: { ...empty, from: id, place } }));
  expect(reordered(rules, 0, 1).map(({ id, rule }) => [id, rule.place])).toEqual([
    ['b', 0],
    ['a', 1],
  ]);
  // Two devices may have given one place to two rules.
  const tied = rules.map(({ id, rule }) => ({ id, rule: { ...rule, place: 0 } }));
  expect(reordered(tied, 2, 1).map(({ id, rule }) => [id, rule.place])).toEqual([
    ['c', 1],
    ['b', 2],
  ]);
});

test('a rule fits a message that is here as it fits one that comes', () => {
  expect(fits({ ...empty, from: 'BOB@' }, message('1'))).toBe(true);
  expect(fits({ ...empty, to: 'ada', subject: 'subject 1', hasAttachment: false }, message('1'))).toBe(true);
  expect(fits({ ...empty, hasAttachment: true }, message('1'))).toBe(false);
});
