/** Where a message goes next. Rowstron & Druschel 2001, §2.2: leaf set first, then the table, then the rare case. */
import { equalBytes } from '../codec/bytes.ts';
import {
  compareDistance,
  comparePlaceDistance,
  placeDistance,
  placeOf,
  placesUp,
  sharedDigits,
  type NodeId,
} from '../codec/id.ts';
import type { Dials } from './dials.ts';
import type { MachineState } from './machine-state.ts';
import type { RoutedMessage } from './messages.ts';
import { DIALLING, LINKED, SUSPECTED, WANTED, type PeerIndex } from './peer-table.ts';

/** A linked node within this share of the span of our leaf set has the target in its own, but for one time in twenty. */
const NEARBY_SHARE = 1 / 4;
/** One within this share has it in its own, or knows such a node: no dial is worth the hop that it may save. */
const DIALLED_SHARE = 1;

/** A message that looks for its next hop. */
export interface OnItsWay {
  readonly message: Pick<RoutedMessage, 'type' | 'target' | 'hops'>;
  /** Whether hops are taken from the constrained routing table. */
  readonly constrained: boolean;
  /** Nodes that cannot help. */
  readonly refusedBy: readonly NodeId[];
  /** Whether a hop over open links is taken although a dial would make a shorter way. */
  readonly detours: boolean;
}

/** The next hop, or one of the following. */
export type Hop = PeerIndex | typeof HERE | typeof WAIT | typeof NONE;
/** We are the root. */
export const HERE = -1;
/** Somebody better is being dialled or probed. */
export const WAIT = -2;
/** There is no way on. */
export const NONE = -3;

/** May ask for links on the way; only open ones are used. */
export function nextHop(state: MachineState, dials: Dials, way: OnItsWay, now: number): Hop {
  const { target, type } = way.message;
  if (type !== 'join') {
    if (state.isSelf(target)) return HERE;
    const straight = straightTo(state, way);
    if (straight !== undefined) return straight;
  }
  return state.leafSet.covers(target) ? withinLeafSet(state, way) : byPrefix(state, dials, way, now);
}

/** The target is a node that we know. */
function straightTo(state: MachineState, way: OnItsWay): Hop | undefined {
  const { peers } = state;
  const p = peers.find(way.message.target);
  if (p === undefined) return undefined;
  if (isUsable(state, way, p)) return p;
  if (peers.is(p, LINKED)) return peers.is(p, SUSPECTED) ? WAIT : undefined;
  const soon = peers.is(p, DIALLING) || (peers.is(p, WANTED) && peers.failures(p) === 0);
  return soon && state.belongs(p) ? WAIT : undefined;
}

/** §2.2, lines 1–3: the root is the closest member of the leaf set, or we are. */
function withinLeafSet(state: MachineState, way: OnItsWay): Hop {
  let [best, usable]: [PeerIndex, PeerIndex] = [HERE, HERE];
  let hope = false;
  for (const p of state.leafSet.members()) {
    if (!isCloser(state, way, p, HERE)) continue;
    if (isCloser(state, way, p, best)) best = p;
    if (isUsable(state, way, p) && isCloser(state, way, p, usable)) usable = p;
    hope ||= mayRecover(state, way, p);
  }
  if (best === HERE) return HERE;
  if (usable !== HERE) return usable;
  return hope ? WAIT : NONE;
}

/** Who is nearly there; §2.2, lines 5–8: one digit more; lines 10–14: the rare case, closer over whichever link. */
function byPrefix(state: MachineState, dials: Dials, way: OnItsWay, now: number): Hop {
  const { target, type } = way.message;
  const { nodeId } = state.self;
  const entry = (way.constrained ? state.constrained : state.table).next(target);
  const better = entry === undefined || (type === 'join' && isAt(state, entry, target)) ? undefined : entry;
  const { usable, hope } = closestUsable(state, way);
  if (usable !== undefined && !way.constrained && isWithin(NEARBY_SHARE, state, usable, target))
    return usable;
  const digits = usable === undefined ? 0 : sharedDigits(state.peers.nodeId(usable), target);
  const digitsNeeded = sharedDigits(nodeId, target) + 1;
  if (better !== undefined && isUsable(state, way, better)) {
    const shorter = !way.constrained && digits > sharedDigits(state.peers.nodeId(better), target);
    return shorter ? usable! : better;
  }
  if (usable !== undefined && digits >= digitsNeeded) return usable;
  if (usable !== undefined && !way.constrained && isWithin(DIALLED_SHARE, state, usable, target))
    return usable;
  const dialled = better !== undefined && type !== 'join' && dials.demand(better, now);
  if (dialled && !way.detours) return WAIT;
  if (usable !== undefined) return usable;
  return dialled || hope ? WAIT : NONE;
}

/** Of the linked nodes closer to the target than we are the closest that can be used; `hope`: one of the others may recover. */
function closestUsable(state: MachineState, way: OnItsWay): { usable: PeerIndex | undefined; hope: boolean } {
  const { peers } = state;
  const place = placeOf(way.message.target);
  const ours = placeDistance(place, state.place);
  let [usable, distance, hope]: [PeerIndex | undefined, number, boolean] = [undefined, Infinity, false];
  for (const p of peers.linked) {
    const other = placeDistance(place, peers.place(p));
    if (other >= distance && usable !== undefined) continue;
    if (other > ours + 1 || !isCloser(state, way, p, HERE)) continue;
    if (isUsable(state, way, p)) [usable, distance] = [p, other];
    else hope ||= mayRecover(state, way, p);
  }
  return { usable, hope };
}

/** Whether the node is so near to the target, measured by the span of our leaf set: about l nodes live on it. */
function isWithin(share: number, { peers, leafSet }: MachineState, p: PeerIndex, target: NodeId): boolean {
  const [lowest, highest] = [leafSet.side('smaller').at(-1), leafSet.side('larger').at(-1)];
  if (lowest === undefined || highest === undefined) return false;
  const span = placesUp(peers.place(lowest), peers.place(highest));
  return placeDistance(placeOf(target), peers.place(p)) <= span * share;
}

/** Whether a node is closer to the target than another one, or than we are. A joining node is no hop towards itself. */
function isCloser(state: MachineState, { message }: OnItsWay, p: PeerIndex, than: Hop): boolean {
  const { target, type } = message;
  const { peers } = state;
  if (type === 'join' && isAt(state, p, target)) return false;
  const otherPlace = than === HERE ? state.place : peers.place(than);
  const roughly = comparePlaceDistance(placeOf(target), peers.place(p), otherPlace);
  if (roughly !== 0) return roughly < 0;
  return compareDistance(target, peers.nodeId(p), than === HERE ? state.self.nodeId : peers.nodeId(than)) < 0;
}

function isAt(state: MachineState, p: PeerIndex, target: NodeId): boolean {
  return equalBytes(state.peers.nodeId(p), target);
}

/** Nobody takes the place of a node that is only suspected. */
function mayRecover(state: MachineState, { refusedBy }: OnItsWay, p: PeerIndex): boolean {
  return state.peers.is(p, SUSPECTED) && !includes(refusedBy, state.peers.nodeId(p));
}

function isUsable(state: MachineState, { message, refusedBy }: OnItsWay, p: PeerIndex): boolean {
  const { peers } = state;
  if (!peers.is(p, LINKED) || peers.is(p, SUSPECTED)) return false;
  const nodeId = peers.nodeId(p);
  return !includes(refusedBy, nodeId) && !includes(message.hops, nodeId);
}

function includes(nodes: readonly NodeId[], nodeId: NodeId): boolean {
  for (const other of nodes) if (other === nodeId || equalBytes(other, nodeId)) return true;
  return false;
}
