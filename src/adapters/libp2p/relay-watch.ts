/** Keeps a tab reachable: a link and a reservation at every relay, made again when it comes back or the network does. */
import type { Clock } from '../../core/codec/clock.ts';
import type { Counters } from '../../core/codec/counters.ts';
import { idText } from '../../core/codec/id.ts';
import type { RelayAddress } from './addresses.ts';
import type { Dialler } from './dialler.ts';
import type { ReservationStore } from './libp2p-node.ts';
import { WATCH_MS } from './limits.ts';
import type { LinkTable } from './link-table.ts';
import { peerIdOf } from './peer-id.ts';

export interface RelayWatchOptions {
  readonly relays: readonly RelayAddress[];
  readonly dialler: Dialler;
  readonly links: LinkTable;
  readonly reservations: ReservationStore;
  readonly clock: Clock;
  readonly counters: Counters;
}

export class RelayWatch {
  readonly #options: RelayWatchOptions;
  readonly #looking = new Set<string>();
  #cancel: () => void = () => undefined;

  constructor(options: RelayWatchOptions) {
    this.#options = options;
  }

  /** Looks now, and every WATCH_MS from now on. */
  look(): void {
    this.#cancel();
    for (const relay of this.#options.relays) void this.#lookAt(relay);
    this.#cancel = this.#options.clock.after(WATCH_MS, () => this.look());
  }

  stop(): void {
    this.#cancel();
  }

  /** Whether relays know the way to us. */
  get reachable(): boolean {
    const { relays, reservations } = this.#options;
    return relays.some(({ peerKey }) => reservations.hasReservation(peerIdOf(peerKey)));
  }

  async #lookAt(relay: RelayAddress): Promise<void> {
    const name = idText(relay.nodeId);
    if (this.#looking.has(name)) return;
    this.#looking.add(name);
    try {
      await this.#options.dialler.connect(relay);
      await this.#reserve(relay);
    } catch (error) {
      this.#options.counters.add(`network.relay-${codeOf(error)}`);
    } finally {
      this.#looking.delete(name);
    }
  }

  /** libp2p never tries again by itself, and remembers a relay that failed once as unusable for ever: forget that. */
  async #reserve({ nodeId, peerKey }: RelayAddress): Promise<void> {
    const { reservations, links } = this.#options;
    const peerId = peerIdOf(peerKey);
    if (reservations.hasReservation(peerId) || links.find(nodeId) === undefined) return;
    try {
      await reservations.addRelay(peerId, 'configured');
    } finally {
      reservations.relayFilter.remove(peerId.toMultihash().bytes);
    }
  }
}

function codeOf(error: unknown): string {
  const code = (error as { readonly code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : 'unreserved';
}
