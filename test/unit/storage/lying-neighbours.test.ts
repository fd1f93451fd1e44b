/** What is written and missed among neighbours that lie about who is closest (Castro et al., OSDI 2002, §5). */
import { afterEach, describe, expect, it } from 'vitest';
import { utf8, type Bytes } from '../../../src/core/codec/bytes.ts';
import { compareDistance, type Key } from '../../../src/core/codec/id.ts';
import { sha256 } from '../../../src/core/crypto/hash.ts';
import { OwnRange } from '../../../src/core/overlay/secure/own-range.ts';
import { lieAbout, refuseAll, type LyingNode } from '../overlay/secure/lying-nodes.ts';
import { StorageRing, type RingNode } from './storage-ring.ts';

/** More than a leaf set has. */
const NAMES = Array.from({ length: 30 }, (_, i) => `tab${i}`);
let world: StorageRing;

afterEach(() => world.stop());

function liar({ contact, overlay, vault }: RingNode): LyingNode {
  return { contact, overlay, sign: (purpose, body) => vault.sign(purpose, body) };
}

function closest(key: Key): readonly RingNode[] {
  return [...world.live].sort((a, b) => compareDistance(key, a.contact.nodeId, b.contact.nodeId));
}

/** Bytes whose key's closest nodes are far from this one. */
function farBlock(from: RingNode): { readonly bytes: Bytes; readonly key: Key } {
  const range = new OwnRange(from.contact.nodeId, from.overlay.leafSet());
  for (let i = 0; ; i++) {
    const bytes = utf8(`block ${i}`);
    const key = sha256(bytes) as Key;
    if (!range.reaches(key, closest(key)[2]!.contact.nodeId)) return { bytes, key };
  }
}

describe('among lying neighbours', () => {
  it('a block goes to the honest replicas, and what is missing is denied by them', async () => {
    world = await StorageRing.start('lying neighbour', NAMES);
    const ann = world.node('tab0');
    const { bytes, key } = farBlock(ann);
    const [, , , ...others] = closest(key);
    const liars = others
      .filter((node) => node !== ann && node.name !== 'relay')
      .slice(0, 7)
      .map(liar);
    lieAbout(liars, liars);
    await ann.storage.keep(bytes);
    const { receipts } = await world.run(ann.storage.insert(key));
    expect(receipts.length).toBeGreaterThanOrEqual(3);
    const holders = await world.holderNames(key);
    for (const name of world.replicaNames(key)) expect(holders).toContain(name);
    const missing = sha256(utf8(`nobody has ${key[0]}`)) as Key;
    await expect(world.run(ann.storage.fetch(missing))).rejects.toMatchObject({ code: 'not-found' });
  }, 120_000);

  it('where nobody can tell who is closest, nothing is "not found" and nothing counts as stored', async () => {
    world = await StorageRing.start('uncertain', NAMES);
    const ann = world.node('tab0');
    const { bytes, key } = farBlock(ann);
    refuseAll(world.live.filter((node) => node !== ann).map(liar));
    const clear = { code: 'unreachable', message: expect.stringContaining('cannot be told which nodes') };
    await expect(world.run(ann.storage.fetch(key))).rejects.toMatchObject(clear);
    await ann.storage.keep(bytes);
    await expect(world.run(ann.storage.insert(key))).rejects.toMatchObject(clear);
    expect(await world.holderNames(key)).toEqual(['tab0']);
  }, 120_000);
});
