/** Leases: one of each member and block, the newest in force; what is charged for them; when a block may go. */
import { beforeAll, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/adapters/memory/clock.ts';
import { MemoryKeyValueStore } from '../../../src/adapters/memory/key-value-store.ts';
import { utf8 } from '../../../src/core/codec/bytes.ts';
import { Counters } from '../../../src/core/codec/counters.ts';
import { sha256 } from '../../../src/core/crypto/hash.ts';
import { BlockStore } from '../../../src/core/storage/block-store.ts';
import {
  compareLeases,
  isDue,
  isInForce,
  LEASE_GRACE_MS,
  LEASE_MS,
  RELEASE_GRACE_MS,
  RENEW_LEFT_MS,
  RENEW_SPREAD_MS,
} from '../../../src/core/storage/lease.ts';
import { createTestRing, type TestRing } from '../../support/ring.ts';
import { createMember, START, type Member } from './member.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const bytes = utf8('a block');
const key = sha256(bytes);
let ring: TestRing;
let ann: Member;
let bob: Member;

beforeAll(async () => {
  ring = await createTestRing('leases');
  ann = await createMember(ring, 'ann');
  bob = await createMember(ring, 'bob');
});

async function open(store = new MemoryKeyValueStore(), quotaBytes = 1e9) {
  const clock = new VirtualClock();
  const counters = new Counters(() => clock.now());
  const blocks = await BlockStore.open({ store, trust: ring.trust, clock, counters, quotaBytes });
  return { blocks, clock, counters, store };
}

describe('a lease', () => {
  it('is renewed so early that whoever then stays away is protected for 90 days', async () => {
    const lease = await ann.lease(key, 7, START + LEASE_MS);
    expect(RENEW_LEFT_MS + LEASE_GRACE_MS).toBeGreaterThanOrEqual(90 * DAY_MS);
    expect(isDue(key, undefined, START)).toBe(true);
    expect(isDue(key, lease, START + LEASE_MS - RENEW_LEFT_MS - RENEW_SPREAD_MS)).toBe(false);
    expect(isDue(key, lease, START + LEASE_MS - RENEW_LEFT_MS + 1)).toBe(true);
    expect(isDue(key, await ann.lease(key, 7, START), START)).toBe(true);
  });

  it('yields to a later one of the same member, whatever order they come in', async () => {
    const first = await ann.lease(key, 7, START + LEASE_MS);
    const release = await ann.lease(key, 7, START + 1, START + 1);
    const again = await ann.lease(key, 7, START + 2 + LEASE_MS, START + 2);
    expect(compareLeases(first, release)).toBeLessThan(0);
    for (const order of [
      [first, release, again],
      [again, first, release],
      [release, again, first],
    ]) {
      const { blocks } = await open();
      await blocks.putBlock(key, bytes, [await bob.lease(key, 7)]);
      for (const lease of order) await blocks.putLeases([lease]);
      const [known] = (await blocks.book.of(key)).filter(({ body }) => body.at === again.body.at);
      expect(isInForce(known!.body, START + 3)).toBe(true);
      expect((await blocks.book.of(key)).length).toBe(2);
    }
  });

  it('needs a member: certificate, key and dates have to fit', async () => {
    const lease = await ann.lease(key, 7);
    const stranger = { ...lease.certificate, body: { ...lease.certificate.body, name: 'eve@example.org' } };
    const { blocks } = await open();
    const put = async (changed: Partial<typeof lease>) => {
      const result = await blocks.putBlock(key, bytes, [{ ...lease, ...changed }]);
      return result.ok ? 'kept' : result.code;
    };
    expect(await put({ certificate: stranger })).toBe('bad-signature');
    expect(await put({ certificate: bob.certificate })).toBe('wrong-holder');
    expect(await put({ body: { ...lease.body, until: lease.body.until + 1 } })).toBe('bad-signature');
    const early = await ann.lease(key, 7, START + 2 * LEASE_MS, START + LEASE_MS);
    expect(await put(early)).toBe('not-yet-valid');
    expect(await put({})).toBe('kept');
  });
});

describe('an account', () => {
  it('says who stores how much, over restarts, and counts each block once for each member', async () => {
    const store = new MemoryKeyValueStore();
    const { blocks } = await open(store);
    await blocks.putBlock(key, bytes, [await ann.lease(key, 7)]);
    await blocks.putBlock(key, undefined, [
      await ann.lease(key, 7, START + 5e8, START + 1),
      await bob.lease(key, 7),
    ]);
    const other = utf8('another block');
    await blocks.putBlock(sha256(other), other, [await bob.lease(sha256(other), other.length)]);
    const { quotaBytes } = ann.certificate.body;
    const expected = [
      { name: 'bob@example.org', blocks: 2, bytes: 7 + other.length, quotaBytes, graceBytes: 0 },
      { name: 'ann@example.org', blocks: 1, bytes: 7, quotaBytes, graceBytes: 0 },
    ];
    expect(blocks.book.accounts()).toEqual(expected);
    expect((await open(store)).blocks.book.accounts()).toEqual(expected);
  });

  it('over its quota is refused by name of the reason, and has room again after a release', async () => {
    const poor = await createMember(ring, 'poor', { quotaBytes: 10 });
    const { blocks, counters } = await open();
    expect((await blocks.putBlock(key, bytes, [await poor.lease(key, 7)])).ok).toBe(true);
    const other = utf8('more...');
    const put = async () => blocks.putBlock(sha256(other), other, [await poor.lease(sha256(other), 7)]);
    expect(await put()).toMatchObject({ ok: false, code: 'over-quota' });
    expect(counters.get('storage.over-quota')).toBe(1);
    // A lease that is renewed is no new charge.
    expect(await blocks.putLeases([await poor.lease(key, 7, START + 5e8, START + 1)])).toEqual(['kept']);
    await blocks.putLeases([await poor.lease(key, 7, START + 2, START + 2)]);
    expect((await put()).ok).toBe(true);
    expect(blocks.book.accounts()).toEqual([
      { name: 'poor@example.org', blocks: 1, bytes: 7, quotaBytes: 10, graceBytes: 0 },
    ]);
  });

  it('says what is in grace: run out or released before today, and still here for that', async () => {
    const store = new MemoryKeyValueStore();
    const { blocks, clock } = await open(store);
    await blocks.putBlock(key, bytes, [await ann.lease(key, 7, START + DAY_MS), await bob.lease(key, 7)]);
    await blocks.putLeases([await bob.lease(key, 7, START + 1, START + 1)]);
    const graceOf = (): (readonly [string, number])[] =>
      blocks.book.accounts().map(({ name, graceBytes }) => [name, graceBytes]);
    expect(graceOf()).toEqual([['ann@example.org', 0]]);
    clock.advance(2 * DAY_MS);
    expect(graceOf()).toEqual([
      ['ann@example.org', 7],
      ['bob@example.org', 7],
    ]);
    const again = await open(store);
    again.clock.advance(2 * DAY_MS);
    expect(again.blocks.book.accounts()).toEqual(blocks.book.accounts());
    clock.advance(RELEASE_GRACE_MS);
    expect(graceOf()).toEqual([['ann@example.org', 7]]);
    clock.advance(LEASE_GRACE_MS);
    expect(await blocks.collect(key)).toBe(true);
    expect(graceOf()).toEqual([]);
  });

  it('has the quota of its newest lease', async () => {
    const [small, large] = [
      await createMember(ring, 'gil', { quotaBytes: 10 }),
      await createMember(ring, 'gil', { quotaBytes: 20 }),
    ];
    const { blocks } = await open();
    await blocks.putBlock(key, bytes, [await large.lease(key, 7, START + 5e8, START + 1)]);
    await blocks.putLeases([await small.lease(key, 7, START + 5e8, START)]);
    expect(blocks.book.accounts()).toMatchObject([{ name: 'gil@example.org', quotaBytes: 20 }]);
  });
});

describe('a block', () => {
  it('is collected when its last lease has run out for a month, not before', async () => {
    const { blocks, clock } = await open();
    await blocks.putBlock(key, bytes, [await ann.lease(key, 7, START + LEASE_MS)]);
    clock.advance(LEASE_MS + LEASE_GRACE_MS - 1);
    expect(await blocks.collect(key)).toBe(false);
    clock.advance(1);
    expect(await blocks.collect(key)).toBe(true);
    expect(await blocks.hasBlock(key)).toBe(false);
    expect(blocks.book.accounts()).toEqual([]);
    expect(await blocks.putBlock(key, bytes, [await ann.lease(key, 7, START + LEASE_MS)])).toMatchObject({
      code: 'lapsed',
    });
  });

  it('that all have released is collected after a week; one member who holds it keeps it', async () => {
    const { blocks, clock } = await open();
    await blocks.putBlock(key, bytes, [await ann.lease(key, 7), await bob.lease(key, 7, START + LEASE_MS)]);
    await blocks.putLeases([await ann.lease(key, 7, START + 1, START + 1)]);
    clock.advance(RELEASE_GRACE_MS + DAY_MS);
    expect(await blocks.collect(key)).toBe(false);
    const now = clock.now();
    await blocks.putLeases([await bob.lease(key, 7, now, now)]);
    clock.advance(RELEASE_GRACE_MS - 1);
    expect(await blocks.collect(key)).toBe(false);
    clock.advance(1);
    expect(await blocks.collect(key)).toBe(true);
  });

  it('that the own user keeps is never collected; given up before it was stored, it goes at once', async () => {
    const { blocks, clock } = await open();
    await blocks.keepBlock(bytes);
    await blocks.markInserted(key, await ann.lease(key, 7, START + LEASE_MS));
    clock.advance(2 * LEASE_MS);
    expect(await blocks.collect(key)).toBe(false);
    const now = clock.now();
    await blocks.claims.release(key, await ann.lease(key, 7, now, now));
    clock.advance(RELEASE_GRACE_MS);
    expect((await blocks.book.releases(9)).length).toBe(1);
    expect(await blocks.collect(key)).toBe(true);
    const draft = utf8('a draft');
    await blocks.keepBlock(draft);
    await blocks.claims.release(sha256(draft), await ann.lease(sha256(draft), 7, now, now));
    expect(await blocks.hasBlock(sha256(draft))).toBe(false);
  });
});
