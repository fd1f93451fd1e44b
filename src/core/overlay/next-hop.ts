/** Where a message goes next. Rowstron & Druschel 2001, §2.2: leaf set first, then the table, then the rare case. */
import { compareDistance, idText, sharedDigits, type NodeId } from '../codec/id.ts';
import { closestTo } from './leaf-set.ts';
import type { MachineState } from './machine-state.ts';
import type { RoutedMessage } from './messages.ts';
import type { Peer } from './peers.ts';

/** A message that looks for its next hop. */
export interface OnItsWay {
  readonly message: Pick<RoutedMessage, 'type' | 'target' | 'hops'>;
  /** Names of nodes that cannot help. */
  readonly refusedBy: ReadonlySet<string>;
}

export type Hop =
  /** We are the root. */
  | { readonly kind: 'here' }
  | { readonly kind: 'forward'; readonly peer: Peer }
  /** Somebody better is being dialled or probed. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'none' };

/** May ask for links on the way; only open ones are used. */
export function nextHop(state: MachineState, onItsWay: OnItsWay, now: number): Hop {
  const { target, type } = onItsWay.message;
  if (type !== 'join') {
    if (state.isSelf(target)) return { kind: 'here' };
    const straight = straightTo(state, onItsWay, now);
    if (straight) return straight;
  }
  return state.leafSet.covers(target) ? withinLeafSet(state, onItsWay) : byPrefix(state, onItsWay, now);
}

/** The target is a node that we know. */
function straightTo(state: MachineState, onItsWay: OnItsWay, now: number): Hop | undefined {
  const peer = state.peers.get(onItsWay.message.target);
  if (peer === undefined) return undefined;
  if (isUsable(onItsWay, peer)) return { kind: 'forward', peer };
  if (peer.link) return peer.link.suspected ? { kind: 'wait' } : undefined;
  if (peer.dialledAt !== undefined) return { kind: 'wait' };
  return demand(state, peer, now) ? { kind: 'wait' } : undefined;
}

/** §2.2, lines 1–3: the root is the closest member of the leaf set, or we are. */
function withinLeafSet(state: MachineState, onItsWay: OnItsWay): Hop {
  const { target } = onItsWay.message;
  const closer = closerThanSelf(state, onItsWay, state.leafSet.members());
  const best = closestTo(target, closer);
  if (best === undefined) return { kind: 'here' };
  if (isUsable(onItsWay, best)) return { kind: 'forward', peer: best };
  const usable = closer.filter((peer) => isUsable(onItsWay, peer));
  const other = closestTo(target, usable);
  return other ? { kind: 'forward', peer: other } : waitFor(onItsWay, closer);
}

/** §2.2, lines 5–8: one digit more; lines 10–14: the rare case, as long a prefix but closer. */
function byPrefix(state: MachineState, onItsWay: OnItsWay, now: number): Hop {
  const { target, type } = onItsWay.message;
  const entry = state.table.next(target);
  const better = entry && !(type === 'join' && isAt(entry, target)) ? entry : undefined;
  if (better && isUsable(onItsWay, better)) return { kind: 'forward', peer: better };
  const demanded = better !== undefined && demand(state, better, now);
  const shared = sharedDigits(state.self.nodeId, target);
  const closer = closerThanSelf(state, onItsWay, [...state.peers.linked()]);
  const usable = closer.filter((peer) => isUsable(onItsWay, peer));
  const rare = usable.filter((peer) => sharedDigits(peer.nodeId, target) >= shared);
  const peer = closestTo(target, rare) ?? closestTo(target, usable);
  if (peer) return { kind: 'forward', peer };
  if (demanded || better?.dialledAt !== undefined) return { kind: 'wait' };
  return waitFor(onItsWay, closer);
}

/** A joining node is not a hop towards itself. */
function closerThanSelf(
  state: MachineState,
  { message: { target, type } }: OnItsWay,
  peers: readonly Peer[],
): readonly Peer[] {
  return peers.filter(
    (peer) =>
      compareDistance(target, peer.nodeId, state.self.nodeId) < 0 && !(type === 'join' && isAt(peer, target)),
  );
}

function isAt(peer: Peer, target: NodeId): boolean {
  return peer.name === idText(target);
}

/** Nobody takes the place of a node that is only suspected. */
function waitFor({ refusedBy }: OnItsWay, peers: readonly Peer[]): Hop {
  const hope = peers.some((peer) => peer.link?.suspected && !refusedBy.has(peer.name));
  return { kind: hope ? 'wait' : 'none' };
}

function isUsable({ message, refusedBy }: OnItsWay, peer: Peer): boolean {
  return (
    peer.link !== undefined &&
    !peer.link.suspected &&
    !refusedBy.has(peer.name) &&
    !message.hops.some((hop) => isAt(peer, hop))
  );
}

/** Asks for a link to a node that is said to be live. Whether one may come soon. */
function demand(state: MachineState, peer: Peer, now: number): boolean {
  if (peer.link || peer.dialledAt !== undefined || peer.dialAfter > now) return false;
  if (!peer.wanted && !state.table.has(peer.nodeId)) return false;
  peer.demanded = true;
  state.dialsChanged = true;
  return true;
}
