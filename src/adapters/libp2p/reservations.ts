/**
 * Keeps us findable: reservations at relays and at neighbours, by which these introduce others to us. They are renewed by us
 * before libp2p would do so: all at once they would wait in its queue, and that is emptied whenever one reservation is made.
 */
import type { Clock } from '../../core/codec/clock.ts';
import type { Counters } from '../../core/codec/counters.ts';
import type { Bytes } from '../../core/codec/bytes.ts';
import type { ReservationStore } from './libp2p-node.ts';
import {
  RENEW_BEFORE_MS,
  RESERVATION_MS,
  RESERVE_AGAIN_MS,
  RESERVE_MS,
  RESERVED_NEIGHBOURS_MAX,
  RESERVING_MAX,
  WATCH_MS,
} from './limits.ts';
import type { LinkTable } from './link-table.ts';
import type { Link } from './link.ts';
import { peerIdOf } from './peer-id.ts';

export interface ReservationsOptions {
  readonly links: LinkTable;
  readonly store: ReservationStore;
  readonly clock: Clock;
  readonly counters: Counters;
}

/** What the policy looks at. */
type Candidate = Pick<Link, 'contact' | 'relayed' | 'openedAt'>;

/** Where to hold reservations: at every relay, and at the direct links, the oldest first, as they will hardly go soon. */
export function reservationPolicy<T extends Candidate>(links: readonly T[]): readonly T[] {
  const direct = links.filter(({ relayed }) => !relayed);
  const relays = direct.filter(({ contact }) => contact?.role === 'relay');
  const others = direct.filter(({ contact }) => contact?.role !== 'relay');
  const oldest = others.sort((a, b) => a.openedAt - b.openedAt).slice(0, RESERVED_NEIGHBOURS_MAX);
  return [...relays, ...oldest];
}

export class Reservations {
  readonly #options: ReservationsOptions;
  /** When a link's reservation is renewed, or asked for again after a failure. A link that goes takes its reservation along. */
  readonly #dueAt = new WeakMap<Link, number>();
  readonly #failed = new WeakSet<Link>();
  readonly #reserving = new Set<Link>();
  #isStopped = false;

  constructor(options: ReservationsOptions) {
    this.#options = options;
  }

  /** Called every WATCH_MS, and when a link came up. */
  look(): void {
    while (this.#reserving.size < RESERVING_MAX) {
      const link = this.#next();
      if (link === undefined) return;
      this.#reserving.add(link);
      void this.#reserve(link).finally(() => {
        this.#reserving.delete(link);
        this.look();
      });
    }
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** Whether the node may introduce others to us. */
  isHeldAt(peerKey: Bytes): boolean {
    return this.#options.store.hasReservation(peerIdOf(peerKey));
  }

  /** Those that never failed come first, so that whoever does not answer delays nobody else. */
  #next(): Link | undefined {
    if (this.#isStopped) return undefined;
    const now = this.#options.clock.now();
    const due = reservationPolicy(this.#options.links.links()).filter(
      (link) => !this.#reserving.has(link) && (this.#dueAt.get(link) ?? now) <= now,
    );
    return due.find((link) => !this.#failed.has(link)) ?? due[0];
  }

  async #reserve(link: Link): Promise<void> {
    const { store, clock, counters } = this.#options;
    const peerId = peerIdOf(link.remoteKey);
    try {
      const { details } = await this.#inTime(store.addRelay(peerId, 'configured'));
      const now = clock.now();
      // The date is by the other's clock, which may be hours away: it ends by ours.
      details.reservation.expire = BigInt(Math.ceil((now + RESERVATION_MS) / 1_000));
      const isOverThisLink = details.connection === link.connection.id;
      this.#dueAt.set(link, now + (isOverThisLink ? RESERVATION_MS - RENEW_BEFORE_MS : WATCH_MS));
      this.#failed.delete(link);
    } catch {
      counters.add('network.reservations-failed');
      const isRelay = link.contact?.role === 'relay';
      this.#dueAt.set(link, clock.now() + (isRelay ? WATCH_MS : RESERVE_AGAIN_MS));
      this.#failed.add(link);
    } finally {
      // libp2p remembers a node that failed once as unusable for ever: forget that.
      store.relayFilter.remove(peerId.toMultihash().bytes);
    }
  }

  #inTime<T>(reserving: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = this.#options.clock.after(2 * RESERVE_MS, () =>
        reject(new Error('the reservation was not answered')),
      );
      void reserving.then(resolve, reject).finally(cancel);
    });
  }
}
