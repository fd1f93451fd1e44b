import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import '../../../support/english.ts';
import { kindOf } from '../../../../src/app/ring-player/kinds.ts';
import {
  bendOf,
  Circle,
  nearestTo,
  pointAt,
  pointOnChord,
  radiiOf,
} from '../../../../src/app/ring-player/layout.ts';
import { LINKS_DRAWN_MAX, shareDrawn } from '../../../../src/app/ring-player/paint-links.ts';
import { keyText, namesOf, speedText, spokenTime, timeText } from '../../../../src/app/ring-player/words.ts';
import { evenIds } from './sample-trace.ts';

const TURN = 2 * Math.PI;
const id = fc.stringMatching(/^[0-9a-f]{13}$/);
const ids = fc.uniqueArray(id, { minLength: 1, maxLength: 60 });

describe('the circle', () => {
  test('even ids stand evenly, 0 at the top, clockwise', () => {
    const { angles } = new Circle(evenIds(4));
    expect([...angles].map((angle) => angle / TURN)).toEqual([0, 0.25, 0.5, 0.75]);
    expect(pointAt(angles[1]!, 50, 100)).toEqual({ x: 150, y: 100 - 50 * Math.cos(TURN / 4) });
  });

  test('the order of the numbers is the order on the circle, with room between, in one turn', () => {
    fc.assert(
      fc.property(ids, (nodes) => {
        const { angles } = new Circle(nodes);
        const sorted = nodes
          .map((node, i) => ({ node, angle: angles[i]! }))
          .sort((a, b) => (a.node < b.node ? -1 : 1));
        const room = (0.39 * TURN) / nodes.length;
        sorted.slice(1).forEach(({ angle }, i) => expect(angle - sorted[i]!.angle).toBeGreaterThan(room));
        expect(sorted.at(-1)!.angle - sorted[0]!.angle).toBeLessThan(TURN);
      }),
    );
  });

  test('0 stands at the top, and a key nearer to the node on its left or right that is nearer by number', () => {
    const number = (digits: string): number => Number.parseInt(digits, 16) / 16 ** 13;
    const far = (a: number, b: number, turn: number): number => (((a - b) % turn) + turn) % turn;
    fc.assert(
      fc.property(ids, id, (nodes, key) => {
        const circle = new Circle(nodes);
        expect(Math.abs(Math.sin(circle.angleOf('0'.repeat(13)) / 2))).toBeLessThan(1e-9);
        const around = nodes.map((node, i) => ({
          before: far(number(key), number(node), 1),
          after: far(number(node), number(key), 1),
          drawnBefore: far(circle.angleOf(key), circle.angles[i]!, TURN),
          drawnAfter: far(circle.angles[i]!, circle.angleOf(key), TURN),
        }));
        const left = around.reduce((best, node) => (node.before < best.before ? node : best));
        const right = around.reduce((best, node) => (node.after < best.after ? node : best));
        if (Math.abs(left.before - right.after) < 1e-9) return;
        expect(left.drawnBefore < right.drawnAfter).toBe(left.before < right.after);
      }),
    );
  });

  test('a chord begins and ends at its nodes, and bends to the middle', () => {
    const [from, to] = [pointAt(0, 50, 100), pointAt(TURN / 4, 50, 100)];
    const bend = bendOf(from, to, 100);
    expect(pointOnChord(from, bend, to, 0)).toEqual(from);
    expect(pointOnChord(from, bend, to, 1)).toEqual(to);
    const middle = pointOnChord(from, bend, to, 0.5);
    expect(Math.hypot(middle.x - 100, middle.y - 100)).toBeLessThan(50 * Math.SQRT1_2);
  });

  test('pointing finds the nearest node within reach', () => {
    const points = [pointAt(0, 50, 100), pointAt(TURN / 4, 50, 100)];
    expect(nearestTo(points, 101, 52, 20)).toBe(0);
    expect(nearestTo(points, 148, 98, 20)).toBe(1);
    expect(nearestTo(points, 100, 100, 20)).toBeUndefined();
  });
});

describe('a partition', () => {
  const cut = { groups: [0, 1, 0, 2], cutAtMs: 1_000, healedAtMs: undefined };

  test('parts the rings, one inside the other, and healing unites them', () => {
    expect(radiiOf(undefined, 0, 100).size).toBe(0);
    expect([...radiiOf(cut, 1_000, 100).values()]).toEqual([1, 1, 1]);
    const parted = [...radiiOf(cut, 1_100, 100).values()];
    expect(parted[0]).toBe(1);
    expect(parted[0]! - parted[1]!).toBeCloseTo(parted[1]! - parted[2]!);
    const healed = { ...cut, healedAtMs: 2_000 };
    expect([...radiiOf(healed, 2_000, 100).values()]).toEqual(parted);
    expect([...radiiOf(healed, 2_100, 100).values()]).toEqual([1, 1, 1]);
    const between = radiiOf(healed, 2_050, 100).get(2)!;
    expect(between > parted[2]! && between < 1).toBe(true);
  });

  test('without motion it is there at once', () => {
    expect(radiiOf(cut, 1_000, 0).get(2)).toBeCloseTo(0.74);
    expect(radiiOf({ ...cut, healedAtMs: 1_000 }, 1_000, 0).get(2)).toBe(1);
  });
});

test('of very many links a fixed share is drawn, at most as many as make sense', () => {
  fc.assert(
    fc.property(fc.nat(2_000_000), (links) => {
      const drawn = links * shareDrawn(links);
      expect(drawn).toBeLessThanOrEqual(LINKS_DRAWN_MAX);
      if (links > LINKS_DRAWN_MAX) expect(drawn).toBeGreaterThanOrEqual(LINKS_DRAWN_MAX / 2);
    }),
  );
});

describe('words', () => {
  test('names are as short as tells nodes apart', () => {
    expect(namesOf(['1234567890abc', '1234599990abc', '9000000000000'])).toEqual([
      '123456',
      '123459',
      '9000',
    ]);
    fc.assert(fc.property(ids, (nodes) => new Set(namesOf(nodes)).size === nodes.length));
  });

  test('times and speeds', () => {
    expect([0, 999, 61_250, 3_727_300].map(timeText)).toEqual(['0:00.0', '0:00.9', '1:01.2', '1:02:07.3']);
    expect([1_000, 67_900].map(spokenTime)).toEqual(['1 second', '1 minute 7 seconds']);
    expect([0.05, 1, 20].map(speedText)).toEqual(['1/20 of real time', 'real time', '20 times as fast']);
    expect(keyText('0123456789abc')).toBe('012345…');
  });

  test('a type that is not known is something else', () => {
    expect(['probe', 'constructor', 'nonsense'].map(kindOf)).toEqual(['upkeep', 'other', 'other']);
  });
});
