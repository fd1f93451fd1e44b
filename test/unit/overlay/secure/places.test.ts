/** Where nodes live and how densely: the density test and what a leaf set tells (Castro et al., OSDI 2002, §5.2). */
import { describe, expect, test } from 'vitest';
import type { Id } from '../../../../src/core/codec/id.ts';
import { LEAF_SET_SIZE } from '../../../../src/core/overlay/leaf-set.ts';
import { shifted, sparseness } from '../../../../src/core/overlay/secure/density.ts';
import { firstLane } from '../../../../src/core/overlay/secure/journeys.ts';
import { Neighbourhood, NEIGHBOURS } from '../../../../src/core/overlay/secure/neighbourhood.ts';
import { OwnRange } from '../../../../src/core/overlay/secure/own-range.ts';

/** The point at a share of the ring, from its beginning. */
const at = (share: number): Id => shifted(new Uint8Array(32) as Id, share);
const placed = (...shares: readonly number[]) => shares.map((share) => ({ nodeId: at(share) }));

describe('the density test', () => {
  const key = at(0.5);

  test('nodes that are as dense as those around us have a sparseness of 1 (§5.2)', () => {
    const around = Array.from({ length: 12 }, (_, i) => 0.5 + (i % 2 ? -1 : 1) * 0.005 * (i + 1));
    expect(sparseness(key, placed(...around), 0.01)).toBeCloseTo(1, 6);
  });

  test('a coalition of a quarter of the ring is four times as sparse (§5.2)', () => {
    const around = Array.from({ length: 12 }, (_, i) => 0.5 + (i % 2 ? -1 : 1) * 0.02 * (i + 1));
    expect(sparseness(key, placed(...around), 0.01)).toBeCloseTo(4, 6);
  });

  test('distances go the shorter way round', () => {
    expect(sparseness(at(0.001), placed(0.999), 0.004)).toBeCloseTo(1, 6);
  });

  test.each([
    [0.25, 0.5, 0.75],
    [0.875, 0.25, 0.125],
    [0.125, -0.25, 0.875],
    [0, -(2 ** -40), 1 - 2 ** -40],
  ])('the point %d shifted by %d is %d', (from, by, to) => {
    expect(shifted(at(from), by)).toEqual(at(to));
  });
});

describe('our own range', () => {
  const self = at(0.5);
  const leaves = (spacing: number) =>
    placed(
      ...Array.from({ length: LEAF_SET_SIZE / 2 }, (_, i) => [
        0.5 + spacing * (i + 1),
        0.5 - spacing * (i + 1),
      ]).flat(),
    );

  test('the spacing is the mean over the leaf set (§5.2: μ_p)', () => {
    expect(new OwnRange(self, leaves(0.001)).spacing).toBeCloseTo(0.001, 9);
  });

  test('a leaf set that is the whole ring says nothing of density, and covers everything', () => {
    const range = new OwnRange(self, placed(0.1, 0.6));
    expect(range.spacing).toBeUndefined();
    expect(range.reaches(at(0), at(0.4))).toBe(true);
  });

  test('it tells who is closest as far as nobody unknown can be closer', () => {
    const range = new OwnRange(self, leaves(0.001));
    expect(range.reaches(at(0.5), at(0.502))).toBe(true);
    expect(range.reaches(at(0.507), at(0.5075))).toBe(true);
    // As far from the key as the end of the range: beyond that may live somebody closer.
    expect(range.reaches(at(0.507), at(0.5045))).toBe(false);
    expect(range.reaches(at(0.6), at(0.6))).toBe(false);
  });
});

describe('the neighbourhood of a key', () => {
  const key = at(0.5);
  const way = firstLane({ key, firstHops: [], spacing: 0.01 });

  test('keeps the closest who have spoken, the closest first', () => {
    const found = new Neighbourhood(key);
    for (let i = 20; i >= 1; i--) found.add(at(0.5 + 0.001 * i), way);
    expect(found.closest.map(({ nodeId }) => nodeId)).toEqual(
      Array.from({ length: NEIGHBOURS }, (_, i) => at(0.5 + 0.001 * (i + 1))),
    );
  });

  test('misses whom others name until they speak, and nobody who is too far (§5.1: nothing on hearsay)', () => {
    const found = new Neighbourhood(key);
    for (let i = 1; i <= NEIGHBOURS; i++) found.add(at(0.5 + 0.001 * i), way);
    expect(found.isMissing(at(0.4995))).toBe(true);
    expect(found.isMissing(at(0.6))).toBe(false);
    expect(found.rankOf(at(0.4995))).toBe(0);
    found.add(at(0.4995), way);
    expect(found.isMissing(at(0.4995))).toBe(false);
  });

  test('remembers three ways to a node at most', () => {
    const found = new Neighbourhood(key);
    for (let i = 0; i < 10; i++) found.add(at(0.5), way);
    expect(found.closest[0]!.journeys).toHaveLength(3);
  });
});
