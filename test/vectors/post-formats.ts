/** What POST and mail store, sign and send, computed from fixed values: hexadecimal encodings by name. */
import { toHex, utf8, type Bytes } from '../../src/core/codec/bytes.ts';
import { sha256 } from '../../src/core/crypto/hash.ts';
import { mailEntryCodec, type Change } from '../../src/core/mail/entries.ts';
import { entryV1Codec } from '../../src/core/mail/entries-v1.ts';
import { noEvidence } from '../../src/core/mail/evidence-schema.ts';
import {
  mailNoticeCodec,
  mailReceiptCodec,
  messageIdOf,
  ownCopyIdOf,
  type MailHeaders,
} from '../../src/core/mail/headers.ts';
import { messageCodec } from '../../src/core/mail/message.ts';
import { skeletonCodec } from '../../src/core/mail/mime.ts';
import { jobCodec } from '../../src/core/mail/outbox.ts';
import { owedCodec } from '../../src/core/mail/receipts.ts';
import { orphanCodec, referencesCodec } from '../../src/core/mail/reference-index.ts';
import { replicationCodec } from '../../src/core/mail/replication.ts';
import { trashedCodec } from '../../src/core/mail/trash.ts';
import { deviceCodec, personCodec } from '../../src/core/post/accounts.ts';
import { followedStateCodec } from '../../src/core/post/followed-log.ts';
import {
  chainAfter,
  chainOrigin,
  logClusterCodec,
  logHeadCodec,
  logIndexCodec,
} from '../../src/core/post/log-head.ts';
import { journalStateCodec } from '../../src/core/post/log-journal.ts';
import { snapshotPartCodec } from '../../src/core/post/log-snapshot.ts';
import { indexCodec, manifestCodec } from '../../src/core/post/manifest.ts';
import {
  acknowledgementCodec,
  notificationCodec,
  pad,
  sealedNotificationCodec,
} from '../../src/core/post/notification.ts';
import { copiesCodec, presenceCodec } from '../../src/core/post/presence.ts';
import { uploadCodec } from '../../src/core/post/upload.ts';

const fill = (length: number, value: number): Bytes => new Uint8Array(length).fill(value);
const at = Date.UTC(2026, 0, 1);
const v = 1 as const;
const key = sha256(utf8('a block'));
const device = fill(32, 1);
const identityKey = fill(32, 2);
const signature = fill(64, 3);
const ring = fill(32, 4);
const nonce = fill(16, 5);
const name = 'ann@example.org';

const dates = { notBefore: at, notAfter: at + 1 };
const identity = {
  body: { v, ring, name, signKey: identityKey, serial: 1, ...dates },
  signature: fill(384, 6),
};
const node = {
  body: { v, ring, nodeId: key, peerKey: device, name, role: 'tab' as const, quotaBytes: 1, ...dates },
  signature: fill(384, 6),
};
const deviceCertificate = {
  body: { v, identityKey, deviceKey: device, nodeId: key, label: 'Tab', createdAt: at },
  signature,
};
const prekey = {
  body: { v, deviceKey: device, publicKey: fill(32, 7), fallback: false, ...dates },
  signature,
};
const block = {
  v,
  name,
  displayName: 'Ann',
  identityCertificate: identity,
  devices: [{ certificate: deviceCertificate, prekeys: [prekey] }],
};
const reference = { v, ring, key, manifest: false, secret: fill(32, 8), plaintextHash: key, sizeBytes: 9 };
const headers: MailHeaders = {
  nonce,
  from: { name: 'Ann', address: name },
  to: [{ name: 'Bob', address: 'bob@example.org' }],
  cc: [],
  subject: 'Subject',
  preview: 'Text',
  at,
  inReplyTo: fill(16, 9),
  attachments: [{ name: 'a.txt', type: 'text/plain', sizeBytes: 9 }],
};
const message = messageIdOf(identityKey, nonce);
const origin = chainOrigin(device);
const entries = [utf8('sealed 0'), utf8('sealed 1')];
const cluster = { v: 2 as const, first: 0, before: origin, entries };
const levels = [[{ key, end: 2 }]];
const snapshot = { next: 2, chain: key, segments: [{ end: 2, tier: 0, parts: [key] }] };
const record = {
  body: { v, writer: device, label: 'mailbox', version: 3, value: utf8('a head'), at },
  signature,
};
const notification = {
  v,
  body: { v, id: nonce, from: identityKey, to: device, kind: 'mail', content: utf8('content'), at },
  signature,
  identity,
  device: deviceCertificate,
};
const receipt = { body: { v, kind: 'inbox' as const, key, held: key, holder: device, at }, signature };

export function computePostFormats(): Record<string, string> {
  return hexadecimal({
    manifest: manifestCodec.encode({
      v,
      sizeBytes: 9,
      chunks: [{ key, secret: fill(32, 8), plaintextHash: key, sizeBytes: 9 }],
    }),
    'index of manifests': indexCodec.encode({
      v,
      sizeBytes: 9,
      manifests: [{ key, secret: fill(32, 8), plaintextHash: key, sizeBytes: 9 }],
    }),
    'log: origin of the chain': origin,
    'log: chain after two entries': chainAfter(origin, entries),
    'log: cluster': logClusterCodec.encode({ ...cluster, device }),
    'log: index': logIndexCodec.encode({ v: 2, device, level: 0, links: [{ key, end: 2 }] }),
    'log: head': logHeadCodec.encode({
      ...cluster,
      first: 2,
      levels,
      snapshot,
      seen: [{ device, next: 2, chain: key, version: 3 }],
    }),
    'log: snapshot part': snapshotPartCodec.encode({ v, device, end: 2, entries }),
    'disk: state of the journal': journalStateCodec.encode({
      v: 2,
      version: 3,
      first: 2,
      before: origin,
      levels,
      snapshot,
      published: 2,
    }),
    'disk: followed log': followedStateCodec.encode({
      v,
      next: 2,
      chain: key,
      base: { next: 0, chain: origin },
      head: record,
      against: null,
    }),
    'disk: upload': uploadCodec.encode({ v, startedAt: at, stored: fill(3, 5), holders: 3, wanted: 4 }),
    'disk: person': personCodec.encode({ v, block, version: 2, fetchedAt: at }),
    'disk: device': deviceCodec.encode({ v, certificate: deviceCertificate }),
    notification: notificationCodec.encode(notification),
    'notification: SHA-256 of the padded': sha256(pad(notificationCodec.encode(notification))),
    'notification: sealed': sealedNotificationCodec.encode({
      v,
      prekey: fill(32, 7),
      encapsulated: fill(32, 8),
      ciphertext: utf8('ciphertext'),
    }),
    'presence: here': presenceCodec.encode({ v, kind: 'here' }),
    'presence: copies': copiesCodec.encode({ v, sealed: [fill(40, 7), fill(50, 8)] }),
    'notification: acknowledgement': acknowledgementCodec.encode({ v, receipt, certificate: node }),
  });
}

export function computeMailFormats(): Record<string, string> {
  const changes: Record<string, Parameters<typeof entryV1Codec.encode>[0]['change']> = {
    add: { kind: 'add', message, folder: 'inbox', unread: true, from: identityKey, headers, reference },
    move: { kind: 'move', message, folder: 'archive' },
    flag: { kind: 'flag', message, unread: false },
    remove: { kind: 'remove', message },
    delivery: {
      kind: 'delivery',
      message,
      recipients: ['bob@example.org'],
      state: 'stored',
      at,
      reason: null,
      evidence: {
        by: 'replicas',
        holders: 3,
        wanted: 3,
        signatures: [{ signer: device, about: key, at, signature }],
      },
    },
    bounce: {
      kind: 'delivery',
      message,
      recipients: ['bob@example.org'],
      state: 'bounced',
      at,
      reason: 'No.',
      evidence: noEvidence,
    },
    person: { kind: 'person', address: name, name: 'Ann', identityKey },
    setting: { kind: 'setting', name: 'read-receipts', value: true },
  };
  const log = Object.entries(changes).map(([kind, change]): [string, Bytes] => [
    `entry: ${kind}`,
    entryV1Codec.encode({ v, lamport: 7, change }),
  ]);
  const messages = [message];
  const folder = 'own-0123456789abcdef';
  const label = '0123456789abcdef';
  const changesNow: Record<string, Change> = {
    add: { kind: 'add', message, folder: 'requests', unread: true, from: identityKey, headers, reference },
    move: { kind: 'move', messages, folder },
    flag: { kind: 'flag', messages, flag: 'starred', on: true },
    label: { kind: 'label', messages, label, on: true },
    remove: { kind: 'remove', messages },
    standing: { kind: 'standing', address: name, standing: 'blocked' },
    verified: { kind: 'verified', address: name, identityKey, at },
    folder: { kind: 'folder', folder, name: 'Travel' },
    'label-name': { kind: 'label-name', label, name: 'Urgent', hue: 12 },
    rule: {
      kind: 'rule',
      id: fill(8, 1),
      rule: {
        place: 1,
        from: 'bob',
        to: null,
        subject: null,
        hasAttachment: true,
        folder,
        labels: [label],
        read: false,
        star: true,
      },
    },
    setting: { kind: 'setting', setting: { name: 'requests', value: 'everybody' } },
  };
  const logNow = Object.entries(changesNow).map(([kind, change]): [string, Bytes] => [
    `entry, version 2: ${kind}`,
    mailEntryCodec.encode({ lamport: 7, change }),
  ]);
  return hexadecimal({
    'id of a message': message,
    'id of an own copy': ownCopyIdOf(message),
    notice: mailNoticeCodec.encode({ v, headers, reference }),
    receipt: mailReceiptCodec.encode({ v, message, state: 'received' }),
    message: messageCodec.encode({
      v,
      headers,
      text: { inline: 'Text' },
      html: { reference },
      parts: [{ name: 'a.txt', type: 'text/plain', sizeBytes: 9, reference }],
    }),
    'MIME skeleton': skeletonCodec.encode({
      v,
      segments: [{ literal: utf8('Subject: x\r\n') }, { reference, encoding: 'base64', lineLength: 76 }],
    }),
    'disk: outbox job': jobCodec.encode({ v, blocks: [{ key, sizeBytes: 25 }], inboxed: [0] }),
    'disk: replication job': replicationCodec.encode({ v, blocks: [{ key, sizeBytes: 25 }] }),
    'disk: references': referencesCodec.encode({ v, blocks: [{ key, sizeBytes: 25 }] }),
    'disk: orphan': orphanCodec.encode({ v, since: at, ofLog: true }),
    'disk: trashed': trashedCodec.encode({ v, since: at, lamport: 7, device: toHex(device) }),
    'disk: owed receipt': owedCodec.encode({ v, count: 4 }),
    'disk: owed receipt, dated': owedCodec.encode({ v, count: 4, at: 1_800_000_000_000 }),
    ...Object.fromEntries([...log, ...logNow]),
  });
}

function hexadecimal(encodings: Record<string, Bytes>): Record<string, string> {
  return Object.fromEntries(Object.entries(encodings).map(([name, bytes]) => [name, toHex(bytes)]));
}
