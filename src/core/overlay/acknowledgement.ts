/**
 * When a taken message is acknowledged. The reply says that it was taken, so an acknowledgement that would only just overtake the
 * reply is worth no message (an intended difference from Castro, Costa & Rowstron 2004, §3.2: there each hop acknowledges).
 */
import type { MachineState } from './machine-state.ts';
import { RTO_MS_MIN, type PeerIndex } from './peer-table.ts';
import type { Pending } from './pending.ts';

/** Links of at most this round trip are quick. */
const QUICK_RTT_MS = 40;
/**
 * How long a reply over quick links is waited for before the acknowledgement goes: with the way from and to the sender half of what the
 * sender waits for at least, so that no hop is suspected for it.
 */
export const ACK_WAIT_MS = RTO_MS_MIN / 2 - QUICK_RTT_MS;
/** One message in so many is acknowledged at once all the same: senders measure their round trips by it. */
const MEASURED_IN = 8;

/** Whether the reply is likely to leave for this neighbour within ACK_WAIT_MS: we, or a node next to us, give it. */
export function repliesSoon(
  { peers, leafSet }: MachineState,
  { message, state, next }: Pending,
  from: PeerIndex,
): boolean {
  if (message.type === 'join' || peers.rttMs(from) > QUICK_RTT_MS) return false;
  // Request ids are random.
  if (message.id[0]! % MEASURED_IN === 0) return false;
  if (state === 'delivered') return true;
  if (state !== 'sent' || next === undefined || peers.rttMs(next) > QUICK_RTT_MS) return false;
  return leafSet.covers(message.target);
}
