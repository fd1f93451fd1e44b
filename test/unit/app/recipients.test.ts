import { describe, expect, test } from 'vitest';
import '../../support/english.ts';
import { suggestPeople } from '../../../src/app/composer/suggestions.ts';
import { joinRecipients, parseRecipients, typedRecipients } from '../../../src/app/format/recipients.ts';
import {
  forwardSubject,
  quotedText,
  replyAllTo,
  replySubject,
  replyTo,
} from '../../../src/app/format/reply.ts';
import { addresseesText } from '../../../src/app/message/addressees.ts';
import { message, person } from './views.ts';

describe('recipients as typed', () => {
  test.each([
    ['bob', ['bob']],
    ['bob, carol@example.org', ['bob', 'carol@example.org']],
    [' bob ;carol\n dan,', ['bob', 'carol', 'dan']],
    ['bob, BOB, bob', ['bob']],
    ['Ada <ada@example.org>, "Lovelace, Ada" <ada2@example.org>', ['ada@example.org', 'ada2@example.org']],
    ['', []],
    [' , ,', []],
  ])('%j', (typed, found) => {
    expect(parseRecipients(typed)).toEqual(found);
  });

  test.each([
    ['bob, ca', ['bob'], 'ca'],
    ['ca', [], 'ca'],
    ['', [], ''],
    [
      'bob;; "Lovelace, Ada" <ada@example.org>\r\ncarol, ',
      ['bob', '"Lovelace, Ada" <ada@example.org>', 'carol'],
      '',
    ],
    ['Ada Lo', [], 'Ada Lo'],
  ])('%j: what is being typed stands behind the last comma', (typed, done, typing) => {
    const parts = typedRecipients(typed);
    expect(parts).toEqual({ done, typing });
    expect(typedRecipients(joinRecipients(parts))).toEqual(parts);
  });

  test('offers people by any word of their name, but none twice', () => {
    const known = [person('bob', 'Bob Hill'), person('carol', 'Carol Hill'), person('dan', 'Dan')];
    expect(suggestPeople(known, 'hi').map((one) => one.address)).toEqual([
      'bob@example.org',
      'carol@example.org',
    ]);
    expect(suggestPeople(known, 'bob@example.org, hi').map((one) => one.address)).toEqual([
      'carol@example.org',
    ]);
    expect(suggestPeople(known, 'bob, ')).toEqual([]);
  });
});

describe('answers', () => {
  const ada = person('ada', 'Ada');
  const bob = person('bob', 'Bob');
  const carol = person('carol', 'Carol');

  test('reply goes to the sender, or to those one wrote to oneself', () => {
    expect(replyTo(message('1', { from: bob }), ada.address)).toEqual([bob]);
    expect(replyTo(message('1', { from: ada, to: [bob] }), ada.address)).toEqual([bob]);
  });

  test('reply all leaves out oneself and names nobody twice', () => {
    const received = message('1', { from: bob, to: [ada, carol], cc: [carol, bob] });
    expect(replyAllTo(received, ada.address)).toEqual({ to: [bob], cc: [carol] });
  });

  test.each([
    ['Lunch', 'Re: Lunch', 'Fwd: Lunch'],
    ['Re: Lunch', 'Re: Lunch', 'Fwd: Re: Lunch'],
    ['FWD: Lunch', 'Re: FWD: Lunch', 'FWD: Lunch'],
  ])('prefixes of %s are not piled up', (subject, reply, forward) => {
    expect(replySubject(subject)).toBe(reply);
    expect(forwardSubject(subject)).toBe(forward);
  });

  test('a quotation marks each line, a quoted one once more', () => {
    expect(quotedText(message('1', { from: bob }), 'One\n\n> Two\n')).toMatch(
      /^Bob wrote on .*:\n> One\n>\n>> Two\n$/,
    );
  });

  test('addressees in short', () => {
    expect(addresseesText({ to: [ada], cc: [] }, ada.address)).toBe('you');
    expect(addresseesText({ to: [bob, ada], cc: [carol] }, ada.address)).toBe('you, Bob and Carol');
    expect(addresseesText({ to: [bob, carol, person('dan'), ada], cc: [] }, ada.address)).toBe(
      'you, Bob and 2 more',
    );
    expect(addresseesText({ to: [], cc: [] }, ada.address)).toBe('nobody');
  });
});
