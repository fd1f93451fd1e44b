/**
 * The ways by which a question goes out: different first hops (Castro et al. 2002, §5.3: redundant routing through the
 * neighbour set) towards different points around the key, so that no single liar stands on all of them.
 */
import type { Key, NodeId } from '../../codec/id.ts';
import { shifted } from './density.ts';

export interface Journey {
  /** The first hop, a linked node; undefined: the best one by our own table. */
  readonly via: NodeId | undefined;
  /** Every hop uses its constrained routing table (§4). */
  readonly constrained: boolean;
  /** The root of the last one is asked. Of two, the root of the first is asked to ask on. */
  readonly points: readonly [Key] | readonly [Key, Key];
  /** Then from node to node, each linked with the one before; the last one is asked. At most THROUGH_MAX. */
  readonly through: readonly NodeId[];
}

/** Nodes from which a question is handed on to the next. */
export const THROUGH_MAX = 4;

export interface Origin {
  readonly key: Key;
  /** Linked nodes, those of the leaf set first; at least one. */
  readonly firstHops: readonly NodeId[];
  /** Mean distance between nodes, as a share of the ring. */
  readonly spacing: number;
}

const AUDITS_MIN = 6;
const AUDITS_MAX = 20;
/** More hops, more liars: audits for each hop of log16 N. */
const AUDITS_A_HOP = 5;
/** Nodes over which the points of the audits are spread: as many as a leaf set has. */
const AUDITED_NODES = 24;
const REDUNDANT_LANES = 24;
/** Farther out: what the nodes there have in their leaf sets leads towards the key. */
const REDUNDANT_NODES = 48;
const DETOURS = 24;
const LANES_A_DETOUR = 2;
/** The part of the ring, around the key, that detours lead through. */
const DETOUR_SHARE = 1 / 4;
/** All lanes of one look-up, the first included. */
export const LANES_MAX = 1 + AUDITS_MAX + REDUNDANT_LANES + DETOURS * LANES_A_DETOUR;

/** The ordinary route to the root: cheap, and bent by anybody on it. */
export function firstLane({ key }: Origin): Journey {
  return { via: undefined, constrained: false, points: [key], through: [] };
}

/** A few independent opinions on who lives around the key; the more hops, the more of them. */
export function auditLanes(origin: Origin): readonly Journey[] {
  const hops = Math.log(1 / origin.spacing) / Math.log(16);
  const count = Math.max(AUDITS_MIN, Math.min(AUDITS_MAX, Math.round(AUDITS_A_HOP * hops)));
  return Array.from({ length: count }, (_, i) => ({
    via: i === 0 ? undefined : hopAt(origin, i - 1),
    constrained: true,
    points: [pointAt(origin, i, count, AUDITED_NODES)],
    through: [],
  }));
}

/** Through every first hop. */
export function redundantLanes(origin: Origin): readonly Journey[] {
  return Array.from({ length: REDUNDANT_LANES }, (_, i) => ({
    via: hopAt(origin, AUDITS_MAX - 1 + i),
    constrained: true,
    points: [pointAt(origin, i, REDUNDANT_LANES, REDUNDANT_NODES)],
    through: [],
  }));
}

/**
 * By way of nodes in a quarter of the ring: routes from one place to another meet in ever fewer nodes, so that few liars can
 * stand on all of them; these come from elsewhere.
 */
export function detourLanes(origin: Origin): readonly Journey[] {
  const count = DETOURS * LANES_A_DETOUR;
  return Array.from({ length: count }, (_, i) => ({
    via: hopAt(origin, i),
    constrained: true,
    points: [
      shifted(origin.key, (((i % DETOURS) + 0.5) / DETOURS - 0.5) * DETOUR_SHARE),
      pointAt(origin, i, count, REDUNDANT_NODES),
    ],
    through: [],
  }));
}

/** On from there to a node that is linked with the one asked; undefined when that would be too far. */
export function onTo(journey: Journey, nodeId: NodeId): Journey | undefined {
  if (journey.through.length >= THROUGH_MAX) return undefined;
  return { ...journey, through: [...journey.through, nodeId] };
}

function hopAt({ firstHops }: Origin, i: number): NodeId | undefined {
  return firstHops[i % firstHops.length];
}

/** The i-th of `count` points spread evenly over the place of `nodes` nodes around the key. */
function pointAt({ key, spacing }: Origin, i: number, count: number, nodes: number): Key {
  const reach = Math.min(1, nodes * spacing);
  return shifted(key, ((i + 0.5) / count - 0.5) * reach);
}
