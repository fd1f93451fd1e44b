/** The leaf set against the paper's definition and a naive twin that sorts everything. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareBytes } from '../../../src/core/codec/bytes.ts';
import { clockwise, compareDistance, idText, type Id } from '../../../src/core/codec/id.ts';
import { LINKS_MAX } from '../../../src/core/codec/limits.ts';
import { closestTo, LEAF_SET_SIZE, LEAF_SIDE, LeafSet } from '../../../src/core/overlay/leaf-set.ts';
import { PeerTable } from '../../../src/core/overlay/peer-table.ts';
import { simulatedContact } from '../../support/simulated-contact.ts';

const id = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => new Uint8Array(bytes) as Id);
/** Ids that crowd together, so that ties of long prefixes and wrap-around happen. */
const crowdedId = fc.tuple(fc.constantFrom(0, 1, 127, 128, 255), fc.nat(255)).map(([first, last]) => {
  const bytes = new Uint8Array(32) as Id;
  bytes[0] = first;
  bytes[31] = last;
  return bytes;
});
const anyId = fc.oneof(id, crowdedId);

/** A leaf set and the table that its peers are in. */
function leafSetAround(
  centre: Id,
  perSide?: number,
): { set: LeafSet; peers: PeerTable; peer: (id: Id) => number } {
  const peers = new PeerTable(LINKS_MAX);
  const peer = (nodeId: Id): number => peers.up(simulatedContact(nodeId, 'tab'), true, 0);
  return { set: new LeafSet(peers, centre, perSide), peers, peer };
}

const names = (peers: PeerTable, list: readonly number[]): string[] =>
  list.map((p) => idText(peers.nodeId(p)));

/** Sorts all ids by how far one walks to them. */
function naiveSide(centre: Id, ids: readonly Id[], up: boolean, perSide: number): string[] {
  const others = [...new Map(ids.map((one) => [idText(one), one])).values()].filter(
    (one) => idText(one) !== idText(centre),
  );
  const walk = (one: Id): Id => (up ? clockwise(centre, one) : clockwise(one, centre));
  return others
    .sort((a, b) => compareBytes(walk(a), walk(b)))
    .slice(0, perSide)
    .map(idText);
}

describe('Pastry §2.1: the leaf set', () => {
  test('l = 16: eight numerically closest smaller, eight larger', () => {
    expect([LEAF_SET_SIZE, LEAF_SIDE]).toEqual([16, 8]);
  });

  test('holds the l/2 nearest on each side, in whatever order they came', () => {
    fc.assert(
      fc.property(
        anyId,
        fc.array(anyId, { maxLength: 40 }),
        fc.integer({ min: 1, max: 8 }),
        (centre, ids, perSide) => {
          const { set, peers, peer } = leafSetAround(centre, perSide);
          for (const nodeId of ids) set.add(peer(nodeId));
          expect(names(peers, set.side('smaller'))).toEqual(naiveSide(centre, ids, false, perSide));
          expect(names(peers, set.side('larger'))).toEqual(naiveSide(centre, ids, true, perSide));
        },
      ),
    );
  });

  test('add, wouldEnter, has and remove agree', () => {
    fc.assert(
      fc.property(anyId, fc.array(anyId, { maxLength: 30 }), anyId, (centre, ids, nodeId) => {
        const { set, peers, peer } = leafSetAround(centre, 4);
        for (const one of ids) set.add(peer(one));
        const members = names(peers, set.members());
        const p = peer(nodeId);
        expect(set.has(p)).toBe(members.includes(idText(nodeId)));
        const would = !set.has(p) && set.wouldEnter(nodeId);
        expect(set.add(p)).toBe(would);
        expect(set.has(p)).toBe(would || members.includes(idText(nodeId)));
        expect(set.remove(p)).toBe(would || members.includes(idText(nodeId)));
        expect(set.has(p)).toBe(false);
      }),
    );
  });

  test('members are named once, though in a small ring they are on both sides', () => {
    fc.assert(
      fc.property(id, fc.uniqueArray(id, { maxLength: 8, selector: idText }), (centre, ids) => {
        const { set, peers, peer } = leafSetAround(centre);
        for (const nodeId of ids) set.add(peer(nodeId));
        expect(names(peers, set.members()).sort()).toEqual(ids.map(idText).sort());
      }),
    );
  });

  test('an entry that is there already is no change', () => {
    const { set, peer } = leafSetAround(new Uint8Array(32) as Id);
    const p = peer(new Uint8Array(32).fill(1) as Id);
    expect(set.add(p)).toBe(true);
    expect(set.add(p)).toBe(false);
    expect(set.members()).toEqual([p]);
  });
});

describe('Pastry §2.2, lines 1–3: keys in the range of the leaf set', () => {
  test('when the ring is known, a covered key has its root among the members and the centre', () => {
    fc.assert(
      fc.property(fc.uniqueArray(id, { minLength: 2, maxLength: 60, selector: idText }), id, (ids, key) => {
        const [centre, ...others] = ids as [Id, ...Id[]];
        const { set, peers, peer } = leafSetAround(centre);
        for (const nodeId of others) set.add(peer(nodeId));
        const root = closestTo(
          key,
          ids.map((nodeId) => ({ nodeId })),
        )!;
        const here = closestTo(key, [{ nodeId: centre }, ...set.members().map((p) => peers.contact(p))])!;
        if (set.covers(key)) expect(idText(here.nodeId)).toBe(idText(root.nodeId));
        // A key that is not covered has somebody closer than us among the members: routing goes on.
        else expect(compareDistance(key, here.nodeId, centre)).toBeLessThan(0);
      }),
    );
  });
});
