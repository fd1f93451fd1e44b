/** Leases in a whole ring: claims are told, renewed, given up, and blocks are stored anew for whoever comes back late. */
import { afterEach, expect, it } from 'vitest';
import { utf8, type Bytes } from '../../../src/core/codec/bytes.ts';
import type { Key } from '../../../src/core/codec/id.ts';
import { accountNamed, isRelease } from '../../../src/core/storage/lease.ts';
import { FIRST_MS_MAX, PAUSE_MS } from '../../../src/core/storage/lease-keeper.ts';
import { leaseKey } from '../../../src/core/storage/layout.ts';
import { namespace } from '../../../src/core/storage/namespace.ts';
import { leaseCodec, type Lease } from '../../../src/core/storage/wire.ts';
import { turn } from '../../support/turn.ts';
import { StorageRing, type RingNode } from './storage-ring.ts';

const NAMES = ['ann', 'ben', 'cat', 'dan'];
const bytes: Bytes = utf8('a letter of some length');
const DAY_MS = 24 * 60 * 60 * 1000;
let world: StorageRing;
afterEach(() => world.stop());

/** The leases of one member on the block, on the disks of all replicas that have one. */
async function leasesOf(name: string, key: Key): Promise<readonly Lease[]> {
  const account = accountNamed(`${name}@example.org`);
  const found: Lease[] = [];
  for (const replica of world.replicaNames(key)) {
    const value = await namespace(world.node(replica).disk, 'storage').get(leaseKey(key, account));
    const lease = value && leaseCodec.decode(value);
    if (lease?.ok) found.push(lease.value);
  }
  return found;
}

async function stored(node: RingNode): Promise<Key> {
  const key = await world.run(node.storage.keep(bytes));
  await world.run(node.storage.insert(key));
  return key;
}

/** Signatures follow one another, a turn each: in longer steps requests would run out of their time meanwhile. */
const STEP_MS = 5;

/** A first round, and the one after it, which makes up for what did not come through. */
const ROUNDS_MS = FIRST_MS_MAX + PAUSE_MS + FIRST_MS_MAX;

/** Lets minutes pass until it is so. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < ROUNDS_MS; waited += STEP_MS) {
    if (waited % 1000 === 0 && (await isSo())) return;
    world.clock.advance(STEP_MS);
    await turn();
  }
  expect(await isSo()).toBe(true);
}

async function restart(
  names: readonly string[],
  awayMs: number,
  emptied: readonly string[] = [],
): Promise<void> {
  const nodes = [];
  for (const name of names) nodes.push(await world.kill(name));
  world.clock.advance(awayMs);
  for (const node of nodes) await world.join(node, emptied.includes(node.name) ? undefined : node.disk);
  await world.pass(3_000);
}

it('a reader who keeps a block soon has a lease on it, and keeps it when its writer gives it up', async () => {
  world = await StorageRing.start('reader', NAMES);
  const key = await stored(world.node('ann'));
  const reader = world.node('ben').storage;
  await world.run(reader.fetch(key, { keep: true }));
  const everywhere = world.replicaNames(key).length;
  await until(async () => (await leasesOf('ben', key)).length === everywhere);
  await world.run(world.node('ann').storage.release([key]));
  await restart(['ann'], 0);
  const isToldAll = async () => {
    const leases = await leasesOf('ann', key);
    return leases.length === everywhere && leases.every(({ body }) => isRelease(body));
  };
  await until(isToldAll);
  expect((await leasesOf('ben', key)).some(({ body }) => isRelease(body))).toBe(false);
});

it('a tab that was closed for weeks renews everywhere', async () => {
  world = await StorageRing.start('weeks', NAMES);
  const key = await stored(world.node('ann'));
  const before = (await leasesOf('ann', key))[0]!.body.until;
  await restart(['relay', ...NAMES], 31 * DAY_MS);
  const isRenewed = async () => {
    const leases = await leasesOf('ann', key);
    return leases.length >= 3 && leases.every(({ body }) => body.until > before);
  };
  await until(isRenewed);
  expect(await world.isWhole(key)).toBe(true);
});

it('whoever renews stores anew what the ring has lost meanwhile', async () => {
  world = await StorageRing.start('late', NAMES);
  const key = await stored(world.node('ann'));
  await restart(['relay', ...NAMES], 31 * DAY_MS, ['relay', ...NAMES.slice(1)]);
  await until(() => world.isWhole(key));
  expect((await leasesOf('ann', key)).length).toBeGreaterThanOrEqual(3);
});
