/** Who is remembered, who is given up for whom, and with whom a node begins: Castro et al. 2002, section 4 (several bootstrap nodes). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digitOf, idText, type NodeId } from '../../../src/core/codec/id.ts';
import {
  BOOTSTRAP_PEERS,
  nameOf,
  RECENT_MS,
  REMEMBERED_PEERS_MAX,
  RememberedPeers,
  SESSION_GAP_MS,
} from '../../../src/core/node/remembered-peers.ts';
import type { Contact } from '../../../src/core/overlay/contact.ts';

const NOW = Date.UTC(2026, 0, 10);
const DAY_MS = 24 * 60 * 60 * 1000;

/** A node at the place `digit` of 16, of this person. */
function node(seed: number, digit: number, name = `p${seed}`, notAfter = NOW + 30 * DAY_MS): Contact {
  const nodeId = new Uint8Array(32).fill(seed % 251) as NodeId;
  nodeId[0] = (digit << 4) | (seed >> 8);
  nodeId[1] = seed & 255;
  const body = { v: 1 as const, ring: nodeId, nodeId, peerKey: nodeId, name, role: 'tab' as const };
  const certificate = {
    body: { ...body, quotaBytes: 0, notBefore: 0, notAfter },
    signature: new Uint8Array(0),
  };
  return { nodeId, peerKey: nodeId, role: 'tab', certificate, addresses: [] };
}

function texts(peers: Iterable<{ readonly contact: Contact } | Contact>): string[] {
  return [...peers].map((peer) => idText('contact' in peer ? peer.contact.nodeId : peer.nodeId));
}

describe('meeting a node', () => {
  it('counts sessions, not links', () => {
    const peers = new RememberedPeers([], NOW);
    const ada = node(1, 3);
    peers.meet(ada, NOW);
    peers.meet(ada, NOW + SESSION_GAP_MS);
    expect(peers.all()[0]).toMatchObject({ sessions: 1, firstSeenAt: NOW, lastSeenAt: NOW + SESSION_GAP_MS });
    peers.meet(ada, NOW + 2 * SESSION_GAP_MS + 1);
    expect(peers.all()[0]).toMatchObject({ sessions: 2, firstSeenAt: NOW });
  });

  it('takes its newest certificate, but no other key at its place', () => {
    const peers = new RememberedPeers([], NOW);
    const ada = node(1, 3);
    const newer = node(1, 3, 'p1', NOW + 60 * DAY_MS);
    peers.meet(ada, NOW);
    expect(peers.meet(newer, NOW)).toBe(true);
    expect(peers.meet({ ...ada, peerKey: new Uint8Array(32) }, NOW)).toBe(false);
    expect(peers.all().map(({ contact }) => contact)).toEqual([newer]);
  });
});

describe('what is given up', () => {
  it('is what has expired, first', () => {
    const peers = new RememberedPeers([], NOW);
    peers.meet(node(500, 0, 'old', NOW + 1), NOW);
    for (let i = 0; i < REMEMBERED_PEERS_MAX; i++) peers.meet(node(i, i % 16), NOW + 2);
    expect(peers.all().map(nameOf)).not.toContain('old');
    expect(peers.recent(NOW + 31 * DAY_MS)).toEqual([]);
    expect(peers.bootstrap(NOW + 31 * DAY_MS)).toEqual([]);
  });

  it('is never somebody of several sessions for the nodes of one account', () => {
    const peers = new RememberedPeers([], NOW - DAY_MS);
    const friends = Array.from({ length: 12 }, (_, i) => node(i, i));
    for (const at of [NOW - DAY_MS, NOW]) for (const friend of friends) peers.meet(friend, at);
    for (let i = 0; i < 200; i++) peers.meet(node(20 + i, i % 16, 'mallory'), NOW + i);
    expect(texts(peers.all())).toEqual(expect.arrayContaining(texts(friends)));
    // Whoever comes with many names, once, pushes out nobody who was met twice either.
    for (let i = 0; i < 200; i++) peers.meet(node(300 + i, i % 16), NOW + 1_000 + i);
    expect(texts(peers.all())).toEqual(expect.arrayContaining(texts(friends)));
  });

  it('is who was long away, before those who are here', () => {
    const peers = new RememberedPeers([], NOW);
    for (let i = 0; i < REMEMBERED_PEERS_MAX; i++) peers.meet(node(i, i % 16), NOW);
    const later = NOW + RECENT_MS + 1;
    for (let i = 0; i < REMEMBERED_PEERS_MAX; i++) peers.meet(node(100 + i, i % 16), later);
    expect(peers.recent(later)).toHaveLength(REMEMBERED_PEERS_MAX);
  });

  it('leaves peers all over the ring', () => {
    const peers = new RememberedPeers([], NOW);
    for (let i = 0; i < 16; i++) peers.meet(node(i, i), NOW);
    for (let i = 0; i < 300; i++) peers.meet(node(16 + i, 7), NOW + 1 + i);
    expect(new Set(peers.all().map(({ contact }) => digitOf(contact.nodeId, 0))).size).toBe(16);
  });

  it('keeps the table within its bound, each node once, whatever is met', () => {
    const meetings = fc.array(fc.record({ seed: fc.nat(80), name: fc.nat(20), days: fc.nat(40) }), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(meetings, (list) => {
        const peers = new RememberedPeers([], NOW);
        for (const { seed, name, days } of list)
          peers.meet(node(seed, seed % 16, `n${name}`), NOW + days * DAY_MS);
        const names = texts(peers.all());
        expect(names.length).toBeLessThanOrEqual(REMEMBERED_PEERS_MAX);
        expect(new Set(names).size).toBe(names.length);
        expect(new RememberedPeers(peers.all(), NOW).all()).toEqual(peers.all());
      }),
    );
  });
});

describe('a node begins', () => {
  it('with at least three peers, of different people, from different quarters of the ring', () => {
    const peers = new RememberedPeers([], NOW);
    for (let i = 0; i < 20; i++) peers.meet(node(i, i % 16), NOW);
    for (let i = 0; i < 9; i++) peers.meet(node(50 + i, i, 'mallory'), NOW + 1);
    const begin = peers.bootstrap(NOW + 1);
    expect(begin).toHaveLength(BOOTSTRAP_PEERS);
    expect(BOOTSTRAP_PEERS).toBeGreaterThanOrEqual(3);
    expect(new Set(begin.map(({ nodeId }) => nodeId[0]! >> 6)).size).toBe(4);
    expect(begin.filter(({ certificate }) => certificate.body.name === 'mallory').length).toBeLessThanOrEqual(
      1,
    );
  });

  it('with those whom it met lately and often, and with as many as there are', () => {
    const peers = new RememberedPeers([], NOW - DAY_MS);
    const [often, once, long] = [node(1, 1), node(2, 2), node(3, 3)];
    peers.meet(long, NOW - RECENT_MS - 1);
    peers.meet(often, NOW - DAY_MS);
    peers.meet(often, NOW - 2);
    peers.meet(once, NOW);
    expect(texts(peers.bootstrap(NOW, 1))).toEqual(texts([often]));
    expect(texts(peers.bootstrap(NOW, 2))).toEqual(texts([often, once]));
    expect(texts(peers.bootstrap(NOW))).toHaveLength(3);
    expect(texts(peers.recent(NOW)).sort()).toEqual(texts([often, once]).sort());
  });
});
