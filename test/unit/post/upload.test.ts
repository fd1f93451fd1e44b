/** The state of an upload: what the ring has is known again after any restart, for as long as it may be trusted. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MemoryKeyValueStore } from '../../../src/adapters/memory/key-value-store.ts';
import { Upload, UPLOAD_TRUST_MS, uploadCodec } from '../../../src/core/post/upload.ts';
import { HaltingStore } from '../node/halting-store.ts';

test('what was noted is missing no more, and the worst of it is known', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 40 }),
      fc.array(fc.record({ place: fc.nat(39), holders: fc.integer({ min: 1, max: 5 }) })),
      async (count, notes) => {
        const store = new MemoryKeyValueStore();
        const upload = await Upload.resume(store, 'a', count, 0);
        const within = notes.filter(({ place }) => place < count);
        for (const { place, holders } of within) upload.note(place, { holders, wanted: holders + 1 });
        await upload.saved();
        const again = await Upload.resume(store, 'a', count, UPLOAD_TRUST_MS - 1);
        const noted = new Set(within.map(({ place }) => place));
        expect(again.missing()).toEqual([...Array(count).keys()].filter((place) => !noted.has(place)));
        const held = within.map(({ holders }) => holders);
        expect(again.held).toEqual(
          held.length === 0 ? undefined : { holders: Math.min(...held), wanted: Math.max(...held) + 1 },
        );
      },
    ),
    { numRuns: 60 },
  );
});

test('it is not trusted for ever, not for another count, and gone when removed', async () => {
  const store = new MemoryKeyValueStore();
  const upload = await Upload.resume(store, 'a', 20, 5);
  upload.note(3, { holders: 4, wanted: 4 });
  await upload.saved();
  expect((await Upload.resume(store, 'a', 20, 5)).missing()).toHaveLength(19);
  expect((await Upload.resume(store, 'a', 20, 5 + UPLOAD_TRUST_MS)).missing()).toHaveLength(20);
  expect((await Upload.resume(store, 'a', 30, 5)).missing()).toHaveLength(30);
  expect((await Upload.resume(store, 'b', 20, 5)).missing()).toHaveLength(20);
  await store.write([Upload.removal('a')]);
  expect((await Upload.resume(store, 'a', 20, 5)).missing()).toHaveLength(20);
});

test('many notes share a write, and a disk that fails is heard of', async () => {
  const disk = new MemoryKeyValueStore();
  const store = new HaltingStore(disk, 2);
  const upload = await Upload.resume(store, 'a', 64, 0);
  for (let place = 0; place < 64; place++) upload.note(place, { holders: 2, wanted: 3 });
  await upload.saved();
  expect((await Upload.resume(disk, 'a', 64, 0)).missing()).toEqual([]);
  upload.note(0, { holders: 1, wanted: 3 });
  await expect(upload.saved()).rejects.toMatchObject({ code: 'closed' });
});

test('damage on the disk is no knowledge', async () => {
  const store = new MemoryKeyValueStore();
  const upload = await Upload.resume(store, 'a', 8, 0);
  upload.note(0, { holders: 1, wanted: 1 });
  await upload.saved();
  const [[key, value]] = (await store.entries({
    gte: new Uint8Array(),
    lt: new Uint8Array(9).fill(255),
  })) as [readonly [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>]];
  expect(uploadCodec.decode(value).ok).toBe(true);
  await store.write([{ type: 'put', key, value: value.slice(1) }]);
  expect((await Upload.resume(store, 'a', 8, 0)).missing()).toHaveLength(8);
});
