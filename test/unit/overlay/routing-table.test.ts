/** The routing table against the paper's definition and a naive twin. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareDistance, digitOf, idText, sharedDigits, type Id } from '../../../src/core/codec/id.ts';
import { LINKS_MAX } from '../../../src/core/codec/limits.ts';
import { CONSTRAINED, PeerTable, ROUTE } from '../../../src/core/overlay/peer-table.ts';
import { closestToPoint, COLUMNS, RoutingTable } from '../../../src/core/overlay/routing-table.ts';
import { simulatedContact } from '../../support/simulated-contact.ts';

/** Ids of few different digits share prefixes of every length. */
const id = fc
  .array(fc.constantFrom(0x00, 0x01, 0x10, 0x11), { minLength: 32, maxLength: 32 })
  .map((bytes) => Uint8Array.from(bytes) as Id);
const measured = fc.tuple(id, fc.integer({ min: 1, max: 100 }));

/** A table that prefers measured nearness, and the peers in it. */
function tableOf(self: Id): {
  table: RoutingTable;
  peers: PeerTable;
  add: (id: Id, rttMs?: number) => boolean;
} {
  const peers = new PeerTable(LINKS_MAX);
  const table = new RoutingTable(peers, self, ROUTE, (a, b) => peers.rttMs(a) < peers.rttMs(b));
  const add = (nodeId: Id, rttMs?: number): boolean => {
    const p = peers.up(simulatedContact(nodeId, 'tab'), true, 0);
    if (rttMs !== undefined && peers.rttMs(p) === Infinity) peers.measured(p, rttMs);
    return table.add(p);
  };
  return { table, peers, add };
}

/** Looks at all nodes ever added, each as first measured: of those that fit a slot the first of the nearest stays. */
function naiveNext(self: Id, added: readonly (readonly [Id, number])[], key: Id): string | undefined {
  const row = sharedDigits(self, key);
  let best: readonly [Id, number] | undefined;
  const measuredFirst = new Map<string, number>();
  for (const [nodeId, rttMs] of added) {
    const first = measuredFirst.get(idText(nodeId)) ?? rttMs;
    measuredFirst.set(idText(nodeId), first);
    const fits = sharedDigits(self, nodeId) === row && digitOf(nodeId, row) === digitOf(key, row);
    if (!fits) continue;
    if (best === undefined || first < best[1]) best = [nodeId, first];
  }
  return best && idText(best[0]);
}

describe('Pastry §2.1: the routing table', () => {
  test('b = 4: sixteen columns', () => {
    expect(COLUMNS).toBe(16);
  });

  test('row n holds nodes that share n digits with us; the next digit is the column', () => {
    fc.assert(
      fc.property(id, fc.array(measured, { maxLength: 60 }), (self, added) => {
        const { table, peers, add } = tableOf(self);
        for (const [nodeId, rttMs] of added) add(nodeId, rttMs);
        let size = 0;
        for (let row = 0; row < table.rowCount; row++) {
          const columns = new Set<number>();
          for (const nodeId of table.row(row).map((p) => peers.nodeId(p))) {
            expect(sharedDigits(self, nodeId)).toBe(row);
            columns.add(digitOf(nodeId, row));
            size++;
          }
          expect(columns.size).toBe(table.row(row).length);
        }
        expect(table.size).toBe(size);
        expect([...table.entries()]).toHaveLength(size);
      }),
    );
  });

  test('§2.2, line 7: the next hop shares more digits with the key than we do; of several the nearest (§2.5)', () => {
    fc.assert(
      fc.property(id, fc.array(measured, { maxLength: 40 }), id, (self, added, key) => {
        const { table, peers, add } = tableOf(self);
        for (const [nodeId, rttMs] of added) add(nodeId, rttMs);
        const next = table.next(key);
        if (idText(key) === idText(self)) return expect(next).toBeUndefined();
        expect(next !== undefined && idText(peers.nodeId(next))).toBe(naiveNext(self, added, key) ?? false);
        if (next !== undefined)
          expect(sharedDigits(peers.nodeId(next), key)).toBeGreaterThan(sharedDigits(self, key));
      }),
    );
  });

  test('has and remove agree; we are never an entry; who lost its slot is forgotten unless it is of use', () => {
    fc.assert(
      fc.property(id, fc.uniqueArray(id, { maxLength: 30, selector: idText }), (self, ids) => {
        const { table, peers, add } = tableOf(self);
        for (const nodeId of ids) expect(add(nodeId)).toBe(table.has(peers.find(nodeId)!));
        for (const nodeId of ids) {
          const p = peers.find(nodeId)!;
          if (!table.has(p)) continue;
          expect(table.next(nodeId)).toBe(p);
          expect(table.remove(p)).toBe(true);
          expect(table.remove(p)).toBe(false);
          expect(table.next(nodeId)).toBeUndefined();
        }
        expect(table.size).toBe(0);
        expect(add(self)).toBe(false);
      }),
    );
  });
});

describe('Castro et al. 2002, §4.1: the constrained routing table', () => {
  test('each slot has the node closest to our id with that digit: whoever came first, and however near in the network', () => {
    fc.assert(
      fc.property(id, fc.array(measured, { maxLength: 40 }), id, (self, added, key) => {
        const peers = new PeerTable(LINKS_MAX);
        const table = new RoutingTable(peers, self, CONSTRAINED, closestToPoint(peers, self));
        for (const [nodeId, rttMs] of added) {
          const p = peers.up(simulatedContact(nodeId, 'tab'), true, 0);
          peers.measured(p, rttMs);
          table.add(p);
        }
        const row = sharedDigits(self, key);
        if (row === 64) return;
        const point = self.slice() as Id;
        const byte = point[row >> 1]!;
        const digit = digitOf(key, row);
        point[row >> 1] = row % 2 === 0 ? (digit << 4) | (byte & 15) : (byte & 0xf0) | digit;
        const fitting = added.map(([nodeId]) => nodeId).filter((nodeId) => sharedDigits(nodeId, key) > row);
        const closest = fitting.sort((a, b) => compareDistance(point, a, b))[0];
        const next = table.next(key);
        expect(next === undefined ? undefined : idText(peers.nodeId(next))).toBe(closest && idText(closest));
      }),
    );
  });
});
