/** What a person does to a selection, what rules do to mail that comes, and version 1 of the entries. */
import { describe, expect, test } from 'vitest';
import { fromHex, toHex, utf8, type Bytes } from '../../../src/core/codec/bytes.ts';
import { sha256 } from '../../../src/core/crypto/hash.ts';
import { changesOf, type MailboxCommand } from '../../../src/core/mail/commands.ts';
import { entryV1Codec } from '../../../src/core/mail/entries-v1.ts';
import { mailEntryCodec, MESSAGES_MAX, type Change } from '../../../src/core/mail/entries.ts';
import type { Folder } from '../../../src/core/mail/folders.ts';
import type { MailHeaders } from '../../../src/core/mail/headers.ts';
import { Mailbox } from '../../../src/core/mail/mailbox.ts';
import { contactView, People } from '../../../src/core/mail/mailbox-view.ts';
import type { Rule } from '../../../src/core/mail/rules.ts';
import { sorted } from '../../../src/core/mail/sorting.ts';

const hash = sha256(utf8('x'));
const DOMAIN = 'example.org';

function headersFrom(address: string, changes: Partial<MailHeaders> = {}): MailHeaders {
  return {
    nonce: new Uint8Array(16),
    from: { name: '', address },
    to: [{ name: '', address: 'ada@example.org' }],
    cc: [],
    subject: 'Subject',
    preview: '',
    at: 0,
    inReplyTo: null,
    attachments: [],
    ...changes,
  };
}

function idOf(n: number): Bytes {
  return sha256(utf8(`message ${n}`)).slice(0, 16);
}

class Box extends Mailbox {
  #time = 0;

  note(...changes: readonly Change[]): void {
    for (const change of changes) this.apply('d', { lamport: ++this.#time, change });
  }

  put(n: number, folder: Folder, headers = headersFrom('bob@example.org')): string {
    const reference = {
      v: 1,
      ring: hash,
      key: hash,
      manifest: false,
      secret: hash,
      plaintextHash: hash,
      sizeBytes: 1,
    } as const;
    this.note({ kind: 'add', message: idOf(n), folder, unread: true, from: hash, headers, reference });
    return toHex(idOf(n));
  }

  do(command: MailboxCommand): readonly Change[] {
    const changes = changesOf(command, this, 1);
    this.note(...changes);
    return changes;
  }

  where(id: string): string {
    return this.folderOf(this.item(id)!);
  }
}

describe('commands', () => {
  test('a selection is one change; done again it is none', () => {
    const box = new Box();
    const messages = [1, 2, 3].map((n) => box.put(n, 'inbox'));
    const star: MailboxCommand = { kind: 'flag', messages, flag: 'starred', on: true };
    expect(box.do(star)).toHaveLength(1);
    expect(messages.every((id) => box.item(id)!.starred)).toBe(true);
    expect(box.do(star)).toEqual([]);
    expect(
      box.do({ kind: 'move', messages: [...messages, 'ff'.repeat(16)], folder: 'archive' }),
    ).toHaveLength(1);
    expect(messages.map((id) => box.where(id))).toEqual(['archive', 'archive', 'archive']);
  });

  test('many messages go in as few entries as hold them, each small enough for the log', () => {
    const box = new Box();
    const messages = Array.from({ length: MESSAGES_MAX + 1 }, (_, n) => box.put(n, 'inbox'));
    const changes = box.do({ kind: 'label', messages, label: '0123456789abcdef', on: true });
    expect(changes).toHaveLength(2);
    for (const change of changes) {
      const decoded = mailEntryCodec.decode(mailEntryCodec.encode({ lamport: 1, change }));
      expect(decoded.ok).toBe(true);
    }
  });

  test('a key that was compared is verified, another one later is a changed key, also on messages', () => {
    const box = new Box();
    const address = 'bob@example.org';
    const [former, present] = [sha256(utf8('former key')), sha256(utf8('present key'))];
    const trust = (): readonly boolean[] => {
      const { verified, keyChanged } = contactView(address, box);
      return [verified, keyChanged];
    };
    const ofMessage = (key: Bytes): readonly boolean[] => {
      const { verified, keyChanged } = new People(box, {
        address: 'ada@example.org',
        identityKey: '00',
      }).sender({ address, name: '' }, toHex(key));
      return [verified, keyChanged];
    };
    expect(trust()).toEqual([false, false]);
    box.note({ kind: 'person', address, name: 'Bob', identityKey: former });
    expect(trust()).toEqual([false, false]);
    box.do({ kind: 'verified', address, identityKey: toHex(former) });
    expect(trust()).toEqual([true, false]);
    box.note({ kind: 'person', address, name: 'Bob', identityKey: present });
    expect(trust()).toEqual([false, true]);
    expect(ofMessage(present)).toEqual([false, true]);
    expect(ofMessage(former)).toEqual([true, false]);
    box.do({ kind: 'verified', address, identityKey: null });
    expect(trust()).toEqual([false, false]);
  });

  test('a folder that is no more leaves its messages in the archive; a label that is no more is not shown', () => {
    const box = new Box();
    const id = box.put(1, 'inbox');
    const folder = 'own-0123456789abcdef';
    box.do({ kind: 'folder', folder, name: 'Travel' });
    box.do({ kind: 'move', messages: [id], folder });
    expect(box.where(id)).toBe(folder);
    box.do({ kind: 'folder', folder, name: null });
    expect(box.where(id)).toBe('archive');
    expect(box.folders()).toEqual([]);
    const label = '0123456789abcdef';
    box.do({ kind: 'label-name', label, name: 'Urgent', hue: 3 });
    box.do({ kind: 'label', messages: [id], label, on: true });
    expect(box.labelsOf(box.item(id)!)).toEqual([label]);
    box.do({ kind: 'label-name', label, name: null, hue: 0 });
    expect(box.labelsOf(box.item(id)!)).toEqual([]);
  });

  test('requests of somebody go where their sender belongs', () => {
    const box = new Box();
    const ids = [
      box.put(1, 'requests'),
      box.put(2, 'requests'),
      box.put(3, 'requests', headersFrom('eve@example.net')),
    ];
    box.do({ kind: 'standing', address: 'bob@example.org', standing: 'accepted' });
    expect(ids.map((id) => box.where(id))).toEqual(['inbox', 'inbox', 'requests']);
    box.do({ kind: 'standing', address: 'eve@example.net', standing: 'blocked' });
    expect(box.where(ids[2]!)).toBe('spam');
  });
});

describe('mail that comes', () => {
  const place = (box: Mailbox, headers: MailHeaders): string => sorted(idOf(99), headers, box, DOMAIN).folder;

  test('waits as a request when its sender is of elsewhere and new, until they are accepted, answered or written to', () => {
    const stranger = headersFrom('eve@example.net');
    const box = new Box();
    expect(place(box, stranger)).toBe('requests');
    expect(place(box, headersFrom('cleo@example.org'))).toBe('inbox');
    const written = box.put(
      1,
      'sent',
      headersFrom('ada@example.org', { to: [{ name: '', address: 'eve@example.net' }] }),
    );
    expect(place(box, stranger)).toBe('inbox');
    box.do({ kind: 'remove', messages: [written] });
    expect(place(box, stranger)).toBe('requests');
    const asked = box.put(2, 'sent', headersFrom('ada@example.org'));
    expect(place(box, { ...stranger, inReplyTo: fromHex(asked) })).toBe('inbox');
    box.do({ kind: 'standing', address: 'eve@example.net', standing: 'accepted' });
    expect(place(box, stranger)).toBe('inbox');
  });

  test.each([
    ['everybody', 'requests', 'requests'],
    ['outsiders', 'inbox', 'requests'],
    ['nobody', 'inbox', 'inbox'],
  ] as const)('of new people, when %s should ask first', (value, colleague, stranger) => {
    const box = new Box();
    box.do({ kind: 'setting', setting: { name: 'requests', value } });
    expect(place(box, headersFrom('cleo@example.org'))).toBe(colleague);
    expect(place(box, headersFrom('eve@example.net'))).toBe(stranger);
  });

  test('of blocked people is spam, of muted ones goes by unread counts', () => {
    const box = new Box();
    box.do({ kind: 'standing', address: 'bob@example.org', standing: 'blocked' });
    expect(sorted(idOf(1), headersFrom('bob@example.org'), box, DOMAIN)).toMatchObject({
      folder: 'spam',
      unread: false,
    });
    box.do({ kind: 'standing', address: 'bob@example.org', standing: 'muted' });
    expect(sorted(idOf(1), headersFrom('bob@example.org'), box, DOMAIN)).toMatchObject({
      folder: 'archive',
      unread: false,
    });
  });

  test('is filed by every rule that fits, in their order', () => {
    const box = new Box();
    const label = '0123456789abcdef';
    box.do({ kind: 'label-name', label, name: 'Bills', hue: 1 });
    const rule = (changes: Partial<Rule>): Rule => ({
      place: 0,
      from: null,
      to: null,
      subject: null,
      hasAttachment: null,
      folder: null,
      labels: [],
      read: false,
      star: false,
      ...changes,
    });
    const rules = [
      rule({ place: 2, subject: 'INVOICE', folder: 'archive', star: true }),
      rule({ place: 1, from: 'bob', folder: 'trash', labels: [label, 'ffffffffffffffff'] }),
      rule({ place: 3, from: 'bob', hasAttachment: true, read: true }),
      rule({ place: 4, read: true }),
    ];
    rules.forEach((one, i) => box.do({ kind: 'rule', id: toHex(new Uint8Array(8).fill(i)), rule: one }));
    const message = idOf(1);
    expect(sorted(message, headersFrom('bob@example.org', { subject: 'Your invoice' }), box, DOMAIN)).toEqual(
      {
        folder: 'archive',
        unread: true,
        also: [
          { kind: 'label', messages: [message], label, on: true },
          { kind: 'flag', messages: [message], flag: 'starred', on: true },
        ],
      },
    );
    const attachments = [{ name: 'a', type: 't', sizeBytes: 1 }];
    expect(sorted(message, headersFrom('bob@example.org', { attachments }), box, DOMAIN)).toMatchObject({
      folder: 'trash',
      unread: false,
    });
    expect(sorted(message, headersFrom('cleo@example.org'), box, DOMAIN)).toMatchObject({
      folder: 'inbox',
      unread: true,
    });
  });
});

test('entries of version 1 say what they said', () => {
  const message = idOf(1);
  const read = (change: Parameters<typeof entryV1Codec.encode>[0]['change']): unknown => {
    const decoded = mailEntryCodec.decode(entryV1Codec.encode({ v: 1, lamport: 7, change }));
    return decoded.ok ? decoded.value : decoded;
  };
  const messages = [message];
  expect(read({ kind: 'move', message, folder: 'archive' })).toEqual({
    lamport: 7,
    change: { kind: 'move', messages, folder: 'archive' },
  });
  expect(read({ kind: 'flag', message, unread: false })).toEqual({
    lamport: 7,
    change: { kind: 'flag', messages, flag: 'unread', on: false },
  });
  expect(read({ kind: 'remove', message })).toEqual({ lamport: 7, change: { kind: 'remove', messages } });
  expect(read({ kind: 'setting', name: 'read-receipts', value: true })).toEqual({
    lamport: 7,
    change: { kind: 'setting', setting: { name: 'read-receipts', value: true } },
  });
});
