/** Which keys a node has to care for, and in which turn: those that it is among the closest live nodes to. */
import { equalBytes } from '../codec/bytes.ts';
import { clockwise, compareClockwise, compareDistance, type Key, type NodeId } from '../codec/id.ts';
import { compareBytes } from '../codec/bytes.ts';
import { inArc, midpoint, WHOLE_RING, type Arc } from './reconcile/arc.ts';

/**
 * The keys that `self` is among the `ranks` closest nodes to: from half way to the node that many places before it to half
 * way to the one that many places after. The whole ring where there are too few neighbours to tell.
 */
export function dutyArc(self: NodeId, neighbours: readonly NodeId[], ranks: number): Arc {
  if (neighbours.length < 2 * ranks) return WHOLE_RING;
  const sorted = [...neighbours].sort((a, b) => compareClockwise(self, a, b));
  const [before, after] = [sorted[sorted.length - ranks]!, sorted[ranks - 1]!];
  return { from: midpoint(before, self), to: midpoint(self, after) };
}

/** Whether every key of `inner` lies in `outer`. */
export function covers(outer: Arc, inner: Arc): boolean {
  if (outer === inner || equalBytes(outer.from, outer.to)) return true;
  if (equalBytes(inner.from, inner.to)) return false;
  const [start, end] = [clockwise(outer.from, inner.from), clockwise(outer.from, inner.to)];
  return compareBytes(start, end) < 0 && compareBytes(end, clockwise(outer.from, outer.to)) <= 0;
}

/** The arc of all keys of two arcs that overlap; undefined where they do not. */
export function hull(a: Arc, b: Arc): Arc | undefined {
  if (covers(a, b)) return a;
  if (covers(b, a)) return b;
  const [startsInA, startsInB] = [inArc(a, b.from), inArc(b, a.from)];
  if (startsInA && startsInB) return WHOLE_RING;
  if (startsInA) return { from: a.from, to: b.to };
  return startsInB ? { from: b.from, to: a.to } : undefined;
}

/** How many of the nodes are closer to the key than `self`. */
export function rankOf(self: NodeId, nodes: Iterable<NodeId>, key: Key): number {
  let rank = 0;
  for (const node of nodes) if (compareDistance(key, node, self) < 0) rank += 1;
  return rank;
}

/** Whether the list names the node. Lists are short, and mostly of the same objects: quicker than by names. */
export function includesId(list: readonly NodeId[], nodeId: NodeId): boolean {
  return list.some((one) => one === nodeId || equalBytes(one, nodeId));
}
