/** Garbage in a whole ring: what nobody holds goes everywhere, what somebody holds stays, and surplus goes on proof alone. */
import { afterEach, expect, it } from 'vitest';
import type { Bytes } from '../../../src/core/codec/bytes.ts';
import { sha256Of } from '../../../src/core/crypto/hash.ts';
import type { Key } from '../../../src/core/codec/id.ts';
import { FIRST_MS_MAX, PAUSE_MS } from '../../../src/core/storage/garbage.ts';
import { RELEASE_GRACE_MS } from '../../../src/core/storage/lease.ts';
import { FIRST_MS_MAX as KEEPER_FIRST_MS_MAX } from '../../../src/core/storage/lease-keeper.ts';
import { serviceName } from '../../../src/core/storage/service.ts';
import * as wire from '../../../src/core/storage/wire.ts';
import { turn } from '../../support/turn.ts';
import { createMember } from './member.ts';
import { StorageRing, type RingNode } from './storage-ring.ts';

const NAMES = ['ann', 'ben', 'cat', 'dan', 'eve', 'fay'];
const bytesOf = (size: number, seed: number): Bytes =>
  new Uint8Array(size).map((_, i) => (i * 31 + seed) & 255);
let world: StorageRing;
afterEach(() => world.stop());

async function pass(ms: number): Promise<void> {
  for (let waited = 0; waited < ms; waited += 20) {
    world.clock.advance(20);
    await turn();
  }
}

async function stored(node: RingNode, bytes: Bytes): Promise<Key> {
  const key = await world.run(node.storage.keep(bytes));
  await world.run(node.storage.insert(key));
  return key;
}

async function restart(awayMs: number): Promise<void> {
  const nodes = [];
  for (const { name } of [...world.live]) nodes.push(await world.kill(name));
  world.clock.advance(awayMs);
  for (const node of nodes) await world.join(node, node.disk);
  await world.pass(3_000);
}

it(
  'a block that all have given up goes everywhere; one that somebody keeps stays',
  { timeout: 90_000 },
  async () => {
    world = await StorageRing.start('garbage', NAMES.slice(0, 4));
    const ann = world.node('ann');
    const [gone, kept] = [await stored(ann, bytesOf(3000, 1)), await stored(ann, bytesOf(3000, 2))];
    await world.run(world.node('ben').storage.fetch(kept, { keep: true }));
    // Ben's lease is told in his first round, long before the grace of a release is over.
    await pass(KEEPER_FIRST_MS_MAX);
    await world.run(ann.storage.release([gone, kept]));
    await restart(RELEASE_GRACE_MS);
    for (
      let waited = 0;
      waited < FIRST_MS_MAX + 2 * PAUSE_MS && (await world.holderNames(gone)).length > 0;
      waited += 5_000
    )
      await pass(5_000);
    expect(await world.holderNames(gone)).toEqual([]);
    expect((await world.holderNames(kept)).length).toBeGreaterThanOrEqual(3);
    const collected = world.live.reduce((sum, { counters }) => sum + counters.get('storage.collected'), 0);
    expect(collected).toBeGreaterThanOrEqual(3);
  },
);

it(
  'a nearly full disk lets go what k replicas prove to hold, when they do',
  { timeout: 90_000 },
  async () => {
    world = await StorageRing.start('surplus', NAMES);
    const gus = await world.join(await createMember(world.ring, 'gus', { quotaBytes: 5000 }));
    await world.pass(3_000);
    const ann = world.node('ann');
    const mine = async (seed: number): Promise<{ readonly bytes: Bytes; readonly key: Key }> => {
      const bytes = bytesOf(1600, seed);
      const key = await sha256Of(bytes);
      return world.replicaNames(key).includes('gus') ? mine(seed + 1) : { bytes, key };
    };
    const [elsewhere, here, alone] = [await mine(1), await mine(50), await mine(100)];
    await stored(ann, elsewhere.bytes);
    await stored(ann, here.bytes);
    for (const { bytes, key } of [elsewhere, here, alone]) {
      const body = wire.putBlockRequest.encode({
        v: 1,
        key,
        leases: [await ann.lease(key, bytes.length)],
        block: bytes,
      });
      await world.run(ann.overlay.request(gus.contact.nodeId, serviceName('put-block'), body));
    }
    for (
      let waited = 0;
      waited < FIRST_MS_MAX && gus.counters.get('storage.surplus-dropped') < 2;
      waited += 5_000
    )
      await pass(5_000);
    expect(await world.holderNames(elsewhere.key)).not.toContain('gus');
    expect(await world.isWhole(elsewhere.key)).toBe(true);
    // What gus alone had stays here until it was handed on.
    for (const { key } of [elsewhere, here, alone]) {
      const names = await world.holderNames(key);
      expect(names.length >= 3 || names.includes('gus')).toBe(true);
    }
  },
);
