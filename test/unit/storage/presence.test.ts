/** Measuring who is open when: against populations whose availability is known. Kangasharju et al. (P2P 2003), p. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { utf8 } from '../../../src/core/codec/bytes.ts';
import type { NodeId } from '../../../src/core/codec/id.ts';
import { sha256 } from '../../../src/core/crypto/hash.ts';
import { planCopies } from '../../../src/core/storage/planner.ts';
import {
  GONE_MS,
  MEASURED_MS,
  presenceCodec,
  PresenceLog,
  PRESENT_DEVICES_MAX,
  SAMPLE_MS,
} from '../../../src/core/storage/presence.ts';
import {
  COPIES_ALLOWED_MAX,
  COPIES_MIN,
  costOf,
  propose,
  TARGET_ALONE,
} from '../../../src/core/storage/proposal.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
/** A Monday, midnight. */
const START = Date.UTC(2026, 0, 5);
const id = (name: string): NodeId => sha256(utf8(name));

/** Samples `days` of devices; `isOpen` says who is open when: milliseconds since START. */
function watched(names: readonly string[], days: number, isOpen: (device: number, ms: number) => boolean) {
  const nodes = names.map(id);
  const log = new PresenceLog(START);
  for (let ms = SAMPLE_MS; ms <= days * DAY_MS; ms += SAMPLE_MS)
    log.sample(
      nodes.filter((_, device) => isOpen(device, ms)),
      START + ms,
    );
  return { log, presence: log.presence(START + days * DAY_MS) };
}

const devices = (count: number): string[] => Array.from({ length: count }, (_, i) => `device ${i}`);

/** Sessions of an hour and a half on average, open a share of the time. */
function sessions(share: number, seed: string): (device: number, ms: number) => boolean {
  const random = new SeededRandom(seed);
  const states = new Map<number, { open: boolean; until: number }>();
  return (device, ms) => {
    const state = states.get(device) ?? { open: random.number() < share, until: 0 };
    while (state.until <= ms) {
      state.open = !state.open;
      const mean = 1.5 * HOUR_MS * (state.open ? 1 : (1 - share) / share);
      state.until += -Math.log(1 - random.number()) * mean;
    }
    states.set(device, state);
    return state.open;
  };
}

describe('the measured availability', () => {
  it.each([0.1, 0.3, 0.6])('of devices that are open %f of the time is that', (share) => {
    const { presence } = watched(devices(200), 21, sessions(share, `share ${share}`));
    expect(presence.isMeasured).toBe(true);
    expect(presence.devices).toBe(200);
    expect(Math.abs(presence.meanShare / share - 1)).toBeLessThan(0.1);
    const proposal = propose({ presence, inForce: { k: 3, a: 1 }, relays: 1 });
    expect(Math.abs(proposal!.p / share - 1)).toBeLessThan(0.15);
  });

  it('leads to the k of the formula where the hours are alike', () => {
    const { presence } = watched(devices(200), 21, sessions(0.3, 'formula'));
    const { proposed } = propose({ presence, inForce: { k: 3, a: 1 }, relays: 1 })!;
    const planned = planCopies(TARGET_ALONE, { p: 0.3, alwaysOn: 0, pAlwaysOn: 0 });
    expect(Math.abs(proposed.k - planned)).toBeLessThanOrEqual(1);
    expect(proposed.a).toBe(1);
  });

  it('tells office hours from nights and weekends', () => {
    const { presence } = watched(devices(20), 28, (_, ms) => {
      const [day, hour] = [Math.floor(ms / DAY_MS) % 7, Math.floor((ms % DAY_MS) / HOUR_MS)];
      return day < 5 && hour >= 8 && hour < 17;
    });
    const at = (hour: number, weekend: boolean) =>
      presence.hours.find((one) => one.hour === hour && one.weekend === weekend)!;
    expect([at(10, false).p, at(10, false).devices]).toEqual([1, 20]);
    expect([at(3, false).p, at(3, false).devices, at(10, true).p]).toEqual([0, 0, 0]);
    expect(presence.meanShare).toBeCloseTo((5 * 9) / (7 * 24), 1);
    // Nobody reads at night: three copies will do for those who are there by day.
    const { proposed } = propose({ presence, inForce: { k: 9, a: 1 }, relays: 1 })!;
    expect(proposed).toMatchObject({ k: COPIES_MIN, succeedsAlone: 1, worstAlone: 1 });
  });

  it('weighs devices by what they can have taken: those that looked in once count for nothing', () => {
    const { presence } = watched(devices(40), 10, (device, ms) => device < 20 || ms === SAMPLE_MS);
    expect(presence).toMatchObject({ devices: 40, nearlyAlways: 20, often: 0, seldom: 20 });
    expect(propose({ presence, inForce: { k: 3, a: 1 }, relays: 1 })!.p).toBeGreaterThan(0.98);
  });

  it('forgets who did not come for the life of a certificate', () => {
    const { log, presence } = watched(['gone', 'there'], 1, () => true);
    expect(presence.devices).toBe(2);
    for (let ms = DAY_MS; ms <= GONE_MS + 2 * DAY_MS; ms += SAMPLE_MS) log.sample([id('there')], START + ms);
    expect(log.presence(START + GONE_MS + 2 * DAY_MS)).toMatchObject({ devices: 1, open: 1 });
  });

  it('knows when the observer itself was off', () => {
    const { log } = watched(['one'], 7, () => true);
    const back = START + 14 * DAY_MS;
    log.sample([], back);
    expect(log.presence(back).observed).toBeCloseTo(0.5, 2);
  });

  it('is none before a week is over, nor where nobody ever was', () => {
    const young = watched(devices(5), 6.9, () => true).presence;
    expect(propose({ presence: young, inForce: { k: 3, a: 1 }, relays: 1 })).toBeUndefined();
    const empty = watched([], 10, () => true).presence;
    expect(empty.isMeasured).toBe(false);
    expect(MEASURED_MS).toBe(7 * DAY_MS);
  });

  it('is bounded: of too many devices the one seen longest ago goes', () => {
    const log = new PresenceLog(START);
    const many = Array.from({ length: PRESENT_DEVICES_MAX }, (_, i) => id(`many ${i}`));
    log.sample(many, START + SAMPLE_MS);
    log.sample(many.slice(1), START + 2 * SAMPLE_MS);
    log.sample([id('one more')], START + 3 * SAMPLE_MS);
    const stored = log.stored().devices.map(({ nodeId }) => nodeId);
    expect(stored).toHaveLength(PRESENT_DEVICES_MAX);
    expect(stored).not.toContainEqual(many[0]);
  });

  it('goes on from the disk as if nothing had happened, and survives any clock', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40 * DAY_MS), { minLength: 1, maxLength: 50 }), (times) => {
        const log = new PresenceLog(START);
        for (const ms of times) log.sample([id(`at ${ms % 7}`)], START + ms);
        const bytes = presenceCodec.encode(log.stored());
        const decoded = presenceCodec.decode(bytes);
        expect(decoded.ok).toBe(true);
        if (!decoded.ok) return;
        const again = new PresenceLog(START, decoded.value);
        expect(again.stored()).toEqual(log.stored());
        const { observed, meanShare } = again.presence(START + 40 * DAY_MS);
        for (const share of [observed, meanShare]) {
          expect(share).toBeGreaterThanOrEqual(0);
          expect(share).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});

describe('the proposal', () => {
  const hours = (p: number) =>
    [0, 12].map((hour) => ({ hour, weekend: false, devices: 10, p, weight: 1 / 24 }));
  const ring = (p: number, count = 200, observed = 1) => ({
    ...watched(devices(1), 0.1, () => true).presence,
    isMeasured: true,
    devices: count,
    observed,
    hours: hours(p),
  });
  const proposed = (p: number, count?: number, observed?: number) =>
    propose({ presence: ring(p, count, observed), inForce: { k: 3, a: 1 }, relays: 1 })!;

  it('reaches its targets with the fewest copies, where that is possible at all', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.05, max: 0.99, noNaN: true }), (p) => {
        const { proposed: policy } = proposed(p);
        expect(policy.k).toBeGreaterThanOrEqual(COPIES_MIN);
        expect(policy.k).toBeLessThanOrEqual(COPIES_ALLOWED_MAX);
        if (policy.k < COPIES_ALLOWED_MAX) expect(policy.succeedsAlone).toBeGreaterThanOrEqual(TARGET_ALONE);
        const fewer = (1 - (1 - p) ** (policy.k - 1)) ** 2;
        if (policy.k > COPIES_MIN) expect(fewer).toBeLessThan(TARGET_ALONE);
      }),
    );
  });

  it('counts hours by how many devices are open in them, and names the worst', () => {
    const presence = {
      ...ring(0.5),
      hours: [
        { hour: 3, weekend: false, devices: 1, p: 0.1, weight: 1 / 24 },
        { hour: 12, weekend: false, devices: 9, p: 0.9, weight: 1 / 24 },
      ],
    };
    const { p, inForce } = propose({ presence, inForce: { k: 3, a: 1 }, relays: 1 })!;
    expect(p).toBeCloseTo(0.82, 10);
    expect(inForce.worstAlone).toBeCloseTo((1 - 0.9 ** 3) ** 2, 10);
    expect(inForce.succeedsAlone).toBeCloseTo(0.1 * (1 - 0.9 ** 3) ** 2 + 0.9 * (1 - 0.1 ** 3) ** 2, 10);
  });

  it('asks for more relays where one that is often off is not enough, and never for more copies than devices', () => {
    // 0.7^9 = 0.04 of objects are out of reach without relays: 0.004 with one that is on 0.9 of the time, 0.0004 with two.
    expect(proposed(0.3, 200, 0.9)).toMatchObject({ relaysNeeded: 2, proposed: { k: 9, a: 1 } });
    expect(proposed(0.3, 200, 1).relaysNeeded).toBe(1);
    expect(proposed(0.1, 5).proposed.k).toBe(5);
  });

  it('says what a policy costs', () => {
    expect(costOf({ k: 9, a: 1 }, 1000, 200)).toEqual({ onDevices: 9000, aDevice: 45, onRelays: 1000 });
    expect(costOf({ k: 9, a: 2 }, 1000, 2)).toEqual({ onDevices: 2000, aDevice: 1000, onRelays: 2000 });
  });
});
