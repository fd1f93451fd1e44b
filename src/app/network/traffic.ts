/** Which links carried bytes between two looks, for the dots that travel in the drawing. */
import type { NetworkView } from '../../core/node/client.ts';

export type Direction = 'out' | 'in';

/** By node id, the direction in which more bytes went; links that were idle or are new are left out. */
export function trafficBetween(
  before: NetworkView | undefined,
  now: NetworkView,
): ReadonlyMap<string, Direction> {
  const known = new Map(before?.peers.map((peer) => [peer.nodeId, peer]));
  const busy = new Map<string, Direction>();
  for (const { nodeId, sentBytes, receivedBytes } of now.peers) {
    const last = known.get(nodeId);
    if (!last) continue;
    const sent = sentBytes - last.sentBytes;
    const received = receivedBytes - last.receivedBytes;
    if (Math.max(sent, received) > 0) busy.set(nodeId, sent >= received ? 'out' : 'in');
  }
  return busy;
}
