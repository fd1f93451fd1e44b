/**
 * The routing failure test (Castro et al. 2002, §5.2): certified ids are random, so nodes are equally dense everywhere, and
 * a coalition's own nodes are thinner than the ring. `npm run sim -- secure --density` says how often it errs.
 */
import { placeDistance, placeOf, PLACES, type Id } from '../../codec/id.ts';
import type { Placed } from '../leaf-set.ts';

/**
 * How much thinner the nodes closest to a key are than those around us: 1 where they are as dense, 4 for a coalition of a quarter
 * of the ring that hides all others. `closest`: all nodes known to live there, the closest first, at least one. `ownSpacing`:
 * the mean distance between nodes around us, as a share of the ring.
 */
export function sparseness(key: Id, closest: readonly Placed[], ownSpacing: number): number {
  const reach = placeDistance(placeOf(key), placeOf(closest.at(-1)!.nodeId)) / PLACES;
  return (2 * reach) / closest.length / ownSpacing;
}

/** Leading bytes of an id that a share of the ring is added to. */
const SHIFTED_BYTES = 6;

/** The point `share` of the ring above `key`, below it for negative shares; −1 < share < 1. */
export function shifted(key: Id, share: number): Id {
  let rest = Math.round((share * PLACES) / 16);
  const out = new Uint8Array(key) as Id;
  for (let i = SHIFTED_BYTES - 1; i >= 0; i--) {
    const sum = out[i]! + rest;
    out[i] = sum & 255;
    rest = Math.floor(sum / 256);
  }
  return out;
}
