/** People as vCards and back, and links that ask for a message. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mailtoStart, type MailtoStart } from '../../../src/app/format/mailto.ts';
import { found } from '../../../src/app/people/contacts.svelte.ts';
import { importPeople } from '../../../src/app/people/import-people.ts';
import { addressesIn, vcardsOf } from '../../../src/app/people/vcard.ts';
import { ClientError } from '../../../src/core/node/client.ts';
import { person } from './views.ts';

describe('vCards', () => {
  test('are those of RFC 6350: version 4.0, values escaped', () => {
    expect(vcardsOf([{ name: 'Ada; Countess, of\\Lovelace', address: 'ada@example.org' }])).toBe(
      'BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ada\\; Countess\\, of\\\\Lovelace\r\nEMAIL:ada@example.org\r\nEND:VCARD\r\n',
    );
  });

  test('have lines of at most 75 octets with whole characters, and give back every address', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 });
    const address = fc
      .tuple(fc.stringMatching(/^[a-z0-9.,;\\äß漢-]{1,60}$/u), fc.domain())
      .map(([local, domain]) => `${local}@${domain}`);
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.record({ name, address }), { selector: (one) => one.address }),
        (people) => {
          const file = vcardsOf(people);
          for (const line of file.split('\r\n')) {
            expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(75);
            expect(line).toBe(line.toWellFormed());
          }
          expect(addressesIn(file)).toEqual(people.map((one) => one.address));
        },
      ),
    );
  });

  test('of other programs and versions are read: groups, parameters, folded lines, the same address twice', () => {
    const file = [
      'BEGIN:VCARD',
      'VERSION:3.0',
      'item1.EMAIL;type=INTERNET;type="a:b;c":bob@example.org',
      'email;PREF=1:mailto:cle',
      ' o@example.org',
      'EMAIL:bob@example.org',
      'NOTE:EMAIL:nobody@example.org',
      'X-EMAIL:nobody@example.org',
      'EMAIL:',
      'END:VCARD',
    ].join('\n');
    expect(addressesIn(file)).toEqual(['bob@example.org', 'cleo@example.org']);
  });
});

test('only addresses of the organization are looked for, and each is counted once', async () => {
  const asked: string[] = [];
  const findPerson = (text: string): Promise<ReturnType<typeof person>> => {
    asked.push(text);
    if (text.startsWith('nobody')) return Promise.reject(new ClientError('no-such-recipient', 'Nobody.'));
    if (text.startsWith('far')) return Promise.reject(new ClientError('unreachable', 'Away.'));
    return Promise.resolve(person('bob'));
  };
  const counts: number[] = [];
  const addresses = [
    'Bob@EXAMPLE.org',
    'nobody@example.org',
    'far@example.org',
    'eve@elsewhere.org',
    'no address',
  ];
  const report = await importPeople({ findPerson }, addresses, 'example.org', (count) => counts.push(count));
  expect(report).toEqual({ found: 1, unknown: 1, elsewhere: 2, unreachable: 1 });
  expect(asked).toEqual(['bob@example.org', 'nobody@example.org', 'far@example.org']);
  expect(counts.at(-1)).toBe(5);
  const stopped = { findPerson: () => Promise.reject(new ClientError('stopped', 'Gone.')) };
  await expect(importPeople(stopped, addresses, 'example.org', () => undefined)).rejects.toThrow('Gone.');
});

test('people are found by every word of name and address, whatever case and accents', () => {
  const people = [person('bob', 'Bob Müller'), person('ada', 'Ada')];
  expect(found(people, ' MULLER  bob@').map(({ name }) => name)).toEqual(['Bob Müller']);
  expect(found(people, '')).toEqual(people);
  expect(found(people, 'bob ada')).toEqual([]);
});

describe('mailto links', () => {
  test.each<readonly [string, Partial<MailtoStart>]>([
    ['mailto:bob@example.org', { to: 'bob@example.org' }],
    // RFC 6068, section 6.
    ['mailto:list@example.com?subject=help', { to: 'list@example.com', subject: 'help' }],
    [
      'mailto:joe@example.com?cc=bob@example.com&body=hello%0D%0Athere',
      { to: 'joe@example.com', cc: 'bob@example.com', text: 'hello\nthere' },
    ],
    ['MAILTO:?to=joe@example.com,ann@example.com', { to: 'joe@example.com, ann@example.com' }],
    ['mailto:bill+ietf@example.org?subject=1+1%3D2', { to: 'bill+ietf@example.org', subject: '1+1=2' }],
    ['mailto:a@example.org?subject=caf%C3%A9&subject', { to: 'a@example.org', subject: 'café' }],
    ['mailto:a@example.org?subject=100%&attach=/etc/passwd', { to: 'a@example.org', subject: '100%' }],
    [
      'mailto:a@example.org?subject=a%0D%0ABcc:%20eve&body=%00x',
      { to: 'a@example.org', subject: 'a Bcc: eve', text: 'x' },
    ],
    ['mailto:a%2Cb@example.org', { to: 'a b@example.org' }],
  ])('%s', (link, start) => {
    expect(mailtoStart(link)).toEqual({ to: '', cc: '', subject: '', text: '', ...start });
  });

  test.each(['', 'bob@example.org', 'javascript:alert(1)', 'http://example.org/mailto:x'])(
    '%s is none',
    (link) => {
      expect(mailtoStart(link)).toBeUndefined();
    },
  );
});
