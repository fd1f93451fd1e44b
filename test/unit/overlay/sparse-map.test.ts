/** Maps that share the empty one behave like maps of their own. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NO_ENTRIES, withEntry, withoutEntry } from '../../../src/core/overlay/sparse-map.ts';

const change = fc.record({ map: fc.nat(2), key: fc.nat(3), value: fc.option(fc.nat()) });

test('entries come and go in each map for itself, and the shared one stays empty', () => {
  fc.assert(
    fc.property(fc.array(change), (changes) => {
      const sparse: ReadonlyMap<number, number>[] = [NO_ENTRIES, NO_ENTRIES, NO_ENTRIES];
      const plain = sparse.map(() => new Map<number, number>());
      for (const { map, key, value } of changes) {
        if (value === null) plain[map]!.delete(key);
        else plain[map]!.set(key, value);
        sparse[map] = value === null ? withoutEntry(sparse[map]!, key) : withEntry(sparse[map]!, key, value);
        expect(sparse.map((entries) => [...entries])).toEqual(plain.map((entries) => [...entries]));
        expect(sparse.map((entries) => entries === NO_ENTRIES)).toEqual(plain.map(({ size }) => size === 0));
        expect(NO_ENTRIES.size).toBe(0);
      }
    }),
  );
});

test('a map may lose its entries while they are gone through', () => {
  let map: ReadonlyMap<number, number> = NO_ENTRIES;
  for (let key = 0; key < 5; key++) map = withEntry(map, key, key);
  const seen: number[] = [];
  for (const [key] of map) {
    seen.push(key);
    map = withoutEntry(map, key);
  }
  expect([seen, map]).toEqual([[0, 1, 2, 3, 4], NO_ENTRIES]);
});
