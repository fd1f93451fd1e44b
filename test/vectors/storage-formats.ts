/** What storage sends and keeps, computed from fixed values: hexadecimal encodings by name. */
import { toHex, utf8, type Bytes } from '../../src/core/codec/bytes.ts';
import { sha256 } from '../../src/core/crypto/hash.ts';
import { claimCodec } from '../../src/core/storage/claims.ts';
import {
  claimKey,
  heldIndex,
  indexKey,
  leaseKey,
  mirrorsKey,
  placeOf,
  pointerKey,
  releaseKey,
  timeBytes,
  tombstoneKey,
  urgentKey,
} from '../../src/core/storage/layout.ts';
import { mirrorMemoryCodec } from '../../src/core/storage/mirror-memory.ts';
import { pointerCodec } from '../../src/core/storage/pointers.ts';
import { presenceCodec, SLOTS } from '../../src/core/storage/presence.ts';
import * as wire from '../../src/core/storage/wire.ts';

const fill = (length: number, value: number): Bytes => new Uint8Array(length).fill(value);
const at = Date.UTC(2026, 0, 1);
const key = sha256(utf8('a block'));
const held = sha256(utf8('a body'));
const peer = fill(32, 1);
const signature = fill(64, 2);
const v = 1 as const;

const receipt = { body: { v, kind: 'block' as const, key, held, holder: peer, at }, signature };
const record = {
  body: { v, writer: peer, label: 'head', version: 3, value: utf8('value'), at },
  signature,
};
const entry = { body: { v, owner: fill(32, 3), from: peer, sealed: utf8('sealed'), at }, signature };
const clear = { body: { v, owner: fill(32, 3), entries: [held], at }, signature };
const certificate = {
  body: {
    v,
    ring: fill(32, 4),
    name: 'ann@example.org',
    signKey: peer,
    serial: 1,
    notBefore: at,
    notAfter: at + 1,
  },
  signature: fill(384, 5),
};
const nodeCertificate = {
  body: {
    v,
    ring: fill(32, 4),
    nodeId: held,
    peerKey: peer,
    name: 'ann@example.org',
    role: 'tab' as const,
    quotaBytes: 1,
    notBefore: at,
    notAfter: at + 1,
  },
  signature: fill(384, 5),
};
const lease = {
  body: { v, key, holder: peer, sizeBytes: 7, at, until: at + 1 },
  signature,
  certificate: nodeCertificate,
};
const item = { kind: 'record' as const, key, version: 3, held };

export function computeStorageFormats(): Record<string, string> {
  const encodings: Record<string, Bytes> = {
    'disk: lease': wire.leaseCodec.encode(lease),
    'disk: record': wire.recordCodec.encode(record),
    'disk: inbox clear': wire.inboxClearCodec.encode(clear),
    'disk: inbox entry, also append-inbox': wire.certifiedEntryCodec.encode({
      v,
      entry,
      certificate: nodeCertificate,
    }),
    'disk: index entry': heldIndex.encode({
      v,
      sizeBytes: 7,
      version: 3,
      held,
      check: key,
      pinned: true,
      inserted: false,
      damaged: false,
    }),
    'disk: memory of mirrors': mirrorMemoryCodec.encode({
      v,
      keys: key,
      mirrors: [{ nodeId: held, from: key, to: held, held: fill(1, 1) }],
    }),
    'disk: key of the memory of mirrors': mirrorsKey(),
    'disk of a relay: presence log': presenceCodec.encode({
      v,
      startedAt: at,
      sampledAt: at + 1,
      self: { share: 990_000, samples: 2 },
      slots: Array.from({ length: SLOTS }, (_, samples) => ({
        copies: 300_000,
        devices: 5_000_000,
        samples,
      })),
      devices: [{ nodeId: held, firstAt: at, lastAt: at + 1, share: 500_000, samples: 2 }],
    }),
    'disk: key of a block': indexKey(placeOf('block', key)),
    'disk: key of a record': indexKey(placeOf('record', key)),
    'disk: key of a certificate': indexKey(placeOf('certificate', key)),
    'disk: key of an inbox entry': indexKey(placeOf('inbox', key, held)),
    'disk: key of a clear': indexKey(placeOf('clear', key, timeBytes(at))),
    'disk: key of a lease': leaseKey(key, held),
    'disk: key of a release': releaseKey(key),
    'disk: key of a tombstone': tombstoneKey(key, held),
    'disk: claim, also lease to be told': claimCodec.encode({ v, sizeBytes: 7 }),
    'disk: key of a claim': claimKey(key),
    'disk: pointer': pointerCodec.encode({ v, nodeId: held, peerKey: peer, at }),
    'disk: pointer, the holder not heard yet': pointerCodec.encode({
      ...{ v, nodeId: held, peerKey: peer, at },
      unheard: true,
    }),
    'disk: pointer with a challenge': pointerCodec.encode({
      ...{ v, nodeId: held, peerKey: peer, at },
      ...{ provedAt: at, challenges: [{ nonce: new Uint8Array(16), proof: held }] },
    }),
    'disk: key of a pointer': pointerKey(key),
    'disk: key of a lease to be told': urgentKey(key),
    'put-block': wire.putBlockRequest.encode({ v, key, leases: [lease], block: utf8('a block') }),
    'put-block, claim': wire.putBlockRequest.encode({ v, key, leases: [lease], block: null }),
    'put-block reply': wire.putBlockReply.encode({ v, receipt }),
    'put-block reply, diverted': wire.putBlockReply.encode({ v, receipt, holder: nodeCertificate }),
    'get-block': wire.keyRequest.encode({ v, key }),
    'get-block reply': wire.getBlockReply.encode({ v, block: utf8('a block'), leases: [lease] }),
    'read-block reply': wire.readBlockReply.encode({ v, block: utf8('a block') }),
    lease: wire.leaseRequest.encode({ v, leases: [lease] }),
    'lease reply': wire.leaseReply.encode({
      v,
      answers: ['kept', 'missing', 'crowded', 'over-quota', 'refused'],
    }),
    leases: wire.leasesRequest.encode({ v, key, after: held }),
    'leases reply': wire.leasesReply.encode({ v, leases: [lease], more: false }),
    'put-record': wire.putRecordRequest.encode({ v, record }),
    'put-record reply': wire.putRecordReply.encode({ v, receipt: null, newer: record }),
    'get-record reply': wire.getRecordReply.encode({ v, record }),
    'put-certificate': wire.putCertificateRequest.encode({ v, certificate }),
    'put-certificate reply': wire.putCertificateReply.encode({ v, receipt, newer: null }),
    'get-certificate reply': wire.getCertificateReply.encode({ v, certificate }),
    'append-inbox reply': wire.receiptReply.encode({ v, receipt }),
    'read-inbox': wire.readInboxRequest.encode({ v, key, after: null }),
    'read-inbox reply': wire.readInboxReply.encode({ v, entries: [entry], held: [], sizes: [], next: null }),
    'read-inbox reply: names': wire.readInboxReply.encode({
      v,
      entries: [],
      held: [held],
      sizes: [2700],
      next: fill(64, 6),
    }),
    'inbox-entries': wire.inboxEntriesRequest.encode({ v, key, held: [held] }),
    'inbox-entries reply': wire.inboxEntriesReply.encode({ v, entries: [entry] }),
    'clear-inbox': wire.clearInboxRequest.encode({ v, clear }),
    'clear-inbox reply': wire.clearInboxReply.encode({ v }),
    has: wire.hasRequest.encode({ v, keys: [key] }),
    'has reply': wire.hasReply.encode({ v, held: [true] }),
    'pointer reply': wire.pointerReply.encode({ v, holder: held }),
    offer: wire.offerRequest.encode({ v, items: [item] }),
    'offer reply': wire.offerReply.encode({ v, answers: ['have', 'want', 'newer', 'later', 'full'] }),
  };
  return Object.fromEntries(Object.entries(encodings).map(([name, bytes]) => [name, toHex(bytes)]));
}
