/** Ends the connections that nobody needs: those of dead links, circuits that did their duty, and strangers' ones. */
import type { Connection, Libp2p } from '@libp2p/interface';
import type { Clock } from '../../core/codec/clock.ts';
import { isRelayed } from './evidence.ts';
import { FLUSH_MS, UNUSED_CONNECTION_MS } from './limits.ts';
import type { LinkTable } from './link-table.ts';
import type { Link } from './link.ts';

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
      if (isRelayed(connection) && !this.#links.uses(connection)) void this.#end(connection);
  }

  /** A dead link's connection looks open for seconds, and libp2p would dial over it. */
  async ended(link: Link): Promise<void> {
    await link.finished;
    if (!this.#links.uses(link.connection)) await this.#end(link.connection);
  }

  /** Called every WATCH_MS. */
  sweep(): void {
    const now = this.#clock.now();
    for (const connection of this.#libp2p.getConnections()) {
      if (this.#links.uses(connection)) this.#unusedSince.delete(connection);
      else if (!this.#unusedSince.has(connection)) this.#unusedSince.set(connection, now);
      else if (now - this.#unusedSince.get(connection)! >= UNUSED_CONNECTION_MS)
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
