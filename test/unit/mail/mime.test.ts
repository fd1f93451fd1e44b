/** MIME: what is composed parses back, whatever people write; skeletons give the exact bytes. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { concat, fromUtf8, utf8, type Bytes } from '../../../src/core/codec/bytes.ts';
import { sha256 } from '../../../src/core/crypto/hash.ts';
import { Base64Lines, base64LinesLength } from '../../../src/core/mail/base64-lines.ts';
import type { StoredMessage } from '../../../src/core/mail/message.ts';
import {
  assembleMime,
  composeMime,
  mimeLength,
  parseMime,
  skeletonCodec,
} from '../../../src/core/mail/mime.ts';
import type { Reference } from '../../../src/core/post/reference.ts';

const sender = sha256(utf8('sender'));

interface File {
  readonly name: string;
  readonly type: string;
  readonly content: Bytes;
}

function messageWith(subject: string, text: string, files: readonly File[]): StoredMessage {
  const parts = files.map(({ name, type, content }) => ({
    name,
    type,
    sizeBytes: content.length,
    reference: referenceTo(content),
  }));
  return {
    v: 1,
    headers: {
      nonce: new Uint8Array(16),
      from: { name: 'Ada “L.”', address: 'ada@example.org' },
      to: [{ name: '', address: 'bob@example.org' }],
      cc: [{ name: 'Cléo, the "second"', address: 'cleo@example.org' }],
      subject,
      preview: '',
      at: Date.UTC(2026, 0, 2, 3, 4, 5),
      inReplyTo: null,
      attachments: parts.map(({ name, type, sizeBytes }) => ({ name, type, sizeBytes })),
    },
    text: { inline: text },
    html: null,
    parts,
  };
}

function referenceTo(content: Bytes): Reference {
  const hash = sha256(content);
  return {
    v: 1,
    ring: hash,
    key: hash,
    manifest: false,
    secret: hash,
    plaintextHash: hash,
    sizeBytes: content.length,
  };
}

async function assembled(
  subject: string,
  text: string,
  html: string | undefined,
  files: File[],
): Promise<Bytes> {
  const skeleton = await composeMime(messageWith(subject, text, files), { text, html }, sender);
  expect(skeletonCodec.decode(skeletonCodec.encode(skeleton))).toEqual({ ok: true, value: skeleton });
  const contents = new Map(files.map(({ content }) => [sha256(content).join(), content]));
  const pieces: Bytes[] = [];
  for await (const piece of assembleMime(skeleton, async function* ({ key }) {
    const content = contents.get(key.join())!;
    for (let i = 0; i < content.length; i += 1000) yield content.slice(i, i + 1000);
  }))
    pieces.push(piece);
  const bytes = concat(...pieces);
  expect(bytes.length).toBe(mimeLength(skeleton));
  return bytes;
}

test('a message with text, html and files parses back to what was written', async () => {
  const files = [
    { name: 'photo “1”.jpg', type: 'image/jpeg', content: new Uint8Array(5000).fill(7) },
    { name: 'évil"\r\nX-Injected: yes', type: 'text/x;\r\nX: y', content: utf8('nothing') },
  ];
  const bytes = await assembled('Grüße aus Köln', 'Hallo\n\nWelt €', '<p>Hallo</p>', files);
  const parsed = await parseMime(bytes);
  expect(parsed.subject).toBe('Grüße aus Köln');
  expect(parsed.text.trim()).toBe('Hallo\n\nWelt €');
  expect(parsed.html!.trim()).toBe('<p>Hallo</p>');
  expect(parsed.attachments.map(({ type }) => type)).toEqual(['image/jpeg', 'application/octet-stream']);
  expect(parsed.attachments[0]!.name).toBe('photo “1”.jpg');
  expect(parsed.attachments.map(({ content }) => content)).toEqual(files.map(({ content }) => content));
  const head = fromUtf8(bytes);
  // The best comes last (RFC 2046, 5.1.4).
  expect(head).toMatch(/multipart\/alternative[^]*text\/plain[^]*text\/html/);
  expect(head).not.toMatch(/^X/m);
  expect(head).toMatch(/^Date: Fri, 02 Jan 2026 03:04:05 \+0000\r$/m);
});

test('the same message gives the same bytes; every line is within RFC 5322’s limit', async () => {
  const subject = 'A very long subject: '.repeat(40).trim();
  const once = await assembled(subject, 'x'.repeat(5000), undefined, []);
  expect(await assembled(subject, 'x'.repeat(5000), undefined, [])).toEqual(once);
  const longest = Math.max(
    ...fromUtf8(once)
      .split('\r\n')
      .map((line) => line.length),
  );
  expect(longest).toBeLessThanOrEqual(998);
  expect((await parseMime(once)).subject).toBe(subject);
});

test('base64 in lines is what a naive encoder gives, however the bytes come', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (pieces) => {
      const lines = new Base64Lines(76);
      const out = [...pieces.map((piece) => lines.push(Uint8Array.from(piece))), lines.end()];
      const naive =
        Buffer.concat(pieces)
          .toString('base64')
          .match(/.{1,76}/g) ?? [];
      expect(fromUtf8(concat(...out))).toBe(naive.join('\r\n'));
      expect(concat(...out).length).toBe(base64LinesLength(Buffer.concat(pieces).length, 76));
    }),
  );
});

test('subjects and texts of any characters come back', async () => {
  const words = fc.string({ unit: 'grapheme', maxLength: 200 }).filter((text) => /^\S(.*\S)?$/.test(text));
  await fc.assert(
    fc.asyncProperty(words, words, async (subject, text) => {
      const parsed = await parseMime(await assembled(subject, text, undefined, []));
      expect(parsed.subject).toBe(subject);
      expect(parsed.text.replace(/\n$/, '')).toBe(text);
    }),
    { numRuns: 50 },
  );
});
