/** Every decoder of POST and mail, given arbitrary bytes and changed valid messages: a refusal with a code, no throw. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/adapters/memory/random.ts';
import { memoryVault } from '../../src/adapters/memory/vault.ts';
import { fromHex, type Bytes } from '../../src/core/codec/bytes.ts';
import type { Codec } from '../../src/core/codec/schema.ts';
import { mailEntryCodec } from '../../src/core/mail/entries.ts';
import { mailNoticeCodec, mailReceiptCodec } from '../../src/core/mail/headers.ts';
import { Mailbox } from '../../src/core/mail/mailbox.ts';
import { messageCodec } from '../../src/core/mail/message.ts';
import { parseMime, skeletonCodec } from '../../src/core/mail/mime.ts';
import { jobCodec } from '../../src/core/mail/outbox.ts';
import { followedStateCodec } from '../../src/core/post/followed-log.ts';
import { logClusterCodec, logHeadCodec, logIndexCodec } from '../../src/core/post/log-head.ts';
import { journalStateCodec } from '../../src/core/post/log-journal.ts';
import { snapshotPartCodec } from '../../src/core/post/log-snapshot.ts';
import { indexCodec, manifestCodec } from '../../src/core/post/manifest.ts';
import {
  acknowledgementCodec,
  notificationCodec,
  openNotification,
  pad,
  sealedNotificationCodec,
  unpad,
  verifyNotification,
} from '../../src/core/post/notification.ts';
import { copiesCodec, presenceCodec } from '../../src/core/post/presence.ts';
import { uploadCodec } from '../../src/core/post/upload.ts';
import { computeMailFormats, computePostFormats } from '../vectors/post-formats.ts';
import { anyBytes, mutated } from './mutations.ts';

const codes = ['too-large', 'malformed', 'unknown-version', 'bad-schema'];
const post = computePostFormats();
const mail = computeMailFormats();

function valid(formats: Record<string, string>, ...names: string[]): Bytes[] {
  return names.map((name) => fromHex(formats[name]!));
}

const entryNames = Object.keys(mail).filter((name) => name.startsWith('entry'));
const formats: readonly (readonly [Pick<Codec<unknown>, 'name' | 'encode' | 'decode'>, readonly Bytes[]])[] =
  [
    [manifestCodec, valid(post, 'manifest')],
    [indexCodec, valid(post, 'index of manifests')],
    [
      uploadCodec,
      [uploadCodec.encode({ v: 1, startedAt: 1, stored: new Uint8Array(3), holders: 2, wanted: 3 })],
    ],
    [presenceCodec, valid(post, 'presence: here')],
    [copiesCodec, valid(post, 'presence: copies')],
    [logHeadCodec, valid(post, 'log: head')],
    [logClusterCodec, valid(post, 'log: cluster')],
    [logIndexCodec, valid(post, 'log: index')],
    [snapshotPartCodec, valid(post, 'log: snapshot part')],
    [journalStateCodec, valid(post, 'disk: state of the journal')],
    [followedStateCodec, valid(post, 'disk: followed log')],
    [notificationCodec, valid(post, 'notification')],
    [sealedNotificationCodec, valid(post, 'notification: sealed')],
    [acknowledgementCodec, valid(post, 'notification: acknowledgement')],
    [mailNoticeCodec, valid(mail, 'notice')],
    [mailReceiptCodec, valid(mail, 'receipt')],
    [messageCodec, valid(mail, 'message')],
    [skeletonCodec, valid(mail, 'MIME skeleton')],
    [jobCodec, valid(mail, 'disk: outbox job')],
    [mailEntryCodec, valid(mail, ...entryNames)],
  ];

describe.each(formats.map(([codec, bytes]) => [codec.name, codec, bytes] as const))(
  '%s',
  (_, codec, bytes) => {
    it('is refused with a code, or read and written the same', () => {
      fc.assert(
        fc.property(fc.oneof(anyBytes, mutated(bytes)), (input) => {
          const decoded = codec.decode(input);
          if (!decoded.ok) expect(codes).toContain(decoded.code);
          else expect(codec.decode(codec.encode(decoded.value))).toEqual(decoded);
        }),
        { numRuns: 400 },
      );
    });
  },
);

it('padding comes off again, whatever is in it; other padding is refused', () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      expect(unpad(pad(bytes))).toEqual({ ok: true, value: bytes });
      const changed = unpad(bytes);
      if (!changed.ok) expect(changed.code).toBe('bad-padding');
    }),
  );
});

it('a sealed notification of any bytes is refused, never thrown', async () => {
  const vault = memoryVault(new SeededRandom('fuzz'));
  await vault.begin();
  await vault.commit();
  const sealed = valid(post, 'notification: sealed');
  await fc.assert(
    fc.asyncProperty(fc.oneof(anyBytes, mutated(sealed)), async (input) => {
      expect((await openNotification(input, vault)).ok).toBe(false);
    }),
    { numRuns: 200 },
  );
});

it('a changed notification never verifies', async () => {
  const trust = { ring: new Uint8Array(32), authorityKey: new Uint8Array(300) };
  await fc.assert(
    fc.asyncProperty(mutated(valid(post, 'notification')), async (input) => {
      const decoded = notificationCodec.decode(input);
      if (!decoded.ok) return;
      const { to, at } = decoded.value.body;
      expect((await verifyNotification(decoded.value, trust, to, at)).ok).toBe(false);
    }),
    { numRuns: 200 },
  );
});

it('a mailbox takes any entry that decodes', () => {
  fc.assert(
    fc.property(fc.array(mutated(valid(mail, ...entryNames)), { maxLength: 20 }), (inputs) => {
      const mailbox = new Mailbox();
      for (const input of inputs) {
        const entry = mailEntryCodec.decode(input);
        if (entry.ok) mailbox.apply('device', entry.value);
      }
      for (const item of mailbox.items()) expect(item.id).toHaveLength(32);
    }),
  );
});

it('MIME from elsewhere may be anything', async () => {
  const pieces = fc.constantFrom(
    'Content-Type: multipart/mixed; boundary="b"\r\n',
    'Content-Type: text/html; charset=x\r\n',
    'Content-Transfer-Encoding: base64\r\n',
    'Subject: =?utf-8?B?////?=\r\n',
    'Content-Disposition: attachment; filename="\0"\r\n',
    '\r\n',
    '--b\r\n',
    '--b--\r\n',
    '=3D=\r\n',
    'AAAA',
    '\xff\xfe',
  );
  const message = fc.array(fc.oneof(pieces, fc.string({ maxLength: 20 })), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(message, async (lines) => {
      const parsed = await parseMime(Uint8Array.from(Buffer.from(lines.join(''), 'latin1')));
      expect(typeof parsed.text).toBe('string');
    }),
    { numRuns: 200 },
  );
});
