/** One tab of the profile runs the node; this one waits for its turn, and takes over when the leader goes. */
import { serveClient } from '../../adapters/broadcast-channel/serve-client.ts';
import type { Channel } from '../../adapters/broadcast-channel/protocol.ts';
import { whileHolding } from '../../adapters/web-locks/locks.ts';
import type { Member } from '../../core/node/member.ts';
import type { ProfileClient } from './profile-client.ts';
import { watchWake } from './wake.ts';

/** The lock of the tab that leads. */
const LEADER_LOCK = 'epost-leader';
/** A closing tab says good-bye; it does not wait longer than this for it. */
const STOP_MS_MAX = 2_000;

export interface LeadPorts {
  readonly client: ProfileClient;
  readonly channel: Channel;
  readonly startNode: () => Promise<Member>;
  /** The node could not start. */
  readonly failed: (error: unknown) => void;
}

/** Waits for the lead, runs the node until the page goes away. */
export function leadWhenFree({ client, channel, startNode, failed }: LeadPorts): void {
  const turn = async (): Promise<void> => {
    // Listening comes first: a page that goes away while the node starts lets go, too.
    const leaving = new Promise<void>((resolve) =>
      addEventListener('pagehide', () => resolve(), { once: true }),
    );
    const member = await startNode();
    client.lead(member.client);
    const stopServing = serveClient(member.client, channel, crypto.randomUUID());
    const stopWaking = watchWake(() => member.wake());
    await leaving;
    stopWaking();
    stopServing();
    await Promise.race([member.stop(), new Promise((resolve) => setTimeout(resolve, STOP_MS_MAX))]);
  };
  whileHolding(navigator.locks, LEADER_LOCK, turn).catch(failed);
  // A page that the browser kept whole and shows again has given its node away: it begins anew.
  addEventListener('pageshow', (event: PageTransitionEvent) => {
    if (event.persisted) location.reload();
  });
}
