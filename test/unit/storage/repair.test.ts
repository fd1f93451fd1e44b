/** The repair machine alone: turns, batches, bounds. */
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../src/core/codec/bytes.ts';
import type { NodeId } from '../../../src/core/codec/id.ts';
import { sha256 } from '../../../src/core/crypto/hash.ts';
import {
  DEBOUNCE_MS,
  PERIOD_MS,
  RepairMachine,
  TRANSFERS_MAX,
  TURN_MS,
  type RepairEffect,
  type RepairItem,
} from '../../../src/core/storage/repair.ts';
import { OFFER_ITEMS_MAX } from '../../../src/core/storage/wire.ts';

const id = (name: string): NodeId => sha256(utf8(name));
const [self, near, far] = [id('self'), id('near'), id('far')];
const item = (name: string, replicas: readonly NodeId[] | undefined): RepairItem => ({
  kind: 'block',
  key: id(name),
  version: 0,
  held: id(name),
  replicas,
});
const kinds = (effects: readonly RepairEffect[]): string[] => effects.map(({ type }) => type);
const offersOf = (effects: readonly RepairEffect[]) => effects.filter((effect) => effect.type === 'offer');

/** A machine at the beginning of the first pass after a change of the leaf set at time 0. */
function scanning(added: readonly NodeId[] = []): RepairMachine {
  const machine = new RepairMachine(self, 3, PERIOD_MS);
  expect(machine.step({ type: 'leaf-set', added }, 0)).toEqual([{ type: 'timer', delayMs: DEBOUNCE_MS }]);
  expect(machine.step({ type: 'timer' }, DEBOUNCE_MS)).toEqual([{ type: 'scan', from: 'start' }]);
  return machine;
}

describe('a pass', () => {
  it('waits until the leaf set has been still for a second', () => {
    const machine = new RepairMachine(self, 3, PERIOD_MS);
    machine.step({ type: 'leaf-set', added: [] }, 0);
    machine.step({ type: 'leaf-set', added: [] }, 700);
    expect(machine.step({ type: 'timer' }, 1000)).toEqual([{ type: 'timer', delayMs: 700 }]);
    expect(kinds(machine.step({ type: 'timer' }, 1700))).toEqual(['scan']);
  });

  it('is made by the closest holder first, by the others in turn', () => {
    const machine = scanning();
    const mine = item('mine', [self, near]);
    const theirs = item('theirs', [near, self]);
    const first = machine.step({ type: 'page', items: [mine, theirs], last: true }, DEBOUNCE_MS);
    expect(offersOf(first)).toMatchObject([{ to: near, items: [{ key: mine.key }] }]);
    const ended = machine.step({ type: 'answers', to: near, items: [mine], answers: ['have'] }, DEBOUNCE_MS);
    expect(ended).toEqual([{ type: 'sweep' }, { type: 'timer', delayMs: TURN_MS }]);
    const now = DEBOUNCE_MS + TURN_MS;
    machine.step({ type: 'timer' }, now);
    const second = machine.step({ type: 'page', items: [mine, theirs], last: true }, now);
    expect(offersOf(second)).toMatchObject([{ to: near, items: [{ key: theirs.key }] }]);
  });

  it('does not wait for a newcomer to be a holder', () => {
    const machine = scanning([near]);
    const effects = machine.step({ type: 'page', items: [item('x', [near, self])], last: true }, 1000);
    expect(offersOf(effects)).toHaveLength(1);
  });

  it('sends what is wanted, a few at a time, fetches what is newer, and goes on to the next page', () => {
    const machine = scanning();
    const items = Array.from({ length: 10 }, (_, i) => item(`${i}`, [self, near]));
    const [offer] = offersOf(machine.step({ type: 'page', items, last: false }, 1000));
    expect(offer?.items).toHaveLength(10);
    const answers = items.map((_, i) => (i === 0 ? ('newer' as const) : ('want' as const)));
    let effects = machine.step({ type: 'answers', to: near, items: offer!.items, answers }, 1000);
    expect(kinds(effects)).toEqual(['pull', 'push', 'push', 'push']);
    expect(effects).toHaveLength(TRANSFERS_MAX);
    const all = [...effects];
    for (let done = 0; done < all.length; done++) {
      const effect = all[done]!;
      if (effect.type !== 'push' && effect.type !== 'pull') break;
      effects = machine.step({ type: 'transferred', peer: near, item: effect.item, ok: true }, 1000);
      all.push(...effects);
    }
    expect(kinds(all).filter((type) => type === 'push')).toHaveLength(9);
    expect(all.at(-1)).toEqual({ type: 'scan', from: 'next' });
  });

  it('asks a node that does not answer nothing more, and offers it the same in the next pass', () => {
    const machine = scanning();
    const things = [item('a', [self, near, far]), item('b', [self, near, far])];
    const effects = machine.step({ type: 'page', items: [things[0]!], last: false }, 1000);
    expect(offersOf(effects).map(({ to }) => to)).toEqual([near, far]);
    machine.step({ type: 'answers', to: near, items: [things[0]!], answers: undefined }, 1000);
    machine.step({ type: 'answers', to: far, items: [things[0]!], answers: ['have'] }, 1000);
    const more = machine.step({ type: 'page', items: [things[1]!], last: true }, 1000);
    expect(offersOf(more).map(({ to }) => to)).toEqual([far]);
    machine.step({ type: 'answers', to: far, items: [things[1]!], answers: ['have'] }, 1000);
    machine.step({ type: 'timer' }, 1000 + TURN_MS);
    const again = machine.step({ type: 'page', items: things, last: true }, 1000 + TURN_MS);
    expect(offersOf(again)).toMatchObject([{ to: near, items: [{}, {}] }]);
  });

  it('cuts offers into messages of bounded size', () => {
    const machine = scanning();
    const items = Array.from({ length: OFFER_ITEMS_MAX + 1 }, (_, i) => item(`${i}`, [self, near]));
    const offers = offersOf(machine.step({ type: 'page', items, last: true }, 1000));
    expect(offers.map((offer) => offer.items.length)).toEqual([OFFER_ITEMS_MAX, 1]);
  });

  it('looks surplus copies up only when everybody has a turn, and then remembers', () => {
    const machine = new RepairMachine(self, 3, 0);
    machine.step({ type: 'timer' }, 0);
    const surplus = item('surplus', undefined);
    const [locate] = machine.step({ type: 'page', items: [surplus], last: true }, 0);
    expect(locate).toEqual({ type: 'locate', item: surplus });
    const located = machine.step({ type: 'located', item: { ...surplus, replicas: [near, far] } }, 10);
    expect(offersOf(located)).toHaveLength(2);
    for (const to of [near, far])
      machine.step({ type: 'answers', to, items: [surplus], answers: ['have'] }, 20);
    machine.step({ type: 'timer' }, PERIOD_MS);
    const next = machine.step({ type: 'page', items: [surplus], last: true }, PERIOD_MS);
    expect(kinds(next)).toEqual(['sweep', 'timer']);
  });

  it('comes for everybody also in a ring that never stands still', () => {
    const machine = new RepairMachine(self, 3, 0);
    let asked = false;
    for (let now = 0; now < 4 * PERIOD_MS; now += 1500) {
      machine.step({ type: 'leaf-set', added: [] }, now);
      if (kinds(machine.step({ type: 'timer' }, now + DEBOUNCE_MS))[0] !== 'scan') continue;
      const effects = machine.step(
        { type: 'page', items: [item('x', [near, far, id('else')])], last: true },
        now + DEBOUNCE_MS,
      );
      for (const { to, items } of offersOf(effects)) {
        asked = true;
        machine.step({ type: 'answers', to, items, answers: ['have'] }, now + DEBOUNCE_MS);
      }
    }
    expect(asked).toBe(true);
  });

  it('gives the same effects for the same events', () => {
    const run = (): string => {
      const machine = scanning([near]);
      const items = Array.from({ length: 50 }, (_, i) => item(`${i}`, [near, self, far]));
      return JSON.stringify([
        machine.step({ type: 'page', items, last: false }, 1000),
        machine.step({ type: 'answers', to: near, items, answers: items.map(() => 'want') }, 1001),
      ]);
    };
    expect(run()).toBe(run());
  });
});
