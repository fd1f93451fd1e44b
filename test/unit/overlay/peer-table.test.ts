/** The table of peers against a naive twin: a Map of objects. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { idText, placeOf, type Id } from '../../../src/core/codec/id.ts';
import { LINKS_MAX } from '../../../src/core/codec/limits.ts';
import { LINKED, MET, PeerTable, PROTECTED, WANTED } from '../../../src/core/overlay/peer-table.ts';
import { simulatedContact } from '../../support/simulated-contact.ts';

interface Twin {
  readonly nodeId: Id;
  linked: boolean;
  wanted: boolean;
  heardAt: number;
  dialAfter: number;
  failures: number;
  rttMs: number;
}

/** Many of them share their places, and the bytes by which they are found: only all bytes tell them apart. */
const crowdedId = fc.tuple(fc.nat(3), fc.nat(40), fc.nat(2)).map(([first, middle, last]) => {
  const bytes = new Uint8Array(32) as Id;
  [bytes[0], bytes[16], bytes[31]] = [first, middle, last];
  return bytes;
});
const change = fc.record({
  nodeId: crowdedId,
  what: fc.constantFrom('up', 'down', 'want', 'unwant', 'heard', 'fail', 'measure', 'forget'),
  value: fc.nat(100_000),
});

test('holds what a map of objects would, however it grows, and forgets who is of no use', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 300 }), (changes) => {
      const peers = new PeerTable(LINKS_MAX);
      const twins = new Map<string, Twin>();
      for (const { nodeId, what, value } of changes) {
        apply(peers, twins, nodeId.slice() as Id, what, value);
        expect(peers.size).toBe(twins.size);
      }
      for (const twin of twins.values()) {
        const p = peers.find(twin.nodeId.slice() as Id)!;
        expect(idText(peers.nodeId(p))).toBe(idText(twin.nodeId));
        expect(peers.contact(p).nodeId).toBe(peers.nodeId(p));
        expect(peers.place(p)).toBe(placeOf(twin.nodeId));
        expect([peers.is(p, LINKED), peers.is(p, WANTED)]).toEqual([twin.linked, twin.wanted]);
        expect([peers.heardAt(p), peers.dialAfter(p)]).toEqual([twin.heardAt, twin.dialAfter]);
        expect([peers.failures(p), peers.rttMs(p)]).toEqual([twin.failures, twin.rttMs]);
      }
      const linked = [...twins.values()].filter((twin) => twin.linked).map((twin) => idText(twin.nodeId));
      expect(peers.linked.map((p) => idText(peers.nodeId(p))).sort()).toEqual(linked.sort());
    }),
    { numRuns: 200 },
  );
});

/** PROTECTED keeps a peer in the table until it is forgotten here. */
function apply(peers: PeerTable, twins: Map<string, Twin>, nodeId: Id, what: string, value: number): void {
  const name = idText(nodeId);
  let twin = twins.get(name);
  expect(peers.find(nodeId) !== undefined).toBe(twin !== undefined);
  if (what === 'up') {
    const p = peers.up(simulatedContact(nodeId, 'tab'), true, value);
    peers.mark(p, PROTECTED, true);
    if (twin === undefined) {
      twin = { nodeId, linked: false, wanted: false, heardAt: 0, dialAfter: 0, failures: 0, rttMs: Infinity };
      twins.set(name, twin);
    }
    if (!twin.linked) twin.heardAt = value;
    Object.assign(twin, { linked: true, wanted: false, dialAfter: value, failures: 0 });
    return;
  }
  const p = peers.find(nodeId);
  if (p === undefined || twin === undefined) return;
  if (what === 'down' && twin.linked) {
    peers.down(p);
    Object.assign(twin, { linked: false, rttMs: Infinity });
  }
  if (what === 'want' || what === 'unwant') {
    peers.mark(p, WANTED, what === 'want');
    twin.wanted = what === 'want';
  }
  if (what === 'heard') {
    peers.heard(p, value);
    twin.heardAt = value;
  }
  if (what === 'fail') {
    peers.setFailures(p, value % 7);
    peers.setDialAfter(p, value);
    Object.assign(twin, { failures: value % 7, dialAfter: value });
  }
  if (what === 'measure' && twin.linked && twin.rttMs === Infinity) {
    peers.measured(p, value);
    twin.rttMs = value;
  }
  if (what === 'forget' && !twin.linked) {
    for (const flag of [PROTECTED, WANTED, MET]) peers.mark(p, flag, false);
    peers.tidy(p);
    twins.delete(name);
  }
}
