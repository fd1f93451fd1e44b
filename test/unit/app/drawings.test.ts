import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import '../../support/english.ts';
import { slicePath } from '../../../src/app/delivery/ring-geometry.ts';
import { deliverySummary, quarters, storedPart } from '../../../src/app/delivery/words.ts';
import { chordPath, labelAt, placesOf } from '../../../src/app/network/ring-layout.ts';
import { trafficBetween } from '../../../src/app/network/traffic.ts';
import { healthText, holdersOf, locationText } from '../../../src/app/network/words.ts';
import { arcPath, FRAME_RADIUS, markOf } from '../../../src/app/postmark/geometry.ts';
import { deliveryStates } from '../../../src/core/mail/views.ts';
import type { NetworkView, PeerView } from '../../../src/core/node/client.ts';
import { recipientAt } from './views.ts';

const key = fc.stringMatching(/^[0-9a-f]{64}$/);
const drawing = (text: string): string => JSON.stringify(markOf(text));

describe('a person’s mark', () => {
  test('follows from the key alone, whatever its case', () => {
    fc.assert(fc.property(key, (text) => drawing(text) === drawing(text.toUpperCase())));
  });

  test('two keys that differ in one digit have different marks', () => {
    fc.assert(
      fc.property(key, fc.nat(63), (text, place) => {
        const other = text[place] === '0' ? '1' : '0';
        expect(drawing(text.slice(0, place) + other + text.slice(place + 1))).not.toBe(drawing(text));
      }),
    );
  });

  test('thousands of keys give thousands of marks', () => {
    const marks = new Set(Array.from({ length: 5000 }, (_, i) => drawing(i.toString(16).padStart(64, '0'))));
    expect(marks.size).toBe(5000);
  });

  test('arcs stay inside the frame, keep apart on their ring, and are no full circles', () => {
    fc.assert(
      fc.property(key, (text) => {
        const { arcs } = markOf(text);
        for (const arc of arcs) {
          expect(arc.radius).toBeLessThan(FRAME_RADIUS - 2);
          expect(arc.to).toBeGreaterThan(arc.from);
          const next = arcs.find((other) => other.radius === arc.radius && other.from > arc.from);
          if (next) expect(next.from).toBeGreaterThan(arc.to);
        }
        for (const radius of new Set(arcs.map((arc) => arc.radius))) {
          const ring = arcs.filter((arc) => arc.radius === radius);
          expect(ring.at(-1)!.to - ring[0]!.from).toBeLessThan(2 * Math.PI);
        }
      }),
    );
  });

  test('an arc is a path around the middle', () => {
    expect(arcPath({ radius: 10, from: 0, to: Math.PI / 2 })).toBe('M24 14A10 10 0 0 1 34 24');
    expect(arcPath({ radius: 10, from: 0, to: 1.5 * Math.PI })).toBe('M24 14A10 10 0 1 1 14 24');
  });
});

describe('the delivery ring', () => {
  test('fills by quarters in the order of the states', () => {
    expect(deliveryStates.map((state) => quarters[state])).toEqual([0, 1, 2, 3, 4]);
    expect(slicePath(0, 10, 5)).toBe('');
    expect(slicePath(0.25, 10, 5)).toBe('M10 10L10 5A5 5 0 0 1 15 10Z');
    expect(slicePath(0.75, 10, 5)).toBe('M10 10L10 5A5 5 0 1 1 5 10Z');
    expect(slicePath(1, 10, 5)).toBe('M10 5A5 5 0 0 1 10 15A5 5 0 0 1 10 5Z');
  });

  test('in words: the reason of one recipient, the counts of several', () => {
    const bounced = recipientAt('nobody', 'bounced', 'There is no nobody@example.org.');
    const one = { state: 'bounced', recipients: [bounced], progress: undefined } as const;
    expect(deliverySummary(one)).toBe('There is no nobody@example.org.');
    const recipients = [
      recipientAt('bob', 'received'),
      recipientAt('carol', 'notified'),
      recipientAt('dan', 'received'),
    ];
    expect(deliverySummary({ state: 'notified', recipients, progress: undefined })).toBe(
      '2 received, 1 notified.',
    );
  });

  test('shows the part that is stored only while it is being stored', () => {
    const progress = { doneBytes: 25, totalBytes: 100 };
    expect(storedPart({ state: 'queued', recipients: [], progress })).toBe(0.25);
    expect(storedPart({ state: 'stored', recipients: [], progress })).toBeUndefined();
    const waiting = [recipientAt('bob', 'queued', 'Waiting for the network.')];
    expect(storedPart({ state: 'queued', recipients: waiting, progress })).toBeUndefined();
    expect(
      storedPart({ state: 'queued', recipients: [], progress: { doneBytes: 0, totalBytes: 0 } }),
    ).toBeUndefined();
  });
});

function peer(nodeId: string, changes: Partial<PeerView> = {}): PeerView {
  return {
    nodeId,
    name: `${nodeId}@example.org`,
    role: 'tab',
    self: false,
    inLeafSet: true,
    link: 'direct',
    rttMs: undefined,
    sentBytes: 0,
    receivedBytes: 0,
    ...changes,
  };
}

function network(...peers: PeerView[]): NetworkView {
  return { ready: true, peers, counters: [], refusals: [] };
}

describe('the ring', () => {
  test('this device stands at the top, the others clockwise in id order', () => {
    const places = placesOf([peer('a'), peer('b', { self: true }), peer('c'), peer('d')], 100, 50);
    const at = (id: string): readonly [number, number] => {
      const place = places.find((one) => one.peer.nodeId === id)!;
      return [place.x, place.y];
    };
    expect(at('b')).toEqual([100, 50]);
    expect(at('c')).toEqual([150, 100]);
    expect(at('d')).toEqual([100, 150]);
    expect(at('a')).toEqual([50, 100]);
    expect(chordPath(places[1]!, places[3]!, 100)).toBe('M100 50Q100 100 100 150');
    expect(labelAt(places[2]!, 100, 60).anchor).toBe('start');
    expect(labelAt(places[0]!, 100, 60).anchor).toBe('end');
  });

  test('traffic is what was carried between two looks', () => {
    const before = network(peer('a'), peer('b'), peer('c'));
    const now = network(
      peer('a', { sentBytes: 10, receivedBytes: 2 }),
      peer('b', { receivedBytes: 5 }),
      peer('c'),
      peer('d', { sentBytes: 99 }),
    );
    expect([...trafficBetween(before, now)]).toEqual([
      ['a', 'out'],
      ['b', 'in'],
    ]);
    expect(trafficBetween(undefined, now).size).toBe(0);
  });

  test('health in words', () => {
    const self = peer('a', { self: true, link: 'none' });
    const relay = peer('r', { role: 'relay' });
    expect(healthText(network(self))).toMatch(/alone/);
    expect(healthText(network(self, relay))).toBe('The relay keeps your mail with you, sealed.');
    expect(healthText(network(self, relay, peer('b'), peer('c')))).toBe(
      '2 other devices and the relay keep your mail with you, sealed.',
    );
    expect(healthText(network(self, peer('b')))).toBe(
      '1 other device keeps your mail with you, sealed. The relay is away; mail goes on without it.',
    );
  });

  test('who holds a message: any of its blocks, all of them', () => {
    const location = {
      blocks: [
        { key: '1', sizeBytes: 1, holders: ['a', 'b'] },
        { key: '2', sizeBytes: 1, holders: ['b', 'c'] },
      ],
    };
    const { any, all } = holdersOf(location);
    expect([[...any], [...all]]).toEqual([['a', 'b', 'c'], ['b']]);
    expect(locationText(location)).toBe('It is in 2 sealed blocks, each kept by at least 2 devices.');
    expect(locationText({ blocks: [] })).toMatch(/this device only/);
    expect(locationText({ blocks: [{ key: '1', sizeBytes: 1, holders: [] }] })).toMatch(/nobody answers/);
  });
});
