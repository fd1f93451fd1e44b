/** From addresses to connections, and from connections to links. */
import type { Connection, Libp2p } from '@libp2p/interface';
import type { Multiaddr } from '@multiformats/multiaddr';
import { HANDSHAKE_MS } from '../../core/overlay/link/limits.ts';
import { NetworkError } from '../../core/overlay/network.ts';
import type { RelayAddress } from './addresses.ts';
import type { Changes } from './changes.ts';
import { LINK_PROTOCOL } from './limits.ts';
import type { LinkTable } from './link-table.ts';
import type { Link } from './link.ts';

/** Codes of endings that are not the other side's refusal. */
const NOT_REFUSED = new Set(['lost', 'closed', 'stopped', 'replaced', 'handshake-timeout', 'duplicate']);

const FASTER = 'the other side was faster';

type LinkTarget = Pick<RelayAddress, 'nodeId'>;

export class LinkMaker {
  readonly #libp2p: Libp2p;
  readonly #links: LinkTable;
  readonly #changes: Changes;
  readonly #dialled: Set<string>;

  /** `dialled`: kept filled with the addresses that are being dialled. */
  constructor(libp2p: Libp2p, links: LinkTable, changes: Changes, dialled: Set<string>) {
    this.#libp2p = libp2p;
    this.#links = links;
    this.#changes = changes;
    this.#dialled = dialled;
  }

  /**
   * A new connection to the target, whatever others there are. Rejects with what libp2p rejects with, and as soon as another
   * connection carries a direct link.
   */
  async dial(target: LinkTarget, addresses: Multiaddr[], timeoutMs: number): Promise<Connection> {
    const texts = addresses.map((address) => address.toString());
    const superfluous = new AbortController();
    void this.#changes
      .until(() => this.isDirect(target), timeoutMs)
      .then((isDirect) => isDirect && superfluous.abort(new Error(FASTER)));
    const signal = AbortSignal.any([superfluous.signal, AbortSignal.timeout(timeoutMs)]);
    for (const text of texts) this.#dialled.add(text);
    try {
      return await this.#libp2p.dial(addresses, { signal, force: true });
    } finally {
      for (const text of texts) this.#dialled.delete(text);
    }
  }

  /**
   * Resolves when the connection carries the link to the target, or another one does. Rejects with NetworkError or what
   * libp2p rejects with; the connection is ended then.
   */
  async link(target: LinkTarget, connection: Connection, timeoutMs: number): Promise<void> {
    if (this.isDirect(target)) return connection.abort(new Error(FASTER));
    const link = await this.#open(connection, timeoutMs);
    await this.#changes.until(() => link.state === 'up' || link.state === 'down', 2 * HANDSHAKE_MS);
    if (link.state === 'up') {
      if (this.#links.find(target.nodeId) === link) return;
      link.close('wrong-node');
      throw new NetworkError('refused', 'another node than the one that was dialled answered');
    }
    const ending = this.#links.endingOf(link);
    if (ending !== undefined && !NOT_REFUSED.has(ending.code))
      throw new NetworkError('refused', ending.reason);
    if (ending?.code !== 'duplicate')
      throw new NetworkError('unreachable', ending?.reason ?? 'the node did not introduce itself');
  }

  isDirect({ nodeId }: LinkTarget): boolean {
    return this.#links.find(nodeId)?.relayed === false;
  }

  async #open(connection: Connection, timeoutMs: number): Promise<Link> {
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      const stream = await connection.newStream(LINK_PROTOCOL, { signal, runOnLimitedConnection: true });
      const link = this.#links.add(stream, connection, true);
      if (link !== undefined) return link;
    } catch (error) {
      connection.abort(new Error('no link over this connection'));
      throw error;
    }
    throw new NetworkError('congested', 'too many links are being made');
  }
}

/** libp2p rejects with errors of many classes, and with a bare DOM Event for a dead websocket. */
export function asNetworkError(error: unknown): NetworkError {
  if (error instanceof NetworkError) return error;
  const message = error instanceof Error ? error.message : 'the connection failed';
  return new NetworkError('unreachable', message, { cause: error });
}
