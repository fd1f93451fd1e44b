/** How large the ring usually is at this time of the week, as this node saw it; and how large it is now. */
import { compareBytes } from '../codec/bytes.ts';
import { clockwise, type Id, type NodeId } from '../codec/id.ts';
import { LEAF_SET_SIZE } from '../overlay/leaf-set.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
/** Times of the day that are told apart: 8 of 3 hours; and working days from weekends. */
const SLOT_MS = 3 * HOUR_MS;
const SLOTS_A_DAY = DAY_MS / SLOT_MS;
/** Times of the week that are told apart. */
export const SLOTS_MAX = 2 * SLOTS_A_DAY;
/** A ring counts at most so often in its time of the week: every 30 minutes. */
const SAMPLE_MS = HOUR_MS / 2;
/** The weight of the newest sample; older ones fade. */
const NEWEST = 0.2;

/** The size that was usual at one time of the week. */
export interface UsualSize {
  /** 0 ≤ slot < SLOTS_MAX. */
  readonly slot: number;
  /** Nodes, at least 1. */
  readonly size: number;
  /** When it was last counted: milliseconds since 1970. */
  readonly at: number;
}

export class UsualSizes {
  readonly #slots = new Map<number, UsualSize>();

  constructor(sizes: readonly UsualSize[]) {
    for (const size of sizes) this.#slots.set(size.slot, size);
  }

  /** The usual size at this time of the week; undefined when this node was never here then. */
  at(now: number): number | undefined {
    return this.#slots.get(slotOf(now))?.size;
  }

  /** Now it has this size. Whether that changed anything. */
  count(size: number, now: number): boolean {
    const slot = slotOf(now);
    const before = this.#slots.get(slot);
    if (before && Math.abs(now - before.at) < SAMPLE_MS) return false;
    const usual = before ? before.size + NEWEST * (size - before.size) : size;
    this.#slots.set(slot, { slot, size: Math.max(1, Math.round(usual)), at: now });
    return true;
  }

  all(): readonly UsualSize[] {
    return [...this.#slots.values()];
  }
}

/** In universal time: people of one office live by one clock, whichever it is. */
function slotOf(now: number): number {
  const day = Math.floor(now / DAY_MS);
  // 1 January 1970 was a Thursday.
  const isWeekend = [0, 6].includes((day + 4) % 7);
  return Math.floor((now % DAY_MS) / SLOT_MS) + (isWeekend ? SLOTS_A_DAY : 0);
}

/**
 * Nodes of the ring, self included, as the leaf set shows it. A leaf set that is not full is all there is; else ids lie evenly
 * (Castro et al. 2002, section 5.2), so that l gaps that span a part p of the ring speak for (l − 1) / p nodes (the unbiased
 * estimate for a sum of l exponential gaps; it errs by 27%).
 */
export function ringSize(self: NodeId, leafSet: readonly { readonly nodeId: NodeId }[]): number {
  if (leafSet.length < LEAF_SET_SIZE) return leafSet.length + 1;
  const upwards = leafSet
    .map(({ nodeId }) => clockwise(self, nodeId))
    .sort((a, b) => compareBytes(a, b))
    .map(fraction);
  const half = LEAF_SET_SIZE / 2;
  const span = upwards[half - 1]! + (1 - upwards[half]!);
  return Math.max(LEAF_SET_SIZE + 1, Math.round((LEAF_SET_SIZE - 1) / span));
}

/** A distance as a part of the ring, 0 ≤ part < 1. */
function fraction(distance: Id): number {
  return distance.subarray(0, 7).reduceRight((sum, byte) => (sum + byte) / 256, 0);
}
