/**
 * How many copies a ring should have, from what was measured of its devices: Kangasharju's analysis (planner.ts) over the hours
 * of a week, in which more or fewer devices are open. Readers are there when devices are: hours count by how many are open.
 */
import { assert } from '../codec/assert.ts';
import {
  lossByAbsence,
  lossByNewcomers,
  lossByReturnOfClosest,
  OBJECTS_PER_ACTION,
  unavailable,
} from './planner.ts';
import type { HourOfPresence, RingPresence } from './presence.ts';

/** Of ten actions nine succeed at once while every relay is down. */
export const TARGET_ALONE = 0.9;
/** Of a thousand actions 999 succeed at once while the relays are as they usually are. */
export const TARGET = 0.999;
/** Fewer copies on devices are not proposed: two may be gone or lie at once (design, "Promises" 1). */
export const COPIES_MIN = 3;
/** What a ring descriptor allows. */
export const COPIES_ALLOWED_MAX = 16;
export const RELAY_COPIES_ALLOWED_MAX = 8;

/** k copies on the closest live devices, a on relays. */
export interface ReplicaPolicy {
  readonly k: number;
  readonly a: number;
}

/** How a policy does in this ring. Probabilities. */
export interface Prospect extends ReplicaPolicy {
  /** An action of a user succeeds at once: with the relays as they are, and while all of them are down. */
  readonly succeeds: number;
  readonly succeedsAlone: number;
  /** The same with all relays down, in the hour in which it is worst. */
  readonly worstAlone: number;
  /** "3 causes of loss" of one object, at the mean p: all holders away; closer ones came back; newcomers came closer. */
  readonly absence: number;
  readonly returns: number;
  readonly newcomers: number;
}

export interface Proposal {
  /** Probability that whoever took a copy is open, while somebody reads. */
  readonly p: number;
  readonly inForce: Prospect;
  readonly proposed: Prospect;
  /** Relays that the ring would need for the target; more than it has: the target is missed until then. */
  readonly relaysNeeded: number;
}

export interface ProposalInput {
  readonly presence: RingPresence;
  readonly inForce: ReplicaPolicy;
  readonly relays: number;
}

/** Undefined: not measured for long enough, or nobody was ever there. */
export function propose({ presence, inForce, relays }: ProposalInput): Proposal | undefined {
  const hours = presence.hours.filter(({ devices, p }) => devices > 0 && p > 0);
  if (!presence.isMeasured || hours.length === 0) return undefined;
  const ring = { presence, hours, pRelay: presence.observed, relays };
  const k = proposedCopies(ring);
  const relaysNeeded = proposedRelays(ring, k);
  const a = Math.min(relaysNeeded, relays);
  return {
    p: weighted(hours, ({ p }) => p),
    inForce: prospect(ring, inForce),
    proposed: prospect(ring, { k, a }),
    relaysNeeded,
  };
}

/** Bytes on disks. */
export interface Cost {
  readonly onDevices: number;
  readonly aDevice: number;
  readonly onRelays: number;
}

/** What a policy costs where so many bytes are stored, each counted once. */
export function costOf({ k, a }: ReplicaPolicy, usefulBytes: number, devices: number): Cost {
  const copies = Math.min(k, devices);
  const onDevices = usefulBytes * copies;
  return { onDevices, aDevice: Math.ceil(onDevices / Math.max(1, devices)), onRelays: usefulBytes * a };
}

interface Ring {
  readonly presence: RingPresence;
  readonly hours: readonly HourOfPresence[];
  readonly pRelay: number;
  readonly relays: number;
}

/** The least k for TARGET_ALONE: more than there are devices, or than a descriptor allows, is of no use. */
function proposedCopies({ hours, presence, pRelay }: Ring): number {
  const most = Math.max(COPIES_MIN, Math.min(COPIES_ALLOWED_MAX, presence.devices));
  for (let k = COPIES_MIN; k < most; k++) if (actions(hours, { k, a: 0 }, pRelay) >= TARGET_ALONE) return k;
  return most;
}

/** The least a for TARGET, at least 1: at night there may be nobody else. */
function proposedRelays({ hours, pRelay }: Ring, k: number): number {
  for (let a = 1; a < RELAY_COPIES_ALLOWED_MAX; a++) if (actions(hours, { k, a }, pRelay) >= TARGET) return a;
  return RELAY_COPIES_ALLOWED_MAX;
}

function prospect({ hours, presence, pRelay, relays }: Ring, { k, a }: ReplicaPolicy): Prospect {
  const p = weighted(hours, (hour) => hour.p);
  const alone = hours.map((hour) => action(hour, { k, a: 0 }, pRelay));
  return {
    k,
    a,
    succeeds: actions(hours, { k, a: Math.min(a, relays) }, pRelay),
    succeedsAlone: actions(hours, { k, a: 0 }, pRelay),
    worstAlone: Math.min(...alone),
    absence: lossByAbsence(p, k),
    returns: lossByReturnOfClosest(p, k),
    newcomers: lossByNewcomers(presence.newDevices, k, Math.max(1, presence.devices)),
  };
}

/** p_t of an hour: an action needs OBJECTS_PER_ACTION objects. */
function action({ p }: HourOfPresence, { k, a }: ReplicaPolicy, pAlwaysOn: number): number {
  return (1 - unavailable({ p: Math.min(1, p), alwaysOn: a, pAlwaysOn }, k)) ** OBJECTS_PER_ACTION;
}

function actions(hours: readonly HourOfPresence[], policy: ReplicaPolicy, pRelay: number): number {
  return weighted(hours, (hour) => action(hour, policy, pRelay));
}

function weighted(hours: readonly HourOfPresence[], value: (hour: HourOfPresence) => number): number {
  const weights = hours.reduce((sum, { weight, devices }) => sum + weight * devices, 0);
  assert(weights > 0, 'hours in which somebody was there');
  return hours.reduce((sum, hour) => sum + hour.weight * hour.devices * value(hour), 0) / weights;
}
