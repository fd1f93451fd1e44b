/** What a node remembers of others' holdings from session to session: the same comes back; what is damaged is nothing. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MemoryKeyValueStore } from '../../../src/adapters/memory/key-value-store.ts';
import { utf8 } from '../../../src/core/codec/bytes.ts';
import { Counters } from '../../../src/core/codec/counters.ts';
import type { Id } from '../../../src/core/codec/id.ts';
import { sha256 } from '../../../src/core/crypto/hash.ts';
import { mirrorsKey } from '../../../src/core/storage/layout.ts';
import { loadMirrors, REMEMBERED_KEYS_MAX, saveMirrors } from '../../../src/core/storage/mirror-memory.ts';
import { Mirrors, type RememberedMirror } from '../../../src/core/storage/mirrors.ts';
import { KeyTree } from '../../../src/core/storage/reconcile/key-tree.ts';

const id = (name: string): Id => sha256(utf8(name));
const mirror = (name: string, keys: readonly Id[]): RememberedMirror => ({
  nodeId: id(name),
  arc: { from: id(`${name} from`), to: id(`${name} to`) },
  tree: KeyTree.of(keys),
});
const plain = (mirrors: readonly RememberedMirror[]) =>
  mirrors.map(({ nodeId, arc, tree }) => ({ nodeId, arc, keys: tree.entries() }));

it('gives back whose arcs hold which keys, in the order of comparison', async () => {
  const keys = Array.from({ length: 40 }, (_, i) => id(`key ${i}`));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uniqueArray(fc.nat(39)), { maxLength: 20 }), async (held) => {
      const mirrors = held.map((list, i) =>
        mirror(
          `node ${i}`,
          list.map((at) => keys[at]!),
        ),
      );
      const store = new MemoryKeyValueStore();
      const counters = new Counters(() => 0);
      expect(await loadMirrors(store, counters)).toEqual([]);
      await saveMirrors(store, mirrors, counters);
      expect(plain(await loadMirrors(store, counters))).toEqual(plain(mirrors));
      expect(counters.counts()).toEqual([]);
    }),
  );
});

it('leaves out those compared least recently when there are too many keys', async () => {
  const many = (name: string, count: number): Id[] =>
    Array.from({ length: count }, (_, i) => {
      const key = id(name);
      new DataView(key.buffer).setUint32(28, i);
      return key;
    });
  const mirrors = [
    mirror('oldest', many('a', 1)),
    mirror('older', many('b', REMEMBERED_KEYS_MAX)),
    mirror('newest', many('c', 1)),
  ];
  const store = new MemoryKeyValueStore();
  const counters = new Counters(() => 0);
  await saveMirrors(store, mirrors, counters);
  expect((await loadMirrors(store, counters)).map(({ nodeId }) => nodeId)).toEqual([id('newest')]);
});

it('counts what is damaged, and starts with nothing', async () => {
  const store = new MemoryKeyValueStore();
  await store.write([{ type: 'put', key: mirrorsKey(), value: utf8('damaged') }]);
  const counters = new Counters(() => 0);
  expect(await loadMirrors(store, counters)).toEqual([]);
  expect(counters.get('storage.damaged')).toBe(1);
});

it('is where comparisons start, and counts for nothing else', () => {
  const keys = [id('one'), id('two')];
  const known = mirror('peer', keys);
  const mirrors = new Mirrors([known]);
  expect(mirrors.believed(known.nodeId, known.arc, KeyTree.EMPTY).entries()).toEqual(known.tree.entries());
  expect(mirrors.fresh(known.nodeId, known.arc, 0)).toBeUndefined();
  expect(mirrors.remembered()).toEqual([known]);
});

it('lends our own blocks for the part of an arc where nothing is known', () => {
  const at = (first: number): Id => new Uint8Array(32).fill(0).fill(first, 0, 1);
  const peer = { nodeId: id('peer'), arc: { from: at(10), to: at(20) }, tree: KeyTree.of([at(12)]) };
  const own = KeyTree.of([at(5), at(13), at(25), at(40)]);
  const mirrors = new Mirrors([peer]);
  const believed = mirrors.believed(peer.nodeId, { from: at(8), to: at(30) }, own);
  expect(believed.entries()).toEqual([at(12), at(25)]);
  expect(mirrors.believed(id('stranger'), peer.arc, own)).toBe(own);
});

it('keeps what it knew beside an arc that moved, and counts only what was compared', () => {
  const at = (first: number): Id => new Uint8Array(32).fill(first, 0, 1);
  const peer = id('peer');
  const mirrors = new Mirrors();
  const [first, second] = [
    { from: at(10), to: at(20) },
    { from: at(15), to: at(30) },
  ];
  const compare = (arc: typeof first, extra: readonly Id[], lacking: readonly Id[], now: number): void =>
    mirrors.compared(
      peer,
      mirrors.believed(peer, arc, KeyTree.EMPTY),
      arc,
      { end: 'complete', lacking, extra },
      now,
    );
  compare(first, [at(12), at(17)], [], 1);
  compare(second, [at(25)], [at(17)], 2);
  expect(mirrors.believed(peer, first, KeyTree.EMPTY).entries()).toEqual([at(12), at(25)]);
  expect(mirrors.fresh(peer, first, 0)).toBeUndefined();
  expect(mirrors.fresh(peer, second, 2)?.entriesWithin(second)).toEqual([at(25)]);
  const apart = { from: at(40), to: at(50) };
  compare(apart, [at(41)], [], 3);
  expect(mirrors.believed(peer, apart, KeyTree.EMPTY).entries()).toEqual([at(41)]);
});
