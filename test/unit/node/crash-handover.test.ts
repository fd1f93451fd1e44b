/**
 * Design, "Storage": hand-over when nodes join. The node that takes over dies before and after each of its writes in turn;
 * in the end it has everything once, and those who gave it have lost nothing.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { MemoryKeyValueStore } from '../../../src/adapters/memory/key-value-store.ts';
import { verifyStore } from '../../../src/core/backup/verify-store.ts';
import { createMember, START } from '../storage/member.ts';
import { StorageRing, type RingNode } from '../storage/storage-ring.ts';
import { CrashDisk } from './crash-disk.ts';

let world: StorageRing;
afterEach(() => world.stop());

/** A relay and a tab that hold something of each kind; with a third node all three are replicas of everything. */
async function start(seed: string): Promise<RingNode> {
  world = await StorageRing.start(seed, ['ann']);
  const ann = world.node('ann');
  const { storage } = ann;
  for (const label of ['one', 'two']) await world.run(storage.putRecord(await ann.record(label, 1, label)));
  for (const text of ['hello', 'again'])
    await world.run(storage.appendToInbox(await ann.entry(ann, text, world.clock.now())));
  await world.run(storage.putCertificate(await world.ring.identityCertificate('ann', ann.keys.identityKey)));
  return ann;
}

/** Records, certificates and entries: what is handed over at once. */
function handedOver({ storage }: RingNode): readonly number[] {
  const { records, certificates, inboxEntries } = storage.statistics();
  return [records, certificates, inboxEntries];
}

function hasAll(node: RingNode, ann: RingNode): Promise<boolean> {
  return Promise.resolve(`${handedOver(node)}` === `${handedOver(ann)}`);
}

describe.each(['before', 'after'] as const)('a node that takes over and dies %s each write', (kind) => {
  it('has everything once after a restart', { timeout: 120_000 }, async () => {
    const ann = await start(`hand-over ${kind}`);
    const given = ann.storage.statistics();
    let points = 0;
    for (let hasHit = true; hasHit; points++) {
      const name = `cat ${points}`;
      const cat = await createMember(world.ring, name);
      const disk = new MemoryKeyValueStore();
      const store = new CrashDisk(disk, { at: points + 1, kind });
      store.died = () => world.hub.kill(cat.contact.nodeId);
      const first = await world.join(cat, disk, store);
      await world.until(async () => store.hasHit || (await hasAll(first, ann)));
      hasHit = store.hasHit;
      store.halt();
      await world.kill(name);
      const again = await world.join(cat, disk);
      await world.until(() => hasAll(again, ann));
      await world.kill(name);
      disk.reopen();
      expect((await verifyStore(disk, world.ring.trust, START)).faults).toEqual([]);
      expect(ann.storage.statistics()).toEqual(given);
    }
    expect(points).toBeGreaterThan(5);
  });
});
