/** Ends the connections that nobody needs: those of dead links, circuits that did their duty, and strangers' ones. */
import type { Connection, Libp2p } from '@libp2p/interface';
import type { Clock } from '../../core/codec/clock.ts';
import { isRelayed } from './evidence.ts';
import { FLUSH_MS, UNUSED_CONNECTION_MS, WATCH_MS } from './limits.ts';
import type { LinkTable } from './link-table.ts';
import type { Link } from './link.ts';
import { peerKeyOf } from './peer-id.ts';

export class Connections {
  readonly #libp2p: Libp2p;
  readonly #links: LinkTable;
  readonly #clock: Clock;
  /** When we first saw a connection without a link. */
  readonly #unusedSince = new WeakMap<Connection, number>();

  constructor(libp2p: Libp2p, links: LinkTable, clock: Clock) {
    this.#libp2p = libp2p;
    this.#links = links;
    this.#clock = clock;
  }

  /** A direct link makes the circuits to the same node useless; libp2p would go on choosing them. */
  cameUp(link: Link): void {
    if (link.relayed) return;
    for (const connection of this.#libp2p.getConnections(link.connection.remotePeer))
      if (isRelayed(connection) && !this.#links.uses(connection))
        connection.abort(new Error('there is a direct link'));
  }

  /** A dead link's connection looks open for seconds, and libp2p would dial over it. */
  async ended(link: Link): Promise<void> {
    await link.finished;
    if (!this.#links.uses(link.connection)) await this.#end(link.connection);
  }

  /**
   * Called every WATCH_MS. The loser of two dials at once has no stream, and its other end may have been dropped
   * without our being told; a stranger's connection may just be about to introduce itself.
   */
  sweep(): void {
    const now = this.#clock.now();
    for (const connection of this.#libp2p.getConnections()) {
      if (this.#links.uses(connection)) {
        this.#unusedSince.delete(connection);
        continue;
      }
      const since = this.#unusedSince.get(connection) ?? now;
      this.#unusedSince.set(connection, since);
      const peerKey = peerKeyOf(connection.remotePeer);
      const superfluous = peerKey !== undefined && this.#links.isDirectlyUpWith(peerKey);
      if (now - since >= (superfluous ? WATCH_MS / 2 : UNUSED_CONNECTION_MS))
        connection.abort(new Error('unused'));
    }
  }

  async #end(connection: Connection): Promise<void> {
    try {
      await connection.close({ signal: AbortSignal.timeout(FLUSH_MS) });
    } catch (error) {
      connection.abort(error instanceof Error ? error : new Error('the connection does not close'));
    }
  }
}
