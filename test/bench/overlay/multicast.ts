/**
 * 1 KB from a random member to all members: this overlay's multicast, and gossipsub's.
 *
 * Estimates for 100 members. Ours: the payload goes 1.4 hops to the root of the group and then over each branch of the tree
 * once: 101 copies of 1.5 KB with signature and headers for 100 deliveries, over 3 hops of the tree in 3 ms and the
 * serial work of 100 deliveries, 0.3 ms each: 30 ms for the last. Gossipsub sends it to each of 6 neighbours or more.
 */
import { randomInt } from 'node:crypto';
import { assert } from '../../../src/core/codec/assert.ts';
import { equalBytes, type Bytes } from '../../../src/core/codec/bytes.ts';
import { someBytes } from './pick.ts';
import { pause } from './process.ts';
import { median } from './statistics.ts';
import type { Traffic } from './traffic.ts';

const PAYLOAD_BYTES = 1024;
/** What names a payload in the traffic. */
const MARKER_BYTES = 16;
const ROUNDS = 30;
const WARM_UP = 5;
const ROUND_MS_MAX = 10_000;
/** Between two: late copies belong to the round that caused them. */
const QUIET_MS = 300;
/** What the nodes do anyway is left out. */
const IDLE_MS = 5_000;

/** A payload that a member hears; members are counted from 0. */
export type Heard = (payload: Uint8Array, member: number) => void;

/** Nodes that are, or are to be, members of one group. */
export interface Group {
  readonly traffic: Traffic;
  readonly members: number;
  /** All nodes become members; resolves when each is where it will hear. */
  join(heard: Heard): Promise<void>;
  publish(member: number, payload: Bytes): Promise<void>;
  stop(): Promise<void>;
}

export interface MulticastFigures {
  /** How often the payload was sent for one delivery. */
  readonly copies: number;
  readonly bytes: number;
  /** From `publish` to a member. */
  readonly p50Ms: number;
  /** From `publish` to the last member, median. */
  readonly lastMs: number;
  readonly cpuMs: number;
  /** Share of deliveries that never came. */
  readonly lost: number;
}

/** A delivery: another member than the publisher hears it. */
export async function measureMulticast(group: Group): Promise<MulticastFigures> {
  const { traffic } = group;
  let hear: Heard = () => undefined;
  await group.join((payload, member) => hear(payload, member));
  const next = (): Promise<readonly number[]> => round(group, (heard) => (hear = heard));
  for (let i = 0; i < WARM_UP; i++) await next();
  const idle = await traffic.during(() => pause(IDLE_MS));
  const rounds: (readonly number[])[] = [];
  const counted = await traffic.during(async () => {
    for (let i = 0; i < ROUNDS; i++) rounds.push(await next());
  });
  const expected = ROUNDS * (group.members - 1);
  await group.stop();
  const times = rounds.flat();
  assert(times.length > 0, 'something is delivered');
  const caused = (figure: 'bytes' | 'cpuMs'): number =>
    counted[figure] - (idle[figure] * counted.ms) / idle.ms;
  return {
    copies: counted.copies / times.length,
    bytes: caused('bytes') / times.length,
    p50Ms: median(times),
    lastMs: median(rounds.map((one) => Math.max(...one))),
    cpuMs: caused('cpuMs') / times.length,
    lost: 1 - times.length / expected,
  };
}

/** When each other member heard it, in milliseconds since it was published. */
async function round(group: Group, listen: (heard: Heard) => void): Promise<readonly number[]> {
  const publisher = randomInt(group.members);
  const payload = someBytes(PAYLOAD_BYTES);
  const marker = payload.subarray(0, MARKER_BYTES);
  group.traffic.marker = marker;
  const times: number[] = [];
  const all = Promise.withResolvers<void>();
  const started = performance.now();
  listen((heard, member) => {
    if (member === publisher || !equalBytes(heard.subarray(0, MARKER_BYTES), marker)) return;
    times.push(performance.now() - started);
    if (times.length === group.members - 1) all.resolve();
  });
  await group.publish(publisher, payload);
  await Promise.race([all.promise, pause(ROUND_MS_MAX)]);
  await pause(QUIET_MS);
  return times;
}
