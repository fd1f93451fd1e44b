/** Keeps a tab's links to its relays, made again when a relay comes back or the network does. */
import type { Clock } from '../../core/codec/clock.ts';
import type { Counters } from '../../core/codec/counters.ts';
import { idText } from '../../core/codec/id.ts';
import type { RelayAddress } from './addresses.ts';
import type { Dialler } from './dialler.ts';
import { WATCH_MS } from './limits.ts';
import type { Reservations } from './reservations.ts';

export interface RelayWatchOptions {
  readonly relays: readonly RelayAddress[];
  readonly dialler: Dialler;
  readonly reservations: Reservations;
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
    this.#options.reservations.look();
    this.#cancel = this.#options.clock.after(WATCH_MS, () => this.look());
  }

  stop(): void {
    this.#cancel();
    this.#options.reservations.stop();
  }

  /** Whether relays know the way to us. */
  get reachable(): boolean {
    const { relays, reservations } = this.#options;
    return relays.some(({ peerKey }) => reservations.isHeldAt(peerKey));
  }

  async #lookAt(relay: RelayAddress): Promise<void> {
    const name = idText(relay.nodeId);
    if (this.#looking.has(name)) return;
    this.#looking.add(name);
    try {
      await this.#options.dialler.connect(relay);
    } catch (error) {
      this.#options.counters.add(`network.relay-${codeOf(error)}`);
    } finally {
      this.#looking.delete(name);
    }
  }
}

function codeOf(error: unknown): string {
  const code = (error as { readonly code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : 'unreachable';
}
