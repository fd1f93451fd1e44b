/** Who is asked first to introduce us, where we hold reservations, and how failures change the order. */
import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../../src/adapters/memory/clock.ts';
import { Introducers } from '../../../../src/adapters/libp2p/introducers.ts';
import {
  FAILED_INTRODUCTION_MS,
  GUESSED_INTRODUCERS_MAX,
  INTRODUCTION_FAILURES_MAX,
  RESERVED_NEIGHBOURS_MAX,
  SILENT_INTRODUCER_MS,
} from '../../../../src/adapters/libp2p/limits.ts';
import { reservationPolicy } from '../../../../src/adapters/libp2p/reservations.ts';
import { asId, type NodeId } from '../../../../src/core/codec/id.ts';
import type { Role } from '../../../../src/core/identity/certificates.ts';
import type { LinkInfo } from '../../../../src/core/overlay/network.ts';
import { createTestRing } from '../../../support/ring.ts';

const { contact } = (await (await createTestRing('introducers')).contact('anybody')) as {
  contact: LinkInfo['contact'];
};

/** The node whose id is this number. */
const node = (place: number): NodeId =>
  asId(
    new Uint8Array(32)
      .fill(0)
      .with(31, place)
      .with(30, place >> 8),
  );
const place = (nodeId: NodeId): number => nodeId[30]! * 256 + nodeId[31]!;

function link(at: number, { role = 'tab', direct = true }: { role?: Role; direct?: boolean } = {}): LinkInfo {
  return {
    contact: { ...contact, nodeId: node(at), role },
    direct,
    openedAt: 0,
    sentBytes: 0,
    receivedBytes: 0,
    rttMs: undefined,
  };
}

function ranked(introducers: Introducers, via: readonly number[], links: readonly LinkInfo[]): number[] {
  return introducers.rank(node(100), via.map(node), links).map(({ nodeId }) => place(nodeId));
}

describe('who may introduce us', () => {
  const relay = link(200, { role: 'relay' });
  const links = [link(1), link(90), link(101), relay, link(109), link(120)];

  test('relays, those who were named, in that order, then a few that are near the target', () => {
    const order = ranked(new Introducers(new VirtualClock()), [120, 77, 1], links);
    expect(order).toEqual([200, 120, 1, 101, 109, 90]);
    expect(GUESSED_INTRODUCERS_MAX).toBe(3);
  });

  test('of the relays first those that were named, and none twice', () => {
    const more = [...links, link(210, { role: 'relay' })];
    expect(ranked(new Introducers(new VirtualClock()), [1, 210], more)).toEqual([210, 200, 1, 101, 109, 90]);
  });

  test('neither the target itself nor whoever we are linked with through a relay only', () => {
    const few = [link(100), link(5, { direct: false }), link(6)];
    expect(ranked(new Introducers(new VirtualClock()), [5, 6, 100], few)).toEqual([6]);
  });

  test('whoever could not introduce us to a node comes last for that node, for a while', () => {
    const clock = new VirtualClock();
    const introducers = new Introducers(clock);
    introducers.failed(node(120), node(100), 'failed');
    expect(ranked(introducers, [120, 1], links)).toEqual([200, 1, 101, 109, 90, 120]);
    expect(introducers.rank(node(50), [node(120)], links)[1]!.nodeId).toEqual(node(120));
    clock.advance(FAILED_INTRODUCTION_MS);
    expect(ranked(introducers, [120, 1], links)[1]).toBe(120);
  });

  test('whoever did not answer comes last for everybody, for longer; until it introduces somebody', () => {
    const clock = new VirtualClock();
    const introducers = new Introducers(clock);
    introducers.failed(node(120), node(50), 'silent');
    clock.advance(SILENT_INTRODUCER_MS - 1);
    expect(ranked(introducers, [120, 1], links).at(-1)).toBe(120);
    introducers.succeeded(node(120), node(100));
    expect(ranked(introducers, [120, 1], links)[1]).toBe(120);
  });

  test('failures are remembered up to a limit, the oldest is forgotten', () => {
    const introducers = new Introducers(new VirtualClock());
    introducers.failed(node(120), node(100), 'failed');
    for (let i = 1; i < INTRODUCTION_FAILURES_MAX; i++)
      introducers.failed(node(300 + i), node(100), 'failed');
    expect(ranked(introducers, [120, 1], links).at(-1)).toBe(120);
    introducers.failed(node(299), node(100), 'failed');
    expect(ranked(introducers, [120, 1], links)[1]).toBe(120);
  });
});

describe('where reservations are held', () => {
  const at = (openedAt: number, role: Role = 'tab', relayed = false) => ({
    contact: { ...contact, role },
    relayed,
    openedAt,
  });

  test('at relays, then at direct links, the oldest first; not at those through a relay', () => {
    const links = [at(3), at(1), at(9, 'relay'), at(2, 'tab', true), at(2, 'bridge')];
    expect(reservationPolicy(links).map(({ openedAt }) => openedAt)).toEqual([9, 1, 2, 3]);
  });

  test('at a bounded number of neighbours', () => {
    const links = Array.from({ length: RESERVED_NEIGHBOURS_MAX + 5 }, (_, i) => at(1_000 - i));
    const held = reservationPolicy([...links, at(5_000, 'relay')]);
    expect(held).toHaveLength(RESERVED_NEIGHBOURS_MAX + 1);
    expect(held.at(-1)!.openedAt).toBe(1_000 - 5);
  });
});
