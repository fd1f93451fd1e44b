/** The parts of the overlay simulator, each against a naive twin. */
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../src/adapters/memory/random.ts';
import { toHex, utf8 } from '../../src/core/codec/bytes.ts';
import { compareDistance, type Id } from '../../src/core/codec/id.ts';
import { sha256 } from '../../src/core/crypto/hash.ts';
import { toWire } from '../../src/core/overlay/contact.ts';
import { Directory, forgedContact } from './overlay/directory.ts';
import { EventQueue } from './overlay/event-queue.ts';
import { Latency } from './overlay/latency.ts';
import { LinkTable } from './overlay/link-table.ts';
import { exponentialMs, ln } from './overlay/numbers.ts';
import { SortedRing } from './overlay/truth.ts';

describe('the event queue', () => {
  test('gives events in the order of time, and of planning within a millisecond', () => {
    const random = new SeededRandom('queue');
    const queue = new EventQueue();
    const planned: { at: number; number: number }[] = [];
    const happened: number[] = [];
    let number = 0;
    const plan = (): void => {
      // Near, within the fine wheel, and beyond several of its rounds.
      const at = queue.now + random.below([20, 60_000, 400_000][random.below(3)]!);
      planned.push({ at, number });
      queue.add(at, 1, number++, 0, 0, `payload ${number - 1}`);
    };
    for (let i = 0; i < 3_000; i++) plan();
    while (queue.next(10_000_000)) {
      const { at, a, payload } = queue.due;
      expect([at, payload]).toEqual([planned[a]!.at, `payload ${a}`]);
      happened.push(a);
      if (number < 6_000) plan();
    }
    const inOrder = planned.sort((x, y) => x.at - y.at || x.number - y.number);
    expect(happened).toEqual(inOrder.map((event) => event.number));
    expect(queue.now).toBe(10_000_000);
    expect(queue.size).toBe(0);
  });

  test('plans the past for now', () => {
    const queue = new EventQueue();
    queue.next(1_000);
    queue.add(5, 1, 7);
    expect(queue.next(1_000)).toBe(true);
    expect(queue.due).toMatchObject({ at: 1_000, a: 7 });
  });
});

describe('the link table', () => {
  test('is what a map of maps would be', () => {
    const random = new SeededRandom('links');
    const table = new LinkTable(8);
    const twin = new Map<number, Map<number, number>>();
    const of = (node: number): Map<number, number> => twin.get(node) ?? twin.set(node, new Map()).get(node)!;
    for (let i = 0; i < 40_000; i++) {
      const [node, peer] = [random.below(20), random.below(300)];
      const what = random.below(10);
      if (what < 6) {
        const number = table.nextNumber();
        table.put(node, peer, number);
        of(node).set(peer, number);
      } else if (what < 9) expect(table.remove(node, peer)).toBe(of(node).delete(peer));
      else if (random.below(100) === 0) {
        table.clear(node);
        of(node).clear();
      }
      const other = random.below(300);
      expect(table.numberOf(node, other)).toBe(of(node).get(other) ?? 0);
      expect(table.count(node)).toBe(of(node).size);
    }
    for (let node = 0; node < 20; node++)
      expect(table.peersOf(node).sort((a, b) => a - b)).toEqual([...of(node).keys()].sort((a, b) => a - b));
  });

  test('keeps the order of a link, unless something overtakes', () => {
    const table = new LinkTable();
    table.put(1, 2, table.nextNumber());
    const at = table.find(1, 2);
    expect([table.arrivalAt(at, 50, false), table.arrivalAt(at, 30, false)]).toEqual([50, 50]);
    expect(table.arrivalAt(at, 20, true)).toBe(20);
  });
});

describe('the observer', () => {
  const random = new SeededRandom('observer');
  const directory = new Directory();
  const nodes = Array.from({ length: 300 }, () => directory.add(random.bytes(32), 'tab'));
  const ring = new SortedRing(directory);
  for (const node of nodes) ring.add(node);

  test('finds nodes by their ids, also from copies of them', () => {
    for (const node of nodes) expect(directory.indexOf(directory.id(node).slice())).toBe(node);
    expect(directory.indexOf(random.bytes(32))).toBe(-1);
  });

  test('knows the closest nodes of a key as sorting all of them does', () => {
    for (let i = 0; i < 200; i++) {
      const key = random.bytes(32) as Id;
      const sorted = [...nodes].sort((a, b) => compareDistance(key, directory.id(a), directory.id(b)));
      expect(ring.closest(key)).toBe(sorted[0]);
      expect(ring.nearest(key, 17)).toEqual(sorted.slice(0, 17));
    }
  });

  test('takes only contacts whose certificate is the authority’s, and gives the one object of each', () => {
    const good = toWire(directory.contact(3));
    const copy = structuredClone(good);
    const stranger = forgedContact(random.bytes(32));
    const impostor = forgedContact(directory.id(4));
    const checked = directory.checked([good, stranger, copy, impostor]);
    expect(checked.map(({ contact }) => contact === directory.contact(3))).toEqual([true, true]);
    expect(directory.forgeriesRefused).toBe(2);
  });
});

describe('chance and distance', () => {
  test('the logarithm is the logarithm', () => {
    for (const x of [1e-9, 0.1, 0.5, 0.75, 1, 1.5, 2, Math.E, 10, 12_345.678])
      expect(ln(x)).toBeCloseTo(Math.log(x), 13);
  });

  test('half of the sessions are shorter than the median', () => {
    const random = new SeededRandom('sessions');
    const shorter = Array.from({ length: 10_000 }, () => exponentialMs(random, 60_000)).filter(
      (ms) => ms < 60_000,
    );
    expect(shorter.length / 10_000).toBeCloseTo(0.5, 1);
  });

  test('delays are 2 to 100 ms, symmetrical, and the same on every machine', () => {
    const latency = new Latency(new SeededRandom('golden'));
    for (let i = 0; i < 100; i++) latency.add();
    let text = '';
    for (let a = 0; a < 100; a++)
      for (let b = a + 1; b < 100; b++) {
        const ms = latency.between(a, b);
        expect(ms).toBe(latency.between(b, a));
        expect(ms).toBeGreaterThanOrEqual(2);
        expect(ms).toBeLessThanOrEqual(100);
        text += ` ${ms}`;
      }
    const random = new SeededRandom('golden');
    for (let i = 0; i < 100; i++) text += ` ${exponentialMs(random, 480_000)}`;
    expect(toHex(sha256(utf8(text)))).toMatchInlineSnapshot(
      `"15c3a406cfcbeb52530901d63dc98d5d9855d21e11f042efc2c5ea573b4457d3"`,
    );
  });
});
