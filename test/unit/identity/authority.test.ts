/** Whom the authority admits, under which name, and what it signs. */
import { describe, expect, it } from 'vitest';
import { CLOCK_SKEW_MS } from '../../../src/core/codec/clock.ts';
import { NODE_CERTIFICATE_LIFE_MS } from '../../../src/core/codec/limits.ts';
import type { Result } from '../../../src/core/codec/result.ts';
import { signEd25519 } from '../../../src/core/crypto/sign.ts';
import { NODES_PER_MEMBER_MAX } from '../../../src/core/identity/authority-ledger.ts';
import {
  verifyIdentityCertificate,
  verifyNodeCertificate,
  verifyRingDescriptor,
} from '../../../src/core/identity/certificates.ts';
import { parseToken, tokenText } from '../../../src/core/identity/invitation.ts';
import { membershipCodec } from '../../../src/core/identity/join.ts';
import { testKey } from '../../support/ring.ts';
import {
  createApplicant,
  createTestAuthority,
  type Applicant,
  type TestAuthority,
} from '../../support/authority.ts';

const HOUR_MS = 60 * 60 * 1000;
const terms = { usesMax: 2, notAfter: Number.MAX_SAFE_INTEGER };

async function usesOf({ ledger }: TestAuthority, token: string): Promise<number> {
  return (await ledger.invitation(value(parseToken(token))))!.uses;
}

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.code}: ${result.reason}`);
  return result.value;
}

describe('joining', () => {
  it('gives a membership whose parts all verify', async () => {
    const ring = await createTestAuthority();
    const token = await ring.authority.invite(terms);
    const ann = await createApplicant('Ann', ring.clock.now());
    const joined = value(await ring.authority.join(await ann.join(token, 'ann@example.org')));
    const { trust } = ring.authority;
    const identity = await verifyIdentityCertificate(joined.identityCertificate, trust, ring.clock.now());
    expect(identity).toMatchObject({
      ok: true,
      value: { name: 'ann@example.org', signKey: ann.keys.identityKey },
    });
    const node = await verifyNodeCertificate(joined.nodeCertificate, trust, ring.clock.now());
    expect(node).toMatchObject({ ok: true, value: { peerKey: ann.keys.peerKey, role: 'tab' } });
    expect(await verifyRingDescriptor(joined.descriptor)).toMatchObject({ ok: true });
    expect(membershipCodec.decode(membershipCodec.encode(joined))).toEqual({ ok: true, value: joined });
  });

  it('answers the same request again with the same membership, and uses nothing up', async () => {
    const ring = await createTestAuthority();
    const token = await ring.authority.invite({ ...terms, usesMax: 1 });
    const request = await (await createApplicant('Ann', ring.clock.now())).join(token, 'ann@example.org');
    const [first, second] = await Promise.all([ring.authority.join(request), ring.authority.join(request)]);
    expect(second).toEqual(first);
    const later = await (await ring.restart()).join(request);
    expect(value(later).nodeCertificate).toEqual(value(first!).nodeCertificate);
    expect(await usesOf(ring, token)).toBe(1);
  });

  it('gives a name and the last use of an invitation to one of two who ask at once', async () => {
    const ring = await createTestAuthority();
    const one = await ring.authority.invite({ ...terms, usesMax: 1 });
    const two = await ring.authority.invite(terms);
    const [ann, bob] = await Promise.all(
      ['Ann', 'Bob'].map((name) => createApplicant(name, ring.clock.now())),
    );
    const answers = await Promise.all([
      ring.authority.join(await ann!.join(one, 'sam@example.org')),
      ring.authority.join(await bob!.join(one, 'bob@example.org')),
      ring.authority.join(await bob!.join(two, 'sam@example.org')),
    ]);
    expect(answers).toMatchObject([{ ok: true }, { code: 'invitation-used-up' }, { code: 'address-taken' }]);
  });

  it.each([
    ['an unknown invitation', 'invitation-unknown', { token: tokenText(new Uint8Array(16)) }],
    ['a mistyped invitation', 'invitation-malformed', { token: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' }],
    ['an address of another domain', 'bad-address', { name: 'ann@example.com' }],
    ['an address that is none', 'bad-address', { name: 'a nn@example.org' }],
    ['a reserved address', 'bad-address', { name: 'Postmaster@example.org' }],
    ['a clock two days off', 'clock', { at: Date.UTC(2026, 0, 3) }],
  ])('refuses %s and keeps no trace', async (_, code, changes) => {
    const ring = await createTestAuthority();
    const token = await ring.authority.invite(terms);
    const ann = await createApplicant('Ann', ring.clock.now());
    const refusal = await ring.authority.join(await ann.join(token, 'ann@example.org', changes));
    expect(refusal).toMatchObject({ ok: false, code });
    expect(await usesOf(ring, token)).toBe(0);
    expect(await ring.ledger.memberByKey(ann.keys.identityKey)).toBeUndefined();
    expect(await ring.ledger.node(ann.keys.peerKey)).toBeUndefined();
  });

  it('accepts a clock that is an hour, or nearly a day, off', async () => {
    const ring = await createTestAuthority();
    const token = await ring.authority.invite(terms);
    for (const [name, offMs] of [
      ['ann', -HOUR_MS],
      ['bob', CLOCK_SKEW_MS - 1],
    ] as const) {
      const applicant = await createApplicant(name, ring.clock.now() + offMs);
      expect(await ring.authority.join(await applicant.join(token, `${name}@example.org`))).toMatchObject({
        ok: true,
      });
    }
  });

  it('refuses a request that was changed on its way, and an expired invitation', async () => {
    const ring = await createTestAuthority();
    const token = await ring.authority.invite({ ...terms, notAfter: ring.clock.now() + HOUR_MS });
    const ann = await createApplicant('Ann', ring.clock.now());
    const request = await ann.join(token, 'ann@example.org');
    const changed = { ...request, body: { ...request.body, name: 'eve@example.org' } };
    expect(await ring.authority.join(changed)).toMatchObject({ ok: false, code: 'bad-signature' });
    ring.clock.advance(HOUR_MS + 1);
    expect(await ring.authority.join(request)).toMatchObject({ ok: false, code: 'invitation-expired' });
  });

  it('is checked before the words are shown', async () => {
    const ring = await createTestAuthority();
    const token = await ring.authority.invite(terms);
    const ann = await createApplicant('Ann', ring.clock.now());
    expect(await ring.authority.check({ token, name: 'Ann' })).toEqual({ ok: true, value: true });
    await ring.authority.join(await ann.join(token, 'ann@example.org'));
    expect(await ring.authority.check({ token, name: 'ann@EXAMPLE.org' })).toMatchObject({
      code: 'address-taken',
    });
    expect(await ring.authority.check({ token: token.toUpperCase() })).toEqual({ ok: true, value: true });
    expect(await ring.authority.check({ token: token.slice(1) })).toMatchObject({
      code: 'invitation-malformed',
    });
  });
});

describe('enrolling', () => {
  async function member() {
    const ring = await createTestAuthority();
    const token = await ring.authority.invite(terms);
    const ann = await createApplicant('Ann', ring.clock.now());
    const joined = value(await ring.authority.join(await ann.join(token, 'ann@example.org')));
    return { ring, ann, joined };
  }

  it('renews a node in its place', async () => {
    const { ring, ann, joined } = await member();
    ring.clock.advance(20 * 24 * HOUR_MS);
    const request = await ann.enrol(ring.authority.ring, { at: ring.clock.now() });
    const { nodeCertificate } = value(await ring.authority.enrol(request));
    expect(nodeCertificate.body.nodeId).toEqual(joined.nodeCertificate.body.nodeId);
    expect(nodeCertificate.body.notAfter).toBe(ring.clock.now() + NODE_CERTIFICATE_LIFE_MS);
  });

  it('gives a new device of the person a random place of its own', async () => {
    const { ring, ann, joined } = await member();
    const other = await createApplicant('another device', ring.clock.now());
    expect(await other.vault.restore(ann.words)).toMatchObject({ ok: true });
    const state = await other.vault.state();
    if (state.state === 'empty') throw new Error('restored keys are missing');
    const { identityKey, deviceKey, peerKey } = state;
    const request = await other.enrol(ring.authority.ring, { identityKey, deviceKey, peerKey });
    const { nodeCertificate, identityCertificate } = value(await ring.authority.enrol(request));
    expect(identityCertificate).toEqual(joined.identityCertificate);
    expect(nodeCertificate.body.peerKey).toEqual(peerKey);
    expect(nodeCertificate.body.nodeId).not.toEqual(joined.nodeCertificate.body.nodeId);
  });

  it('refuses strangers, other rings, and the key of somebody else’s device', async () => {
    const { ring, ann } = await member();
    const eve = await createApplicant('Eve', ring.clock.now());
    const mallory = await testKey('Mallory');
    const { ring: id } = ring.authority;
    expect(await ring.authority.enrol(await eve.enrol(id))).toMatchObject({ code: 'unknown-identity' });
    const otherRing = ann.keys.peerKey;
    expect(await ring.authority.enrol(await ann.enrol(otherRing))).toMatchObject({ code: 'bad-request' });
    const token = await ring.authority.invite(terms);
    const body = {
      ...(await eve.join(token, 'eve@example.org')).body,
      identityKey: mallory.publicKey,
      peerKey: ann.keys.peerKey,
    };
    const stolen = { body, signature: await signEd25519(mallory.pair.privateKey, 'join', body) };
    expect(await ring.authority.join(stolen)).toMatchObject({ ok: false, code: 'bad-request' });
    expect(await usesOf(ring, token)).toBe(0);
  });

  it('lets a member have only so many live nodes, and forgets expired ones', async () => {
    const { ring, ann } = await member();
    const entry = (await ring.ledger.memberByKey(ann.keys.identityKey))!;
    const peerKeys = Array.from({ length: NODES_PER_MEMBER_MAX }, (_, i) => new Uint8Array(32).fill(i + 1));
    const nodes = peerKeys.map((peerKey) => ({
      v: 1 as const,
      peerKey,
      nodeId: peerKey,
      name: entry.name,
      role: 'tab' as const,
      notAfter: ring.clock.now() + HOUR_MS,
    }));
    await ring.ledger.commit({ members: [{ ...entry, peerKeys }], nodes });
    const enrol = async () =>
      ring.authority.enrol(await ann.enrol(ring.authority.ring, { at: ring.clock.now() }));
    expect(await enrol()).toMatchObject({ ok: false, code: 'too-many-devices' });
    ring.clock.advance(2 * HOUR_MS + CLOCK_SKEW_MS);
    expect(await enrol()).toMatchObject({ ok: true });
    expect((await ring.ledger.memberByKey(ann.keys.identityKey))!.peerKeys).toEqual([ann.keys.peerKey]);
    expect(await ring.ledger.node(peerKeys[0]!)).toBeUndefined();
  });
});

describe('a removed device', () => {
  it('is renewed no more, also after its certificate ended; others are, and nobody else may say so', async () => {
    const ring = await createTestAuthority();
    const { authority, clock } = ring;
    const token = await authority.invite(terms);
    const [ann, eve] = [await createApplicant('Ann', clock.now()), await createApplicant('Eve', clock.now())];
    for (const [who, name] of [
      [ann, 'ann@example.org'],
      [eve, 'eve@example.org'],
    ] as const)
      value(await authority.join(await who.join(token, name)));
    const tablet = await createApplicant('tablet', clock.now());
    const { deviceKey, peerKey } = value(await tablet.vault.restore(ann.words));
    const enrolTablet = async () =>
      authority.enrol(
        await tablet.enrol(authority.ring, { ...ann.keys, deviceKey, peerKey, at: clock.now() }),
      );
    const enrolAnn = async () => authority.enrol(await ann.enrol(authority.ring, { at: clock.now() }));
    const { nodeId } = value(await enrolTablet()).nodeCertificate.body;
    const expel = async ({ vault, keys: { identityKey } }: Applicant, changes: object = {}) => {
      const body = { v: 1 as const, ring: authority.ring, identityKey, nodeId, at: clock.now(), ...changes };
      return authority.expel({ body, signature: await vault.sign('expel', body) });
    };
    value(await expel(eve));
    expect(await expel(ann, { ring: nodeId })).toMatchObject({ code: 'bad-request' });
    expect(await expel(await createApplicant('nobody', clock.now()))).toMatchObject({
      code: 'unknown-identity',
    });
    value(await enrolTablet());
    value(await expel(ann));
    value(await expel(ann));
    expect(await enrolTablet()).toMatchObject({ ok: false, code: 'device-removed' });
    value(await enrolAnn());
    clock.advance(2 * NODE_CERTIFICATE_LIFE_MS);
    value(await enrolAnn());
    expect(await enrolTablet()).toMatchObject({ ok: false, code: 'device-removed' });
  });
});

describe('the ring', () => {
  it('keeps a relay in its place and names it in descriptors of growing serial', async () => {
    const ring = await createTestAuthority();
    const peerKey = new Uint8Array(32).fill(7);
    const first = value(await ring.authority.certifyRelay(peerKey));
    const again = value(await (await ring.restart()).certifyRelay(peerKey));
    expect(again.body.nodeId).toEqual(first.body.nodeId);
    expect(first.body).toMatchObject({ role: 'relay', name: 'relay@example.org' });
    const before = ring.authority.descriptor().body.serial;
    const described = await ring.authority.describe([
      { nodeId: first.body.nodeId, peerKey, addresses: ['/dns4/example.org/tcp/443/wss'] },
    ]);
    expect(described.body.serial).toBeGreaterThan(before);
    expect(await verifyRingDescriptor(described)).toMatchObject({ ok: true });
  });

  it('takes note of an invitation once: a restart resets no uses', async () => {
    const ring = await createTestAuthority();
    const token = await ring.authority.invite(terms);
    const ann = await createApplicant('Ann', ring.clock.now());
    await ring.authority.join(await ann.join(token, 'ann@example.org'));
    await (await ring.restart()).invite(terms, token);
    expect(await usesOf(ring, token)).toBe(1);
  });
});
