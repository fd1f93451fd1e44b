/** What is usual at a time of the week, and the size of a ring from the spacing of its ids (Castro et al. 2002, section 5.2). */
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { compareClockwise, type NodeId } from '../../../src/core/codec/id.ts';
import { ringSize, SLOTS_MAX, UsualSizes } from '../../../src/core/node/usual-sizes.ts';
import { LEAF_SIDE, type Placed } from '../../../src/core/overlay/leaf-set.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
/** Monday, 10:00. */
const MONDAY = Date.UTC(2026, 0, 5, 10);

describe('usual sizes', () => {
  it('belong to a time of the day, on working days or at the weekend', () => {
    const sizes = new UsualSizes([]);
    sizes.count(40, MONDAY);
    expect(sizes.at(MONDAY + DAY_MS + HOUR_MS)).toBe(40);
    expect(sizes.at(MONDAY + 12 * HOUR_MS)).toBeUndefined();
    expect(sizes.at(MONDAY + 5 * DAY_MS)).toBeUndefined();
    sizes.count(4, MONDAY + 5 * DAY_MS);
    expect(sizes.at(MONDAY + 6 * DAY_MS)).toBe(4);
    expect(sizes.at(MONDAY)).toBe(40);
  });

  it('follow what is seen, slowly, and are counted once in half an hour', () => {
    const sizes = new UsualSizes([]);
    expect(sizes.count(100, MONDAY)).toBe(true);
    expect(sizes.count(1, MONDAY + HOUR_MS / 2 - 1)).toBe(false);
    expect(sizes.at(MONDAY)).toBe(100);
    sizes.count(2, MONDAY + DAY_MS);
    expect(sizes.at(MONDAY)).toBe(80);
    for (let day = 2; day < 60; day++) sizes.count(2, MONDAY + day * DAY_MS);
    expect(sizes.at(MONDAY)).toBeLessThan(6);
    expect(new UsualSizes(sizes.all()).at(MONDAY)).toBe(sizes.at(MONDAY));
  });

  it('are bounded', () => {
    const sizes = new UsualSizes([]);
    for (let hour = 0; hour < 24 * 30; hour++) sizes.count(5, MONDAY + hour * HOUR_MS);
    expect(sizes.all()).toHaveLength(SLOTS_MAX);
  });
});

/** The nearest on both sides. */
function leafSetOf(self: NodeId, nodes: readonly Placed[]): readonly Placed[] {
  const upwards = [...nodes].sort((a, b) => compareClockwise(self, a.nodeId, b.nodeId));
  return [...new Set([...upwards.slice(0, LEAF_SIDE), ...upwards.slice(-LEAF_SIDE)])];
}

describe('the size of a ring', () => {
  const place = (seed: string): { nodeId: NodeId } => ({
    nodeId: new SeededRandom(seed).bytes(32) as NodeId,
  });

  it('is counted while the leaf set holds all of it', () => {
    const self = place('self');
    expect(ringSize(self.nodeId, [])).toBe(1);
    const nodes = Array.from({ length: 15 }, (_, i) => place(`small ${i}`));
    expect(ringSize(self.nodeId, nodes)).toBe(16);
  });

  it.each([17, 60, 300])('of %i nodes is told from the gaps of a leaf set, without bias', (size) => {
    const tries = 60;
    let sum = 0;
    for (let i = 0; i < tries; i++) {
      const self = place(`${size}/${i}`);
      const nodes = Array.from({ length: size - 1 }, (_, n) => place(`${size}/${i}/${n}`));
      sum += ringSize(self.nodeId, leafSetOf(self.nodeId, nodes));
    }
    expect(sum / tries / size).toBeGreaterThan(0.85);
    expect(sum / tries / size).toBeLessThan(1.15);
  });
});
