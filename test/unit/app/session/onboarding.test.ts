/** Joining, recovering and renewing against a real authority; only the HTTP between them is left out. */
import { describe, expect, test } from 'vitest';
import '../../../support/english.ts';
import { MemoryKeyValueStore } from '../../../../src/adapters/memory/key-value-store.ts';
import { SeededRandom } from '../../../../src/adapters/memory/random.ts';
import { memoryVault } from '../../../../src/adapters/memory/vault.ts';
import {
  enrolDevice,
  joinRing,
  refreshDescriptor,
  shouldRenew,
  type AccountPorts,
} from '../../../../src/app/session/account.ts';
import { AuthorityClient } from '../../../../src/app/session/authority-client.ts';
import { sealedDraftStore, type KeptDraft } from '../../../../src/app/session/draft-store.ts';
import { MembershipStore } from '../../../../src/app/session/membership-store.ts';
import { createOnboarding } from '../../../../src/app/session/onboarding.ts';
import { NODE_CERTIFICATE_LIFE_MS } from '../../../../src/core/codec/limits.ts';
import type { Result } from '../../../../src/core/codec/result.ts';
import type { Codec } from '../../../../src/core/codec/schema.ts';
import { ringDescriptorCodec } from '../../../../src/core/identity/certificates.ts';
import {
  authorityRefusalCodec,
  checkRequestCodec,
  enrolRequestCodec,
  joinRequestCodec,
  membershipCodec,
  type Membership,
} from '../../../../src/core/identity/join.ts';
import { createTestAuthority, type TestAuthority } from '../../../support/authority.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const ADDRESS = 'ada@example.org';

/** Answers as the relay does; `lost`: the request arrives, its answer does not. */
function relay({ authority }: TestAuthority, weather: { lost: boolean }): typeof fetch {
  const decode = <T>(codec: Codec<T>, body: unknown): T => {
    const decoded = codec.decode(body as Uint8Array);
    if (!decoded.ok) throw new Error(decoded.reason);
    return decoded.value;
  };
  const answer = <T>(codec: Codec<T>, result: Result<T>): Response =>
    result.ok
      ? new Response(codec.encode(result.value))
      : new Response(authorityRefusalCodec.encode({ v: 1, code: result.code, reason: result.reason }), {
          status: 400,
        });
  return async (input, init) => {
    const response = await route(String(input), init?.body);
    if (weather.lost) throw new TypeError('Failed to fetch');
    return response;
  };
  async function route(path: string, body: unknown): Promise<Response> {
    switch (path) {
      case '/authority/ring':
        return answer(ringDescriptorCodec, { ok: true, value: authority.descriptor() });
      case '/authority/check': {
        const checked = await authority.check(decode(checkRequestCodec, body));
        return checked.ok ? new Response(null, { status: 204 }) : answer(membershipCodec, checked);
      }
      case '/authority/join':
        return answer(membershipCodec, await authority.join(decode(joinRequestCodec, body)));
      case '/authority/enrol':
        return answer(membershipCodec, await authority.enrol(decode(enrolRequestCodec, body)));
      default:
        return new Response('<h1>Bad gateway</h1>', { status: 502 });
    }
  }
}

async function organization(terms = { usesMax: 5, notAfter: Number.MAX_SAFE_INTEGER }) {
  const ring = await createTestAuthority();
  const token = await ring.authority.invite(terms);
  /** A browser profile that nobody has used. */
  const profile = (seed: string) => {
    const weather = { lost: false };
    const disk = new MemoryKeyValueStore();
    const vault = memoryVault(new SeededRandom(seed));
    const ports: AccountPorts = {
      vault,
      authority: new AuthorityClient(relay(ring, weather)),
      store: new MembershipStore(disk, vault),
      clock: ring.clock,
    };
    const joined: Membership[] = [];
    return {
      ports,
      disk,
      weather,
      joined,
      onboarding: createOnboarding(ports, async (one) => void joined.push(one)),
    };
  };
  return { ring, token, profile };
}

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.code}: ${result.reason}`);
  return result.value;
}

describe('what the operator changes of the ring', () => {
  test('is taken over from a newer description, and from none of another ring', async () => {
    const { ring, token, profile } = await organization();
    const { onboarding, ports, weather } = profile('a');
    value(await onboarding.begin());
    value(await onboarding.join(token, ADDRESS, 'Ada'));
    const before = (await ports.store.membership())!;
    expect(await refreshDescriptor(ports)).toEqual({ ok: true, value: false });

    const place = { nodeId: new Uint8Array(32).fill(7), peerKey: new Uint8Array(32).fill(8), addresses: [] };
    const changed = await ring.authority.describe([place]);
    weather.lost = true;
    expect(await refreshDescriptor(ports)).toMatchObject({ ok: false, code: 'unreachable' });
    expect(await ports.store.membership()).toEqual(before);
    weather.lost = false;
    expect(await refreshDescriptor(ports)).toEqual({ ok: true, value: true });
    expect(await ports.store.membership()).toEqual({ ...before, descriptor: changed });
    expect(await refreshDescriptor(ports)).toEqual({ ok: true, value: false });

    const { descriptor } = before;
    const elsewhere = { ...descriptor, body: { ...descriptor.body, ring: new Uint8Array(32) } };
    await ports.store.keep({ ...before, descriptor: elsewhere });
    expect(await refreshDescriptor(ports)).toEqual({ ok: true, value: false });
    expect(await ports.store.membership()).toEqual({ ...before, descriptor: elsewhere });
  });
});

describe('joining', () => {
  test('the way through: ring, check, words, join; the membership is kept sealed', async () => {
    const { token, profile } = await organization();
    const { onboarding, ports, disk, joined } = profile('a');
    expect(await onboarding.ring()).toEqual({ ok: true, value: { domain: 'example.org' } });
    expect(await onboarding.check(` ${token.toUpperCase()} `, ADDRESS)).toEqual({ ok: true, value: true });
    expect(value(await onboarding.begin()).words).toHaveLength(24);
    value(await onboarding.join(token, ADDRESS, 'Ada'));
    expect(joined[0]!.identityCertificate.body.name).toBe(ADDRESS);
    expect(await ports.vault.state()).toMatchObject({ state: 'ready' });
    expect(await ports.store.membership()).toEqual(joined[0]);
    const written = await disk.entries({ gte: new Uint8Array(), lt: new Uint8Array([0xff]) });
    const secret = Buffer.from(joined[0]!.ringSecret);
    expect(written.some(([, bytes]) => Buffer.from(bytes).includes(secret))).toBe(false);
  });

  test.each([
    ['', 'invitation-malformed'],
    ['not-an-invitation', 'invitation-malformed'],
    ['a'.repeat(32), 'invitation-malformed'],
  ])('the token %j is refused before anybody is asked', async (token, code) => {
    const { onboarding, weather } = (await organization()).profile('a');
    weather.lost = true;
    expect(await onboarding.check(token)).toMatchObject({ ok: false, code });
  });

  test('a taken address, a used-up and an expired invitation are the authority’s words', async () => {
    const { ring, token, profile } = await organization({ usesMax: 1, notAfter: Number.MAX_SAFE_INTEGER });
    const [ada, bob] = [profile('a'), profile('b')];
    await ada.onboarding.begin();
    value(await ada.onboarding.join(token, ADDRESS, 'Ada'));
    expect(await bob.onboarding.check(token)).toMatchObject({ code: 'invitation-used-up' });
    const another = await ring.authority.invite({ usesMax: 9, notAfter: ring.clock.now() + DAY_MS });
    expect(await bob.onboarding.check(another, ADDRESS)).toMatchObject({ code: 'address-taken' });
    ring.clock.advance(2 * DAY_MS);
    expect(await bob.onboarding.check(another)).toMatchObject({ code: 'invitation-expired' });
  });

  test('a lost answer is asked for again, also after a reload: one use, one membership', async () => {
    const { ring, token, profile } = await organization({ usesMax: 1, notAfter: Number.MAX_SAFE_INTEGER });
    const { onboarding, ports, weather, joined } = profile('a');
    await onboarding.begin();
    weather.lost = true;
    expect(await onboarding.join(token, ADDRESS, 'Ada')).toMatchObject({ code: 'unreachable' });
    expect(joined).toEqual([]);
    expect(await ports.vault.state()).toMatchObject({ state: 'pending' });
    weather.lost = false;
    const kept = (await ports.store.joining())!;
    expect(kept).toEqual({ v: 1, token, address: ADDRESS, displayName: 'Ada' });
    expect(value(await joinRing(ports, kept)).identityCertificate.body.name).toBe(ADDRESS);
    expect(await ports.store.joining()).toBeUndefined();
    expect(await ring.authority.check({ token })).toMatchObject({ code: 'invitation-used-up' });
  });

  test('beginning again forgets the join that was under way', async () => {
    const { token, profile } = await organization();
    const { onboarding, ports, weather } = profile('a');
    await onboarding.begin();
    weather.lost = true;
    await onboarding.join(token, ADDRESS, 'Ada');
    await onboarding.begin();
    expect(await ports.store.joining()).toBeUndefined();
  });

  test('a relay that answers for other keys gets nowhere', async () => {
    const { ring, token, profile } = await organization();
    const [ada, eve] = [profile('a'), profile('e')];
    await eve.onboarding.begin();
    value(await eve.onboarding.join(token, 'eve@example.org', 'Eve'));
    const forged: typeof fetch = async () => new Response(membershipCodec.encode(eve.joined[0]!));
    await ada.ports.vault.begin();
    const ports = { ...ada.ports, authority: new AuthorityClient(forged), clock: ring.clock };
    const joining = { v: 1 as const, token, address: ADDRESS, displayName: 'Ada' };
    expect(await joinRing(ports, joining)).toMatchObject({ ok: false, code: 'bad-answer' });
    expect(await ada.ports.vault.state()).toMatchObject({ state: 'pending' });
    expect(await ada.ports.store.membership()).toBeUndefined();
  });

  test('an answer that is no answer is said so', async () => {
    const page: typeof fetch = async () => new Response('<h1>Hello</h1>');
    expect(await new AuthorityClient(page).ring()).toMatchObject({ code: 'bad-answer' });
    const gateway: typeof fetch = async () => new Response('<h1>Bad gateway</h1>', { status: 502 });
    expect(await new AuthorityClient(gateway).ring()).toMatchObject({ code: 'unreachable' });
  });
});

describe('recovering', () => {
  test('the words bring the same person back on another device', async () => {
    const { token, profile } = await organization();
    const [first, second] = [profile('a'), profile('b')];
    const { words } = value(await first.onboarding.begin());
    value(await first.onboarding.join(token, ADDRESS, 'Ada'));
    value(
      await second.onboarding.recover(words.map((word, i) => `${i + 1}. ${word.toUpperCase()}`).join('\n')),
    );
    const [before, after] = [first.joined[0]!, second.joined[0]!];
    expect(after.identityCertificate.body).toEqual(before.identityCertificate.body);
    expect(after.nodeCertificate.body.nodeId).not.toEqual(before.nodeCertificate.body.nodeId);
  });

  test('wrong words: count, unknown word, order, and nobody’s', async () => {
    const { profile } = await organization();
    const { onboarding, ports } = profile('a');
    const { words } = await memoryVault(new SeededRandom('nobody')).begin();
    const recover = (typed: readonly string[]) => onboarding.recover(typed.join(' '));
    expect(await recover(words.slice(1))).toMatchObject({ code: 'wrong-count' });
    expect(await recover([...words.slice(0, 6), 'epost', ...words.slice(7)])).toMatchObject({
      code: 'unknown-word',
      reason: expect.stringContaining('Word 7'),
    });
    expect(await recover([words[1]!, words[0]!, ...words.slice(2)])).toMatchObject({ code: 'bad-checksum' });
    expect(await recover(words)).toMatchObject({ code: 'unknown-identity' });
    expect(await ports.store.membership()).toBeUndefined();
  });
});

test('a node certificate is renewed ten days before its end, and keeps its place', async () => {
  const { ring, token, profile } = await organization();
  const { onboarding, ports, joined } = profile('a');
  await onboarding.begin();
  value(await onboarding.join(token, ADDRESS, 'Ada'));
  const before = joined[0]!;
  expect(shouldRenew(before, ring.clock.now())).toBe(false);
  ring.clock.advance(NODE_CERTIFICATE_LIFE_MS - 9 * DAY_MS);
  expect(shouldRenew(before, ring.clock.now())).toBe(true);
  const after = value(await enrolDevice(ports));
  expect(after.nodeCertificate.body.nodeId).toEqual(before.nodeCertificate.body.nodeId);
  expect(shouldRenew(after, ring.clock.now())).toBe(false);
  expect(await ports.store.membership()).toEqual(after);
});

describe('drafts', () => {
  const draft: KeptDraft = {
    v: 1,
    to: 'bob',
    cc: '',
    subject: 'A subject that nobody should read on the disk',
    text: 'Text',
    forwarded: [],
    files: ['report.pdf'],
  };

  test('are kept sealed, given to one tab, and gone when removed', async () => {
    const { ports, disk, onboarding } = (await organization()).profile('a');
    await onboarding.begin();
    const held = new Set<string>();
    const hold = async (name: string): Promise<boolean> => !held.has(name) && Boolean(held.add(name));
    const [tab, other] = [
      sealedDraftStore(disk, ports.vault, hold),
      sealedDraftStore(disk, ports.vault, hold),
    ];
    await tab.save('one', { ...draft, inReplyTo: undefined });
    expect(await tab.claim()).toEqual([{ id: 'one', draft }]);
    expect(await other.claim()).toEqual([]);
    const written = await disk.entries({ gte: new Uint8Array(), lt: new Uint8Array([0xff]) });
    expect(written.some(([, bytes]) => Buffer.from(bytes).includes('nobody should read'))).toBe(false);
    await tab.remove('one');
    expect(await tab.claim()).toEqual([]);
  });
});
