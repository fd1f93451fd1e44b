/** Mail from files: it becomes part of the mailbox, of the ring, and of the person's other devices; and comes out again as it was. */
import { expect, test } from 'vitest';
import { utf8 } from '../../../src/core/codec/bytes.ts';
import type { ImportedMail } from '../../../src/core/mail/views.ts';
import { parseMime } from '../../../src/core/mail/mime.ts';
import { MemberRing } from './member-ring.ts';

function mail(headers: string, body: string, changes: Partial<ImportedMail> = {}): ImportedMail {
  const raw = utf8(`${headers}\r\n\r\n${body}`);
  return { raw, folder: 'archive', unread: false, starred: false, ...changes };
}

const question = mail(
  'Message-ID: <1@elsewhere.example>\r\nFrom: Eve <Eve@elsewhere.example>\r\nTo: Ada <ada@example.org>\r\n' +
    'Date: Mon, 2 Mar 2026 10:00:00 +0000\r\nSubject: A question',
  'How are you?\r\n',
  { folder: 'inbox', unread: true, starred: true },
);
const answer = mail(
  'Message-ID: <2@example.org>\r\nIn-Reply-To: <1@elsewhere.example>\r\nFrom: ada@example.org\r\nTo: Eve <eve@elsewhere.example>\r\n' +
    'Date: Mon, 2 Mar 2026 11:00:00 +0000\r\nSubject: Re: A question\r\nMIME-Version: 1.0\r\n' +
    'Content-Type: multipart/mixed; boundary="b"',
  '--b\r\nContent-Type: text/html\r\n\r\n<p>Well, <b>thanks</b></p>\r\n--b\r\nContent-Type: application/octet-stream; name="a.txt"\r\nContent-Transfer-Encoding: base64\r\n' +
    'Content-Disposition: attachment; filename="a.txt"\r\n\r\nQXR0YWNoZWQu\r\n--b--\r\n',
);

test('what is imported is there, once, as threads, unsigned; and another device has it too', async () => {
  const net = await MemberRing.create('import');
  const [ada] = await net.people('ada', 'bob', 'cleo', 'dan');
  expect(await net.passing(ada!.client.importMail([question, answer]))).toEqual({ added: 2, known: 0 });
  expect(await net.passing(ada!.client.importMail([answer, question]))).toEqual({ added: 0, known: 2 });
  const got = await ada!.message('A question', 'inbox');
  expect(got).toMatchObject({
    unread: true,
    starred: true,
    at: Date.UTC(2026, 2, 2, 10),
    preview: 'How are you?',
  });
  expect(got.from).toEqual({
    name: 'Eve',
    address: 'eve@elsewhere.example',
    identityKey: undefined,
    verified: false,
    keyChanged: false,
  });
  const replied = await ada!.message('Re: A question', 'archive');
  expect(replied).toMatchObject({ inReplyTo: got.sharedId, preview: 'Well, thanks', delivery: undefined });
  expect(replied.attachments).toMatchObject([{ name: 'a.txt', sizeBytes: 'Attached.'.length }]);

  // The blocks come into the ring: this device is not needed any more.
  await net.until(async () => (await ada!.client.snapshot()).disk.unreplicated === 0);
  const tablet = await net.device(ada!, 'tablet');
  await tablet.open();
  await tablet.online();
  await tablet.message('A question', 'inbox');
  await net.passing(ada!.close());
  expect(await net.passing(tablet.client.body(got.id))).toMatchObject({ text: 'How are you?\n' });
  const file = await net.passing(tablet.client.attachment(replied.id, 0));
  expect(await file.text()).toBe('Attached.');
});

test('a message comes out as mail programs read it, and in again as the one that is there', async () => {
  const net = await MemberRing.create('export');
  const [ada, bob] = await net.people('ada', 'bob', 'cleo', 'dan');
  const content = new Blob(['bytes']);
  await ada!.send('bob', 'Hello', { files: [{ name: 'b.bin', type: 'application/octet-stream', content }] });
  const got = await bob!.message('Hello', 'inbox');
  const source = await net.passing(bob!.client.source(got.id));
  const raw = new Uint8Array(await source.arrayBuffer());
  const parsed = await parseMime(raw);
  expect(parsed).toMatchObject({
    from: { name: 'Ada', address: 'ada@example.org' },
    subject: 'Hello',
    messageId: `<${got.sharedId}@example.org>`,
    at: Math.floor(got.at / 1000) * 1000,
  });
  expect(parsed.attachments.map(({ name, content }) => [name, new TextDecoder().decode(content)])).toEqual([
    ['b.bin', 'bytes'],
  ]);
  const again = { raw, folder: 'archive', unread: false, starred: false } as const;
  expect(await net.passing(bob!.client.importMail([again]))).toEqual({ added: 0, known: 1 });
});

test('mail that makes no sense is kept as it is: nothing is refused for its form', async () => {
  const net = await MemberRing.create('nonsense');
  const [ada] = await net.people('ada', 'bob');
  const nonsense = [
    mail('', ''),
    mail('Date: yesterday\r\nFrom: nobody', 'x'),
    mail('Subject: =?utf-8?B?////?=', '\0'),
  ];
  expect(await net.passing(ada!.client.importMail(nonsense))).toEqual({ added: 3, known: 0 });
});
