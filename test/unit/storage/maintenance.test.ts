/** The maintenance machine alone. Carbonite (Chun et al., NSDI 2006, §3): copies only under a low-water mark, surplus ones kept. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { assert } from '../../../src/core/codec/assert.ts';
import { utf8 } from '../../../src/core/codec/bytes.ts';
import { compareDistance, idText, type Id, type Key, type NodeId } from '../../../src/core/codec/id.ts';
import { sha256 } from '../../../src/core/crypto/hash.ts';
import { Budget } from '../../../src/core/storage/budget.ts';
import { countCopies } from '../../../src/core/storage/copies.ts';
import { covers, dutyArc, hull, rankOf } from '../../../src/core/storage/duty.ts';
import {
  BURST_BYTES,
  BYTES_PER_SECOND,
  DEBOUNCE_MS,
  FRESH_MS,
  HYSTERESIS,
  MaintenanceMachine,
  PATIENCE_MS,
  PERIOD_MS,
  PROOFS_MAX,
  TASKS_MAX,
  TURN_MS,
  type MaintenanceEffect,
  type Verdict,
} from '../../../src/core/storage/maintenance.ts';
import { proofOf, proves } from '../../../src/core/storage/proof.ts';
import { inArc, WHOLE_RING } from '../../../src/core/storage/reconcile/arc.ts';
import { LOW_WATER } from '../../../src/core/storage/planner.ts';
import { KeyTree } from '../../../src/core/storage/reconcile/key-tree.ts';
import { LIAR_MS, MISSES_MAX, Trust } from '../../../src/core/storage/trust.ts';

const random = new SeededRandom('maintenance');
const id = (name: string): Id => sha256(utf8(name));
const self = id('self');
const keyNear = (nodes: readonly NodeId[], nearest: NodeId): Key => {
  for (let i = 0; ; i++) {
    const key = id(`key ${i}`);
    if (nodes.every((node) => node === nearest || compareDistance(key, nearest, node) < 0)) return key;
  }
};

/** A machine among neighbours with disks, and everything done at once; sees what is moved and named. */
class World {
  now = 0;
  own: KeyTree;
  readonly machine = new MaintenanceMachine({
    ...{ self, lowWater: LOW_WATER, k: 3, firstAt: PERIOD_MS },
    elsewhere: (key) => this.elsewhere(key),
  });
  readonly disks: Map<NodeId, KeyTree>;
  readonly seen: MaintenanceEffect[] = [];
  verdict: (peer: NodeId) => Verdict = () => 'good';
  silent: NodeId | undefined;
  elsewhere: (key: Key) => NodeId | undefined = () => undefined;
  #timerAt = Infinity;

  constructor(own: readonly Key[], disks: readonly (readonly [NodeId, readonly Key[]])[]) {
    this.own = KeyTree.of(own);
    this.disks = new Map(disks.map(([peer, keys]) => [peer, KeyTree.of(keys)]));
    this.neighbours([...this.disks.keys()]);
  }

  neighbours(leafSet: readonly NodeId[]): void {
    this.act(this.machine.step({ type: 'neighbours', leafSet, alwaysOn: [] }, this.own, this.now));
  }

  run(ms: number): void {
    const end = this.now + ms;
    while (this.#timerAt <= end) {
      this.now = Math.max(this.now, this.#timerAt);
      this.#timerAt = Infinity;
      this.act(this.machine.step({ type: 'timer' }, this.own, this.now));
    }
    this.now = end;
  }

  of<T extends MaintenanceEffect['type']>(type: T) {
    return this.seen.filter((effect) => effect.type === type) as Extract<MaintenanceEffect, { type: T }>[];
  }

  act(effects: readonly MaintenanceEffect[]): void {
    for (const effect of effects) {
      if (effect.type === 'timer') {
        this.#timerAt = this.now + effect.delayMs;
        continue;
      }
      this.seen.push(effect);
      if (effect.type !== 'named') this.act(this.machine.step(this.#done(effect), this.own, this.now));
    }
  }

  #done(effect: Exclude<MaintenanceEffect, { type: 'timer' | 'named' }>) {
    const { peer } = effect;
    const disk = this.disks.get(peer);
    assert(disk !== undefined, 'a neighbour');
    if (effect.type === 'prove')
      return {
        type: 'proved',
        peer,
        keys: effect.keys,
        verdicts: effect.keys.map(() => this.verdict(peer)),
      } as const;
    if (effect.type === 'move') {
      const { to, key } = effect;
      if (to === 'there') this.disks.set(peer, disk.with(key));
      else this.own = this.own.with(key);
      return { type: 'moved', to, peer, key, end: 'done', bytes: 1000 } as const;
    }
    const { believed, arc } = effect;
    const here = believed.within(arc);
    const there = disk.within(arc);
    const differences = {
      end: peer === this.silent ? ('failed' as const) : ('complete' as const),
      lacking: [...here.entries()].filter((entry) => !there.has(entry)),
      extra: [...there.entries()].filter((entry) => !here.has(entry)),
    };
    return { type: 'reconciled', peer, believed, arc, differences, draw: random.bytes(32) } as const;
  }
}

const peers = Array.from({ length: 5 }, (_, i) => id(`peer ${i}`));
const all = [self, ...peers];
const [a, b, c] = [...peers].sort((x, y) => compareDistance(self, x, y)) as [NodeId, NodeId, NodeId];
const mine = keyNear(all, self);
const theirs = keyNear(all, a);
const disks = (...holders: NodeId[]) =>
  peers.map((peer) => [peer, holders.includes(peer) ? [mine] : []] as const);

describe('copies', () => {
  it('are not made while enough live nodes have the block', () => {
    const world = new World([mine], disks(a, b));
    world.run(3 * PERIOD_MS);
    expect(world.of('reconcile').length).toBeGreaterThanOrEqual(peers.length);
    expect(world.of('move')).toEqual([]);
  });

  it('are counted where a node elsewhere in the ring holds one in place of this one, which is full', () => {
    const [diverted, within] = [new World([], disks(a, b)), new World([], disks(a, b))];
    diverted.elsewhere = () => id('far away');
    // A neighbour is counted by what it says itself.
    within.elsewhere = () => c;
    for (const world of [diverted, within]) world.run(3 * PERIOD_MS);
    expect(diverted.of('move')).toEqual([]);
    expect(within.of('move').length).toBeGreaterThan(0);
    expect(diverted.machine.copiesElsewhere(mine, diverted.now)).toBe(3);
  });

  it('of which one is elsewhere are made that many fewer', () => {
    const world = new World([mine], disks());
    world.elsewhere = () => id('far away');
    world.run(PERIOD_MS);
    expect(world.of('move')).toHaveLength(LOW_WATER + HYSTERESIS - 2);
  });

  it('are made up to one over the low-water mark, on the closest nodes that have none', () => {
    const world = new World([mine], disks(c));
    world.run(PERIOD_MS);
    const moves = world.of('move');
    expect(moves).toHaveLength(LOW_WATER + HYSTERESIS - 2);
    const closest = [...peers].filter((peer) => peer !== c).sort((x, y) => compareDistance(mine, x, y));
    expect(moves.map(({ peer }) => idText(peer))).toEqual(closest.slice(0, moves.length).map(idText));
    expect(moves.every(({ to }) => to === 'there')).toBe(true);
    world.run(10 * PERIOD_MS);
    expect(world.of('move')).toHaveLength(moves.length);
  });

  it('count again when their holders return', () => {
    const world = new World([mine], disks(a, b, c));
    world.run(PERIOD_MS);
    world.neighbours(peers.filter((peer) => peer !== a));
    world.run(PERIOD_MS);
    world.neighbours(peers);
    world.run(PERIOD_MS);
    expect(world.of('move')).toEqual([]);
  });

  it('come here first if the closest node has none itself', () => {
    const world = new World([], disks(b));
    world.run(PERIOD_MS);
    expect(world.of('move')[0]).toMatchObject({ to: 'here', peer: b, key: mine });
    expect(world.own.has(mine)).toBe(true);
    expect(world.of('move').length).toBe(LOW_WATER + HYSTERESIS - 1);
  });

  it('come to the closest node when only farther ones than readers ask have the block', () => {
    const farthest = [...peers].sort((x, y) => compareDistance(mine, x, y)).slice(2);
    const world = new World([], disks(...farthest));
    world.run(PERIOD_MS);
    expect(world.of('move')).toMatchObject([{ to: 'here', key: mine }]);
  });

  it('are made by the next closest node when the closest one does nothing', () => {
    const world = new World(
      [theirs],
      peers.map((peer) => [peer, []] as const),
    );
    const rank = rankOf(self, peers, theirs);
    expect(rank).toBeGreaterThan(0);
    world.run(DEBOUNCE_MS + rank * TURN_MS - 1000);
    expect(world.of('move')).toEqual([]);
    world.run(TURN_MS);
    expect(world.of('move').length).toBe(LOW_WATER + HYSTERESIS - 1);
  });

  it('are not made twice: before its turn a node asks everybody again', () => {
    const world = new World(
      [theirs],
      peers.map((peer) => [peer, []] as const),
    );
    world.run(DEBOUNCE_MS + 1000);
    for (const peer of [a, b]) world.disks.set(peer, KeyTree.of([theirs]));
    world.run(6 * TURN_MS);
    expect(world.of('move')).toEqual([]);
  });
});

describe('who lies', () => {
  it('is named after one wrong proof, and counts no more for a week', () => {
    const world = new World([mine], disks(a, b));
    world.verdict = (peer) => (peer === a ? 'wrong' : 'good');
    world.run(PERIOD_MS);
    expect(world.of('named')).toMatchObject([{ peer: a, key: mine, reason: 'no-proof' }]);
    const moves = world.of('move');
    expect(moves.length).toBe(LOW_WATER + HYSTERESIS - 2);
    expect(moves.some(({ peer }) => peer === a)).toBe(false);
    world.run(LIAR_MS - 2 * PERIOD_MS);
    const asked = world.of('reconcile').filter(({ peer }) => peer === a);
    expect(asked).toHaveLength(1);
  });

  it('is not who has lost a block and says so, a few times a day', () => {
    const trust = new Trust();
    for (let i = 0; i < MISSES_MAX; i++) expect(trust.failed(a, false, i)).toBe(false);
    expect(trust.isLiar(a, 10)).toBe(false);
    expect(trust.failed(a, false, 10)).toBe(true);
    expect(trust.isLiar(a, LIAR_MS)).toBe(true);
    expect(trust.isLiar(a, LIAR_MS + 10)).toBe(false);
    const world = new World([mine], disks(a, b, c));
    world.verdict = (peer) => (peer === a ? 'missing' : 'good');
    world.run(FRESH_MS - PERIOD_MS);
    expect(world.of('named')).toEqual([]);
  });

  it('is not who is silent: it is not counted, and nothing is asked of it in that round', () => {
    const world = new World([mine], disks(a, b));
    world.silent = a;
    world.run(DEBOUNCE_MS + 2 * PATIENCE_MS);
    expect(world.of('move').length).toBe(LOW_WATER + HYSTERESIS - 2);
    expect(world.of('move').some(({ peer }) => peer === a)).toBe(false);
    expect(world.of('named')).toEqual([]);
  });

  it('cannot answer for a proof with that of another node, or of another time', async () => {
    const block = utf8('a block');
    const [nonce, other] = [random.bytes(16), random.bytes(16)];
    const proof = await proofOf(nonce, a, block);
    expect(await proves(proof, nonce, a, block)).toBe(true);
    expect(await proves(proof, nonce, b, block)).toBe(false);
    expect(await proves(proof, other, a, block)).toBe(false);
    expect(await proves(proof, nonce, a, utf8('a clock'))).toBe(false);
  });
});

describe('bounds', () => {
  it('a few tasks at once, a few proofs a comparison', () => {
    const machine = new MaintenanceMachine({ self, lowWater: LOW_WATER, k: 3, firstAt: 0 });
    machine.step({ type: 'neighbours', leafSet: peers, alwaysOn: [] }, KeyTree.EMPTY, 0);
    const keys = Array.from({ length: 100 }, (_, i) => id(`many ${i}`));
    const own = KeyTree.of(keys);
    const effects = machine.step({ type: 'timer' }, own, DEBOUNCE_MS);
    expect(effects).toHaveLength(TASKS_MAX);
    const differences = { end: 'complete' as const, lacking: [], extra: [] };
    const told = { peer: a, believed: own, arc: WHOLE_RING, differences, draw: random.bytes(32) };
    const next = machine.step({ type: 'reconciled', ...told }, own, DEBOUNCE_MS);
    expect(next).toMatchObject([{ type: 'reconcile' }]);
    const proofs = machine.step({ type: 'reconciled', ...told, peer: b }, own, DEBOUNCE_MS);
    expect(proofs).toMatchObject([{ type: 'prove', peer: a }]);
    expect(proofs[0]!.type === 'prove' && proofs[0]!.keys.length).toBeLessThanOrEqual(PROOFS_MAX);
  });

  it('so many bytes a second: what is over the budget waits', () => {
    const budget = new Budget(BYTES_PER_SECOND, BURST_BYTES, 0);
    expect(budget.waitMs(0)).toBe(0);
    budget.spend(BURST_BYTES + BYTES_PER_SECOND, 0);
    expect(budget.waitMs(0)).toBeGreaterThan(1000);
    expect(budget.waitMs(0)).toBeLessThanOrEqual(1001);
    expect(budget.waitMs(1001)).toBe(0);
    expect(budget.waitMs(-5000)).toBe(0);
  });

  it('the same events give the same effects', () => {
    const run = (): string => {
      const world = new World([mine, theirs], disks(b));
      world.run(0);
      world.run(PERIOD_MS);
      return JSON.stringify(world.of('move').map(({ peer, to, key }) => [idText(peer), to, idText(key)]));
    };
    expect(run()).toBe(run());
  });
});

describe('duty', () => {
  const ring = Array.from({ length: 40 }, (_, i) => id(`node ${i}`));
  const me = ring[0]!;
  const others = ring.slice(1);

  it('is for the keys that the node is among the closest to', () => {
    for (const ranks of [1, 2, 3, 5]) {
      const arc = dutyArc(me, others, ranks);
      for (let i = 0; i < 500; i++) {
        const key = id(`duty ${i}`);
        expect(inArc(arc, key)).toBe(rankOf(me, others, key) < ranks);
      }
    }
    expect(dutyArc(me, others.slice(0, 5), 3)).toBe(WHOLE_RING);
  });

  it('of fewer ranks is a part of that of more', () => {
    const [less, more] = [dutyArc(me, others, 2), dutyArc(me, others, 3)];
    expect([covers(more, less), covers(less, more), covers(less, less)]).toEqual([true, false, true]);
    expect([covers(WHOLE_RING, less), covers(less, WHOLE_RING)]).toEqual([true, false]);
  });

  it('has a hull with another where they overlap: all keys of both, and few others', () => {
    const at = (place: number): Id => new Uint8Array(32).fill(place, 0, 1);
    const arc = fc.tuple(fc.nat(31), fc.nat(31)).map(([from, to]) => ({ from: at(from), to: at(to) }));
    const places = [...Array(32).keys()].map((place) => at(place));
    fc.assert(
      fc.property(arc, arc, (a, b) => {
        const both = hull(a, b);
        const inEither = places.filter((place) => inArc(a, place) || inArc(b, place));
        const inBoth = places.filter((place) => inArc(a, place) && inArc(b, place));
        expect(both === undefined).toBe(inBoth.length === 0);
        if (both !== undefined) expect(places.filter((place) => inArc(both, place))).toEqual(inEither);
      }),
    );
  });

  it('counts each key once for each holder', () => {
    const counted = countCopies([
      [me, [mine, theirs]],
      [a, [mine]],
    ]);
    const holdersOf = (key: Key): readonly NodeId[] => counted.holders(counted.keys.indexOf(key));
    expect(counted.keys).toHaveLength(2);
    expect([holdersOf(mine), holdersOf(theirs)]).toEqual([[me, a], [me]]);
  });

  it('counts as a plain list would, with more holders than a word has bits and keys that end alike', () => {
    fc.assert(
      fc.property(fc.array(fc.uniqueArray(fc.nat(40)), { maxLength: 70 }), (held) => {
        const keys = Array.from({ length: 41 }, (_, i) => {
          const key = id(`counted ${i}`);
          key.fill(7, 28);
          return key;
        });
        const nodes = held.map((_, i) => id(`holder ${i}`));
        // Half of the entries are other objects with the same bytes, as those from the wire are.
        const entry = (i: number, at: number): Key => (at % 2 === 0 ? keys[i]! : keys[i]!.slice());
        const counted = countCopies(held.map((list, at) => [nodes[at]!, list.map((i) => entry(i, at))]));
        expect(counted.keys.map(idText).sort()).toEqual(
          [...new Set(held.flat())].map((i) => idText(keys[i]!)).sort(),
        );
        for (const [index, key] of counted.keys.entries()) {
          const expected = nodes.filter((_, at) => held[at]!.some((i) => idText(keys[i]!) === idText(key)));
          expect(counted.holders(index)).toEqual(expected);
          expect(counted.count(index)).toBe(expected.length);
        }
      }),
    );
  });
});
