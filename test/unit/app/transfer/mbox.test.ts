/** Mail files: what is written is read again, whatever is in it; real programs' files are understood. */
import * as fc from 'fast-check';
import { zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { concat, fromUtf8, utf8 } from '../../../../src/core/codec/bytes.ts';
import { NotMailError, readMailFile, type FoundMail } from '../../../../src/app/transfer/mail-files.ts';
import { mboxEntry, readMbox } from '../../../../src/app/transfer/mbox.ts';

async function mailsOf(file: Blob, pieceBytes?: number): Promise<string[]> {
  const mails: string[] = [];
  for await (const { raw } of readMbox(file, pieceBytes)) mails.push(fromUtf8(raw));
  return mails;
}

async function found(file: File): Promise<FoundMail[]> {
  const mails: FoundMail[] = [];
  for await (const mail of readMailFile(file, 'archive')) mails.push(mail);
  return mails;
}

const line = fc.constantFrom(
  'From here on',
  '>From me',
  '>>From',
  'Subject: x',
  '',
  'words',
  'from small',
  'F',
  'From ',
);

test('what is written is read again, however the file is cut into pieces', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(line, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 40 }),
      async (mails, pieceBytes) => {
        const texts = mails.map((lines) => `${lines.join('\n')}\n`);
        const bytes = concat(...texts.map((text) => mboxEntry(utf8(text), 'bob@example.org', 0)));
        expect(await mailsOf(new Blob([bytes]), pieceBytes)).toEqual(texts);
      },
    ),
    { numRuns: 200 },
  );
});

test('lines end as in mbox files, and the last mail needs no end', async () => {
  const bytes = mboxEntry(utf8('Subject: a\r\n\r\nFrom b\r\n'), 'a b@example.org', 0);
  expect(fromUtf8(bytes)).toBe('From ab@example.org Thu Jan 01 00:00:00 1970\nSubject: a\n\n>From b\n\n');
  expect(await mailsOf(new Blob(['From x\nSubject: a\n\nlast words']))).toEqual(['Subject: a\n\nlast words']);
  expect(await mailsOf(new Blob(['From x']))).toEqual([]);
});

describe('where mail belongs', () => {
  test.each([
    ['Status: RO\nX-Status: F', { folder: 'archive', unread: false, starred: true }],
    ['Status: O', { folder: 'archive', unread: true, starred: false }],
    ['X-Gmail-Labels: Inbox,Unread,Starred', { folder: 'inbox', unread: true, starred: true }],
    ['X-Gmail-Labels: Important,\n Sent', { folder: 'sent', unread: false, starred: false }],
    ['X-ePOST-Folder: trash\nX-ePOST-Flags: unread', { folder: 'trash', unread: true, starred: false }],
    ['Subject: nothing said', { folder: 'archive', unread: false, starred: false }],
  ])('%s', async (headers, expected) => {
    const file = new File([`From x\n${headers}\n\nStatus: nonsense in the body\n`], 'mail.mbox');
    expect(await found(file)).toMatchObject([expected]);
  });

  test('in a Maildir as zip', async () => {
    const zip = zipSync({
      'Maildir/cur/1:2,FS': utf8('Subject: 1\n\n'),
      'Maildir/.Sent/cur/2:2,S': utf8('Subject: 2\n\n'),
      'Maildir/new/3': utf8('Subject: 3\n\n'),
      'Maildir/tmp/4': utf8('half a mail'),
      'Maildir/dovecot.index': utf8('no mail'),
    });
    const mails = await found(new File([zip], 'mail.zip'));
    expect(mails.map(({ raw, readBytes: _, ...rest }) => [fromUtf8(raw), rest])).toEqual([
      ['Subject: 1\n\n', { folder: 'archive', unread: false, starred: true }],
      ['Subject: 2\n\n', { folder: 'sent', unread: false, starred: false }],
      ['Subject: 3\n\n', { folder: 'archive', unread: true, starred: false }],
    ]);
  });

  test('in one mail by itself, and in what is no mail', async () => {
    expect(await found(new File(['Subject: x\r\n\r\n'], 'letter.EML'))).toHaveLength(1);
    await expect(found(new File(['%PDF'], 'letter.pdf'))).rejects.toThrow(NotMailError);
  });
});
