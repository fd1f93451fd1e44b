/** The routing table against the paper's definition and a naive twin. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digitOf, idText, sharedDigits, type Id } from '../../../src/core/codec/id.ts';
import { COLUMNS, RoutingTable } from '../../../src/core/overlay/routing-table.ts';

/** Ids of few different digits share prefixes of every length. */
const id = fc
  .array(fc.constantFrom(0x00, 0x01, 0x10, 0x11), { minLength: 32, maxLength: 32 })
  .map((bytes) => Uint8Array.from(bytes) as Id);
const measured = fc.tuple(id, fc.integer({ min: 1, max: 100 }));

interface Node {
  readonly nodeId: Id;
}

/** Looks at all nodes ever added: of those that fit a slot the first of the nearest stays. */
function naiveNext(self: Id, added: readonly (readonly [Id, number])[], key: Id): string | undefined {
  const row = sharedDigits(self, key);
  let best: readonly [Id, number] | undefined;
  for (const [nodeId, rttMs] of added) {
    const fits = sharedDigits(self, nodeId) === row && digitOf(nodeId, row) === digitOf(key, row);
    if (!fits) continue;
    const own = best !== undefined && idText(best[0]) === idText(nodeId);
    if (best === undefined || own || rttMs < best[1]) best = [nodeId, rttMs];
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
        const table = new RoutingTable<Node>(self);
        for (const [nodeId, rttMs] of added) table.add({ nodeId }, rttMs);
        let size = 0;
        for (let row = 0; row < table.rowCount; row++) {
          const columns = new Set<number>();
          for (const { nodeId } of table.row(row)) {
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
        const table = new RoutingTable<Node>(self);
        for (const [nodeId, rttMs] of added) table.add({ nodeId }, rttMs);
        const next = table.next(key);
        if (idText(key) === idText(self)) return expect(next).toBeUndefined();
        expect(next && idText(next.nodeId)).toBe(naiveNext(self, added, key));
        if (next) expect(sharedDigits(next.nodeId, key)).toBeGreaterThan(sharedDigits(self, key));
      }),
    );
  });

  test('has, lacks and remove agree; we are never an entry', () => {
    fc.assert(
      fc.property(id, fc.array(id, { maxLength: 30 }), (self, ids) => {
        const table = new RoutingTable<Node>(self);
        for (const nodeId of ids) table.add({ nodeId });
        expect(table.add({ nodeId: self })).toBe(false);
        expect(table.lacks(self)).toBe(false);
        for (const nodeId of ids) {
          if (!table.has(nodeId)) continue;
          expect(table.lacks(nodeId)).toBe(false);
          expect(table.remove(nodeId)).toBe(true);
          expect(table.remove(nodeId)).toBe(false);
          expect(table.lacks(nodeId)).toBe(true);
        }
        expect(table.size).toBe(0);
      }),
    );
  });
});
