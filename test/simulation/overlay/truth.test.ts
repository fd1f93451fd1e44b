/** The observer: who the root of an open key is and was, in each part of a cut network. */
import { describe, expect, test } from 'vitest';
import type { Id } from '../../../src/core/codec/id.ts';
import { Directory } from './directory.ts';
import { SortedRing, Truth } from './truth.ts';

/** An id whose first byte is this one, and whose others are zero. */
function at(first: number): Id {
  const id = new Uint8Array(32) as Id;
  id[0] = first;
  return id;
}

/** Nodes 0 to 3 at 0x10, 0x40, 0x80 and 0xc0, all in one group. */
function observer() {
  const directory = new Directory();
  for (const place of [0x10, 0x40, 0x80, 0xc0]) directory.add(at(place), 'tab');
  const groups = [0, 0, 0, 0];
  return { directory, groups, truth: new Truth(directory, (node) => groups[node]!) };
}

describe('the root of a key', () => {
  test('is the closest ready node, also over the end of the ring; nobody before anybody is ready', () => {
    const { truth } = observer();
    expect(truth.rootOf(at(0x41), 0)).toBe(-1);
    for (const node of [0, 1, 2, 3]) truth.enter(node);
    expect([0x41, 0x61, 0x9f, 0xf0, 0xe7].map((place) => truth.rootOf(at(place), 0))).toEqual([
      1, 2, 2, 0, 3,
    ]);
  });

  test('that is open remembers all who were it, the present one last', () => {
    const { truth } = observer();
    const open = truth.open(at(0x42), 0);
    expect(open.roots).toEqual([]);
    truth.enter(3);
    truth.enter(2);
    truth.enter(0);
    truth.enter(1);
    truth.exit(1);
    expect([open.root, open.roots]).toEqual([0, [3, 2, 0, 1]]);
    truth.close(open);
    truth.enter(1);
    expect(open.root).toBe(0);
  });

  test('is one in each part of a cut network; who was it before the cut counts for a key that was open', () => {
    const { truth, groups } = observer();
    for (const node of [0, 1, 2, 3]) truth.enter(node);
    const open = truth.open(at(0x42), 0);
    truth.regroup(() => (groups[1] = 1), [0, 1, 2, 3]);
    expect([truth.rootOf(at(0x42), 0), truth.rootOf(at(0x42), 1), truth.ring(1).size]).toEqual([0, 1, 1]);
    expect(open.roots).toEqual([1, 0]);
    truth.exit(1);
    expect(open.root).toBe(0);
  });
});

test('neighbours on the ring are so many on each side, each once', () => {
  const { directory } = observer();
  const ring = new SortedRing(directory);
  for (const node of [3, 1, 0, 2]) ring.add(node);
  expect(ring.neighbours(0, 1)).toEqual([3, 1]);
  expect(ring.neighbours(0, 8).sort()).toEqual([1, 2, 3]);
  ring.remove(3);
  expect(ring.neighbours(0, 1)).toEqual([2, 1]);
});
