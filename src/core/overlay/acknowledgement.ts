/**
 * When a taken message is acknowledged. The reply says that it was taken, so an acknowledgement that would only just overtake the
 * reply is worth no message (an intended difference from Castro, Costa & Rowstron 2004, §3.2: there each hop acknowledges).
 */
import type { MachineState } from './machine-state.ts';
import type { ReturnMessage } from './messages.ts';
import { RTO_MS_MIN, type PeerIndex } from './peer-table.ts';
import type { Pending } from './pending.ts';

/** How long a reply is waited for before the acknowledgement goes. */
export const ACK_WAIT_MS = 25;
/** The root is asked over a link of at most this round trip, so that its reply comes within ACK_WAIT_MS. */
const QUICK_RTT_MS = 20;
/** Over a link of a longer round trip to the sender nothing waits: the sender may suspect us after RTO_MS_MIN. */
const SENDER_RTT_MS_MAX = RTO_MS_MIN - 2 * ACK_WAIT_MS;
/** One message in so many is acknowledged at once all the same: senders measure their round trips by it. */
const MEASURED_IN = 8;

/** Whether the reply is likely to leave for this neighbour within ACK_WAIT_MS: we, or a node next to us, give it. */
export function repliesSoon(
  { peers, leafSet }: MachineState,
  { message, state, next }: Pending,
  from: PeerIndex,
): boolean {
  const rttMs = peers.rttMs(from);
  if (message.type === 'join' || (rttMs > SENDER_RTT_MS_MAX && rttMs < Infinity)) return false;
  // Request ids are random.
  if (message.id[0]! % MEASURED_IN === 0) return false;
  if (state === 'delivered') return true;
  if (state !== 'sent' || next === undefined || peers.rttMs(next) > QUICK_RTT_MS) return false;
  return leafSet.covers(message.target);
}

/** Whether the next hop is the root and answered at once: that measures its round trip as an acknowledgement does. */
export function isRootsReply(reply: ReturnMessage, { message }: Pending): boolean {
  return (
    reply.type === 'reply' && reply.outcome.kind === 'root' && reply.hopCount === message.hops.length + 1
  );
}
