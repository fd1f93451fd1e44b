/**
 * One attachment of 1 MB that 10 people send, each in a mail of their own, on a ring of whole nodes in memory: what all disks hold
 * afterwards, against what they would hold if each mail were stored by itself.
 *
 * Estimate: k + a copies of the attachment, whoever else sends it again, and on each sender's own disk the copy that is kept there.
 */
import { idText, type Key } from '../../../src/core/codec/id.ts';
import { MessageStore } from '../../../src/core/post/message-store.ts';
import { bytesSource } from '../../../src/core/post/source.ts';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { StorageRing } from '../../unit/storage/storage-ring.ts';
import { someBytes } from '../overlay/pick.ts';
import type { Row } from './row.ts';

const SENDERS = 10;
const ATTACHMENT_BYTES = 1_000_000;
const TEXT_BYTES = 2_000;
/** The ring's k and a. */
const COPIES = 4;

export async function measureDeduplication(): Promise<Row[]> {
  const names = Array.from({ length: SENDERS }, (_, i) => `sender-${i}`);
  const world = await StorageRing.start('bench', names);
  const attachment = someBytes(ATTACHMENT_BYTES);
  const ringSecret = someBytes(32);
  const { ring } = world.ring.trust;
  const shared = new Map<string, Key>();
  let sentBytes = 0;
  for (const name of names) {
    const { storage } = world.node(name);
    const store = new MessageStore({ storage, ring, ringSecret, random: new SeededRandom(name) });
    for (const [bytes, mode] of [
      [attachment, 'convergent-ring'],
      [someBytes(TEXT_BYTES), 'random'],
    ] as const) {
      const kept = await world.run(store.keep(bytesSource(bytes), mode));
      for (const { key, sizeBytes } of kept.blocks) {
        if (bytes === attachment) shared.set(idText(key), key);
        sentBytes += sizeBytes;
        await world.run(storage.insert(key));
      }
    }
  }
  const heldBytes = world.live.reduce((sum, { storage }) => sum + storage.statistics().blockBytes, 0);
  const copies: number[] = [];
  for (const key of shared.values()) {
    const holders = new Set(await world.holderNames(key));
    copies.push(world.replicaNames(key).filter((name) => holders.has(name)).length);
  }
  await world.stop();
  return [
    {
      figure: `1 MB sent by ${SENDERS} people: MB on all disks, the senders' own copies included`,
      ours: heldBytes / 1e6,
      peer: ((COPIES + 1) * sentBytes) / 1e6,
      peerName: 'each mail by itself',
    },
    { figure: 'the same: distinct blocks of the attachment', ours: shared.size },
    { figure: 'the same: copies of each in the ring', ours: Math.max(...copies), oursMax: COPIES },
  ];
}
