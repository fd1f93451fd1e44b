/** Every decoder of codec and identity, given arbitrary bytes and changed valid messages: a refusal with a code, no throw. */
import fc from 'fast-check';
import * as v from 'valibot';
import { beforeAll, describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/adapters/memory/random.ts';
import { memoryVault } from '../../src/adapters/memory/vault.ts';
import { equalBytes, utf8, type Bytes } from '../../src/core/codec/bytes.ts';
import { parseHandle } from '../../src/core/codec/handle.ts';
import type { Result } from '../../src/core/codec/result.ts';
import { decodeCbor, encodeCbor } from '../../src/core/codec/cbor.ts';
import { codec, type Codec } from '../../src/core/codec/schema.ts';
import { decryptChunk } from '../../src/core/crypto/convergent.ts';
import { sealKey, unseal } from '../../src/core/crypto/seal.ts';
import { verifyEd25519, verifyRsa } from '../../src/core/crypto/sign.ts';
import { memberEntryCodec, nodeEntryCodec } from '../../src/core/identity/authority-ledger.ts';
import {
  identityCertificateCodec,
  nodeCertificateCodec,
  ringDescriptorCodec,
  verifyIdentityCertificate,
  verifyNodeCertificate,
  verifyRingDescriptor,
} from '../../src/core/identity/certificates.ts';
import { identityBlockCodec, verifyIdentityBlock } from '../../src/core/identity/identity-block.ts';
import { invitationCodec } from '../../src/core/identity/invitation.ts';
import {
  authorityRefusalCodec,
  checkRequestCodec,
  enrolRequestCodec,
  expelRequestCodec,
  joinRequestCodec,
  membershipCodec,
} from '../../src/core/identity/join.ts';
import { rotatePrekeys } from '../../src/core/identity/prekeys.ts';
import { purposes } from '../../src/core/identity/signing-purposes.ts';
import { isTransportPayload } from '../../src/core/identity/transport-signing.ts';
import { createApplicant, createTestAuthority } from '../support/authority.ts';
import { anyBytes, mutated } from './mutations.ts';

const codes = ['too-large', 'malformed', 'unknown-version', 'bad-schema'];
const RUNS = 400;

/** A codec and valid messages of it. */
interface Format {
  readonly codec: Codec<unknown>;
  readonly valid: readonly Bytes[];
}

const formats = new Map<string, Format>();
function add<T>(format: Codec<T>, ...values: readonly T[]): void {
  formats.set(format.name, { codec: format, valid: values.map((value) => format.encode(value)) });
}

let membershipBytes: Bytes;
let blockBytes: Bytes;
let now: number;
let identityKey: Bytes;

beforeAll(async () => {
  const { authority, ledger, clock } = await createTestAuthority('fuzz');
  now = clock.now();
  const token = await authority.invite({ usesMax: 5, notAfter: now });
  const ann = await createApplicant('Ann', now);
  identityKey = ann.keys.identityKey;
  const join = await ann.join(token, 'ann@example.org');
  const joined = await authority.join(join);
  if (!joined.ok) throw new Error(joined.reason);
  const { identityCertificate, nodeCertificate, descriptor } = joined.value;
  const device = {
    v: 1 as const,
    identityKey,
    deviceKey: ann.keys.deviceKey,
    nodeId: nodeCertificate.body.nodeId,
    label: 'device',
    createdAt: now,
  };
  const certificate = { body: device, signature: await ann.vault.sign('device-certificate', device) };
  const { prekeys } = await rotatePrekeys(ann.vault, [], now);
  const name = 'ann@example.org';
  const devices = [{ certificate, prekeys: [...prekeys] }];

  add(identityCertificateCodec, identityCertificate);
  add(nodeCertificateCodec, nodeCertificate);
  add(ringDescriptorCodec, descriptor);
  add(joinRequestCodec, join);
  add(enrolRequestCodec, await ann.enrol(authority.ring));
  const expel = {
    v: 1 as const,
    ring: authority.ring,
    identityKey,
    nodeId: nodeCertificate.body.nodeId,
    at: now,
  };
  add(expelRequestCodec, { body: expel, signature: await ann.vault.sign('expel', expel) });
  add(membershipCodec, joined.value);
  add(checkRequestCodec, { v: 1, token }, { v: 1, token, name });
  add(authorityRefusalCodec, { v: 1, code: 'clock', reason: 'a sentence' });
  add(identityBlockCodec, { v: 1, name, displayName: 'Ann', identityCertificate, devices });
  add(memberEntryCodec, (await ledger.memberByName(name))!);
  add(nodeEntryCodec, (await ledger.node(ann.keys.peerKey))!);
  add(invitationCodec, { v: 1, tokenHash: device.nodeId, usesMax: 1, uses: 0, notAfter: now });
  add(codec('receipt', purposes.receipt.body, 4096), {
    v: 1,
    kind: 'block',
    key: device.nodeId,
    held: device.nodeId,
    holder: ann.keys.peerKey,
    at: now,
  });
  membershipBytes = formats.get('membership')!.valid[0]!;
  blockBytes = formats.get('identity block')!.valid[0]!;
});

function expectRefusal(result: Result<unknown>, allowed: readonly string[]): void {
  if (result.ok) return;
  expect(allowed).toContain(result.code);
  expect(result.reason.length).toBeGreaterThan(0);
  expect(result.reason.length).toBeLessThan(500);
}

describe('decoders', () => {
  const names = [
    ...[
      'identity certificate',
      'node certificate',
      'ring descriptor',
      'join request',
      'enrol request',
      'expel request',
    ],
    ...['membership', 'check request', 'refusal', 'identity block', 'member entry', 'node entry'],
    ...['invitation', 'receipt'],
  ];

  it('are all here', () => {
    expect([...formats.keys()].sort()).toEqual([...names].sort());
  });

  it.each(names)('of a %s answer arbitrary and changed bytes with a value or a coded refusal', (name) => {
    const { codec: format, valid } = formats.get(name)!;
    for (const bytes of valid) expect(format.decode(bytes).ok).toBe(true);
    fc.assert(
      fc.property(fc.oneof(anyBytes, mutated(valid)), (bytes) => {
        const decoded = format.decode(bytes);
        expectRefusal(decoded, codes);
        // One value has one form: what is accepted is what we would have written.
        if (!decoded.ok) return;
        expect(equalBytes(format.encode(decoded.value), bytes)).toBe(true);
        expect(v.is(format.schema, decoded.value)).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });

  it('accept no second form of a value', () => {
    const format = codec('point', purposes.lease.body, 4096);
    const bytes = format.encode({
      v: 1,
      key: new Uint8Array(32),
      holder: new Uint8Array(32),
      sizeBytes: 1,
      at: 2,
      until: 2,
    });
    expect(format.decode(bytes).ok).toBe(true);
    const float = Uint8Array.of(0xfb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0);
    const last = bytes.lastIndexOf(1);
    const withFloat = Uint8Array.from([...bytes.subarray(0, last), ...float, ...bytes.subarray(last + 1)]);
    expect(format.decode(withFloat)).toMatchObject({ ok: false, code: 'malformed' });
    expect(format.decode(Uint8Array.from([...bytes, 0]))).toMatchObject({ ok: false, code: 'malformed' });
  });

  it('refuse other versions by name, before all else', () => {
    const bytes = encodeCbor({ v: 2, whatever: true });
    expect(invitationCodec.decode(bytes)).toEqual({
      ok: false,
      code: 'unknown-version',
      reason: 'an invitation of unknown version 2',
    });
  });

  it('survive deep nesting, huge announced lengths and odd keys', () => {
    const deep = Uint8Array.from([...new Uint8Array(4000).fill(0x81), 0x01]);
    const huge = Uint8Array.of(0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
    const long = Uint8Array.of(0x5a, 0xff, 0xff, 0xff, 0xff);
    const proto = Uint8Array.from([0xa1, 0x69, ...utf8('__proto__'), 0xa1, 0x61, 0x76, 0x01]);
    for (const bytes of [deep, huge, long, proto]) {
      for (const { codec: format } of formats.values()) expectRefusal(format.decode(bytes), codes);
      expect(typeof decodeCbor(bytes).ok).toBe('boolean');
    }
    expect(invitationCodec.decode(proto)).toMatchObject({ ok: false });
  });
});

describe('checks', () => {
  it('of changed memberships never throw, and pass no changed certificate', async () => {
    const trust = membershipCodec.decode(membershipBytes);
    if (!trust.ok) throw new Error(trust.reason);
    const { ring, authorityKey } = trust.value.descriptor.body;
    await fc.assert(
      fc.asyncProperty(mutated([membershipBytes]), async (bytes) => {
        const decoded = membershipCodec.decode(bytes);
        if (!decoded.ok) return;
        const { identityCertificate, nodeCertificate, descriptor } = decoded.value;
        const before = trust.value;
        const identity = await verifyIdentityCertificate(identityCertificate, { ring, authorityKey }, now);
        if (identity.ok) expect(identityCertificate).toEqual(before.identityCertificate);
        const node = await verifyNodeCertificate(nodeCertificate, { ring, authorityKey }, now);
        if (node.ok) expect(nodeCertificate).toEqual(before.nodeCertificate);
        const described = await verifyRingDescriptor(descriptor);
        if (described.ok) expect(descriptor).toEqual(before.descriptor);
      }),
      { numRuns: RUNS },
    );
  });

  it('of changed identity blocks never throw, and pass only changes of the unsigned display name', async () => {
    const before = identityBlockCodec.decode(blockBytes);
    if (!before.ok) throw new Error(before.reason);
    const membership = membershipCodec.decode(membershipBytes);
    if (!membership.ok) throw new Error(membership.reason);
    const { ring, authorityKey } = membership.value.descriptor.body;
    await fc.assert(
      fc.asyncProperty(mutated([blockBytes]), async (bytes) => {
        const decoded = identityBlockCodec.decode(bytes);
        if (!decoded.ok) return;
        const verified = await verifyIdentityBlock(decoded.value, identityKey, { ring, authorityKey }, now);
        if (verified.ok)
          expect({ ...verified.value, displayName: 'Ann' }).toEqual({ ...before.value, displayName: 'Ann' });
      }),
      { numRuns: RUNS },
    );
  });

  it('of signatures take any bytes as key and signature', async () => {
    await fc.assert(
      fc.asyncProperty(anyBytes, anyBytes, async (key, signature) => {
        expect(await verifyEd25519(key, 'receipt', { a: 1 }, signature)).toBe(false);
        expect(await verifyRsa(key, 'receipt', { a: 1 }, signature)).toBe(false);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('opening', () => {
  it('takes any bytes as sealed', async () => {
    const vault = memoryVault(new SeededRandom('fuzz'));
    await vault.begin();
    const prekey = (await vault.createPrekey(0, false)).body.publicKey;
    const key = await sealKey(new Uint8Array(32));
    await fc.assert(
      fc.asyncProperty(anyBytes, anyBytes, async (one, other) => {
        const results = [
          await unseal(key, one, other),
          await decryptChunk(one, other, other),
          await vault.openSealed(prekey, 'info', { encapsulated: one, ciphertext: other }),
          ...(await vault.openMailbox([one, other])),
        ];
        for (const result of results) expect(result).toMatchObject({ ok: false, code: 'unsealable' });
      }),
      { numRuns: 100 },
    );
  });
});

describe('texts', () => {
  it('that are handles parse, and all others are refused', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^post:b[a-z2-7]{50,54}\/b[a-z2-7]{50,54}$/)),
        (typed) => expectRefusal(parseHandle(typed), ['malformed']),
      ),
      { numRuns: RUNS },
    );
  });
});

describe('what a transport may have signed', () => {
  const envelope = (domain: string, type: number[], payload: Uint8Array): Bytes =>
    Uint8Array.from([domain.length, ...utf8(domain), type.length, ...type, payload.length, ...payload]);
  const record = envelope('libp2p-peer-record', [3, 1], new Uint8Array(100));
  const voucher = envelope('libp2p-relay-rsvp', [3, 2], new Uint8Array(80));

  it('is told by its form', () => {
    expect([record, voucher].map(isTransportPayload)).toEqual([true, true]);
    for (const wrong of [
      envelope('libp2p-peer-record', [3, 2], new Uint8Array(100)),
      envelope('libp2p-routing-state', [3, 1], new Uint8Array(100)),
      Uint8Array.from([...record, 0]),
      record.slice(0, -1),
    ])
      expect(isTransportPayload(wrong)).toBe(false);
  });

  it('is never one of our own typed statements, and the check never throws', () => {
    const start = utf8('epost/');
    const bytes = fc.oneof(anyBytes, mutated([record, voucher]));
    fc.assert(
      fc.property(bytes, (some) => {
        const passes = isTransportPayload(some);
        if (equalBytes(some.subarray(0, start.length), start)) expect(passes).toBe(false);
      }),
      { numRuns: RUNS },
    );
  });
});
