/** The ways of a secure look-up (Castro et al., OSDI 2002, §4 and §5.3), and what is remembered of them. */
import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../../src/adapters/memory/clock.ts';
import { SeededRandom } from '../../../../src/adapters/memory/random.ts';
import { idText, placeDistance, placeOf, PLACES, type Id } from '../../../../src/core/codec/id.ts';
import {
  departure,
  FORWARD_SERVICE,
  forwardRequest,
  onwards,
} from '../../../../src/core/overlay/secure/forward.ts';
import {
  auditLanes,
  detourLanes,
  firstLane,
  LANES_MAX,
  onTo,
  redundantLanes,
  THROUGH_MAX,
  type Journey,
} from '../../../../src/core/overlay/secure/journeys.ts';
import { Ways } from '../../../../src/core/overlay/secure/ways.ts';

const random = new SeededRandom('journeys');
const id = (): Id => random.bytes(32) as Id;
const key = id();
const firstHops = Array.from({ length: 40 }, id);
const origin = (nodes: number) => ({ key, firstHops, spacing: 1 / nodes });
const reachOf = ({ points }: Journey): number =>
  placeDistance(placeOf(key), placeOf(points.at(-1)!)) / PLACES;

describe('lanes', () => {
  test('the first one is the ordinary route (§5: redundant routing only when that fails)', () => {
    expect(firstLane(origin(1_000))).toEqual({
      via: undefined,
      constrained: false,
      points: [key],
      through: [],
    });
  });

  const rounds = [
    ['audits', auditLanes(origin(1_000))],
    ['redundant', redundantLanes(origin(1_000))],
  ] as const;

  test.each(rounds)('%s use the constrained table (§4) and different first hops (§5.3)', (_, lanes) => {
    expect(lanes.every(({ constrained }) => constrained)).toBe(true);
    const vias = lanes.flatMap(({ via }) => (via ? [idText(via)] : []));
    expect(new Set(vias).size).toBe(vias.length);
    expect(vias.length).toBeGreaterThanOrEqual(lanes.length - 1);
  });

  test('the more hops there are, the more audits', () => {
    const counts = [100, 1_000, 10_000, 1_000_000_000].map((nodes) => auditLanes(origin(nodes)).length);
    expect(counts).toEqual([8, 12, 17, 20]);
  });

  test.each(rounds)('%s end at different points around the key', (_, lanes) => {
    expect(new Set(lanes.map(({ points }) => idText(points.at(-1)!))).size).toBe(lanes.length);
    expect(Math.max(...lanes.map(reachOf))).toBeLessThan(24 / 1_000);
  });

  test('detours pass a second place, within a quarter of the ring', () => {
    for (const { points } of detourLanes(origin(1_000))) {
      expect(points).toHaveLength(2);
      expect(placeDistance(placeOf(key), placeOf(points[0])) / PLACES).toBeLessThan(1 / 8);
    }
  });

  test('all together are bounded', () => {
    const count = (nodes: number): number =>
      1 +
      auditLanes(origin(nodes)).length +
      redundantLanes(origin(nodes)).length +
      detourLanes(origin(nodes)).length;
    expect(count(1e9)).toBe(LANES_MAX);
  });

  test('a way on to linked nodes has an end', () => {
    let way: Journey | undefined = firstLane(origin(1_000));
    for (let i = 0; i < THROUGH_MAX; i++) way = onTo(way!, id());
    expect(way!.through).toHaveLength(THROUGH_MAX);
    expect(onTo(way!, id())).toBeUndefined();
  });
});

describe('a question on a journey', () => {
  const body = Uint8Array.of(1, 2, 3);
  const sent = { service: 'echo', body, timeoutMs: 1_000 };
  const [a, b, c, last] = [id(), id(), id(), id()];

  test('goes straight to the root where there is no further stop', () => {
    expect(departure(firstLane(origin(1_000)), sent)).toEqual({ start: key, service: 'echo', body });
  });

  test('is handed on stop by stop, and arrives as it was', () => {
    const journey: Journey = { via: undefined, constrained: true, points: [a, b], through: [c] };
    let at = departure(journey, { ...sent, last });
    expect(at.start).toEqual(a);
    const passed: unknown[] = [];
    while (at.service === FORWARD_SERVICE) {
      const decoded = forwardRequest.decode(at.body);
      if (!decoded.ok) throw new Error(decoded.reason);
      const { next, ...rest } = onwards(decoded.value);
      passed.push(next);
      at = { start: a, ...rest };
    }
    expect(passed).toEqual([
      { to: 'root', id: b },
      { to: 'node', id: c },
      { to: 'node', id: last },
    ]);
    expect(at).toMatchObject({ service: 'echo', body });
  });

  test('does not go twice to a node at whose end it is', () => {
    const journey: Journey = { via: undefined, constrained: true, points: [a], through: [c] };
    const { body: asked } = departure(journey, { ...sent, last: c });
    const decoded = forwardRequest.decode(asked);
    expect(decoded.ok && decoded.value.stops).toEqual([{ to: 'node', id: c }]);
  });
});

describe('ways that were found', () => {
  const journeys = [firstLane(origin(1_000))];

  test('are remembered for a minute, or until the ordinary one will do', () => {
    const clock = new VirtualClock();
    const ways = new Ways(clock);
    const [one, other] = [id(), id()];
    for (const nodeId of [one, other]) ways.remember({ nodeId, journeys });
    expect(ways.to(one)).toBe(journeys);
    ways.forget({ nodeId: one, journeys });
    expect(ways.to(one)).toEqual([]);
    clock.advance(60_000);
    expect(ways.to(other)).toEqual([]);
  });

  test('are bounded: the oldest go', () => {
    const ways = new Ways(new VirtualClock());
    const nodes = Array.from({ length: 257 }, id);
    for (const nodeId of nodes) ways.remember({ nodeId, journeys });
    expect(ways.to(nodes[0]!)).toEqual([]);
    expect(ways.to(nodes[1]!)).toBe(journeys);
  });
});
