/** Links that had to be made through a relay are tried directly again: networks change, and relays limit circuits. */
import type { Clock } from '../../core/codec/clock.ts';
import type { Dialler } from './dialler.ts';
import { UPGRADE_EVERY_MS } from './limits.ts';
import type { LinkTable } from './link-table.ts';
import type { Link } from './link.ts';

export class Upgrades {
  readonly #links: LinkTable;
  readonly #dialler: Dialler;
  readonly #clock: Clock;
  readonly #triedAt = new WeakMap<Link, number>();

  constructor(links: LinkTable, dialler: Dialler, clock: Clock) {
    this.#links = links;
    this.#dialler = dialler;
    this.#clock = clock;
  }

  /** Called every WATCH_MS. Only the side that dialled tries. */
  look(): void {
    const now = this.#clock.now();
    for (const link of this.#links.links()) {
      if (!link.relayed || !link.outbound) continue;
      if (now - (this.#triedAt.get(link) ?? link.openedAt) < UPGRADE_EVERY_MS) continue;
      this.#triedAt.set(link, now);
      void this.#dialler.upgrade(link);
    }
  }
}
