/**
 * Ends links whose other end's certificate has expired: a certificate is checked when a link is made, and links may last for weeks.
 * The overlay makes the link again, and then the newer certificate is shown, or the node is refused.
 */
import { CLOCK_SKEW_MS, type Clock } from '../codec/clock.ts';
import type { Counters } from '../codec/counters.ts';
import type { LinkInfo, Network } from '../overlay/network.ts';

/** Links are looked at so often. */
export const LOOK_MS = 10 * 60_000;
/** Ended at one look, the longest expired first: should our clock be wrong, not all go at once. */
export const ENDED_AT_ONCE_MAX = 4;

/** Starts at once; the result ends it. */
export function endExpiredLinks(
  network: Pick<Network, 'links' | 'close'>,
  clock: Clock,
  counters: Counters,
): () => void {
  let cancel: () => void = () => undefined;
  const look = (): void => {
    for (const { contact } of expired(network.links(), clock.now()).slice(0, ENDED_AT_ONCE_MAX)) {
      counters.add('node.expired-links');
      network.close(contact.nodeId, 'certificate-expired');
    }
    cancel = clock.after(LOOK_MS, look);
  };
  cancel = clock.after(LOOK_MS, look);
  return () => cancel();
}

/**
 * Those that were made before the certificate expired: at once, for a newer one may be there. Those made since with the same one
 * have the grace that new links have: CLOCK_SKEW_MS, for one of two clocks may be wrong.
 */
export function expired(links: readonly LinkInfo[], now: number): readonly LinkInfo[] {
  return links
    .filter(({ contact, openedAt }) => {
      const { notAfter } = contact.certificate.body;
      return now > notAfter + (openedAt > notAfter ? CLOCK_SKEW_MS : 0);
    })
    .toSorted((a, b) => a.contact.certificate.body.notAfter - b.contact.certificate.body.notAfter);
}
