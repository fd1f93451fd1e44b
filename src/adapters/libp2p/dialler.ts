/** Makes links: at most DIALS_MAX at a time, directly or introduced by a relay, and only one dial for each node. */
import type { Connection, Libp2p } from '@libp2p/interface';
import type { Multiaddr } from '@multiformats/multiaddr';
import { equalBytes } from '../../core/codec/bytes.ts';
import { idText, type NodeId } from '../../core/codec/id.ts';
import { DIALS_MAX } from '../../core/codec/limits.ts';
import { HANDSHAKE_MS } from '../../core/overlay/link/limits.ts';
import { NetworkError } from '../../core/overlay/network.ts';
import { addressThrough, directAddresses, type RelayAddress } from './addresses.ts';
import type { Changes } from './changes.ts';
import { DIAL_MS, DIALS_WAITING_MAX, INBOUND_GRACE_MS, LINK_PROTOCOL, WEBRTC_DIAL_MS } from './limits.ts';
import type { LinkTable } from './link-table.ts';
import type { Link } from './link.ts';
import { peerIdOf } from './peer-id.ts';

/** What is dialled: a contact, or a relay from the ring descriptor. */
export type Dialable = RelayAddress & { readonly via?: readonly NodeId[] };

/** Codes of endings that are not the other side's refusal. */
const NOT_REFUSED = new Set(['lost', 'closed', 'stopped', 'replaced', 'handshake-timeout', 'duplicate']);

export class Dialler {
  readonly #libp2p: Libp2p;
  readonly #links: LinkTable;
  readonly #changes: Changes;
  readonly #relays: readonly RelayAddress[];
  readonly #pending = new Map<string, Promise<void>>();
  readonly #waiting: (() => void)[] = [];
  #active = 0;

  constructor(libp2p: Libp2p, links: LinkTable, changes: Changes, relays: readonly RelayAddress[]) {
    this.#libp2p = libp2p;
    this.#links = links;
    this.#changes = changes;
    this.#relays = relays;
  }

  /** Resolves when a link is up. Rejects with NetworkError `unreachable`, `refused` or `congested`. */
  connect(target: Dialable): Promise<void> {
    if (this.#isUp(target)) return Promise.resolve();
    const name = idText(target.nodeId);
    const pending = this.#pending.get(name);
    if (pending !== undefined) return pending;
    const dial = this.#connect(target).finally(() => this.#pending.delete(name));
    this.#pending.set(name, dial);
    return dial;
  }

  /** Tries to put a direct connection in the place of a link through a relay; whether it did. Never rejects. */
  async upgrade(link: Link): Promise<boolean> {
    const { contact } = link;
    if (contact === undefined || !canWebRtc() || this.#active >= DIALS_MAX) return false;
    try {
      const relay = await this.#introducer(contact);
      const address = addressThrough(relay.peerKey, contact.peerKey, true);
      await this.#inTurn(() => this.#dial(contact, [address], WEBRTC_DIAL_MS));
    } catch {
      return false;
    }
    return this.#links.find(contact.nodeId)?.relayed === false;
  }

  async #connect(target: Dialable): Promise<void> {
    // The ring descriptor is signed; what others say of a relay's addresses is not.
    const described = this.#relays.find(({ nodeId }) => equalBytes(nodeId, target.nodeId));
    const direct = directAddresses(described ?? target);
    const relay = direct.length > 0 ? undefined : await this.#introducer(target);
    let failure: NetworkError | undefined;
    await this.#inTurn(async () => {
      try {
        if (relay === undefined) await this.#dial(target, direct, DIAL_MS);
        else await this.#dialThrough(relay, target);
      } catch (error) {
        failure = asNetworkError(error);
      }
    });
    if (this.#isUp(target)) return;
    if (failure?.code !== 'refused' && (await this.#mayStillCome(target))) return;
    throw failure ?? new NetworkError('unreachable', 'no link came up');
  }

  async #dialThrough(relay: RelayAddress, target: Dialable): Promise<void> {
    if (canWebRtc()) {
      try {
        await this.#dial(target, [addressThrough(relay.peerKey, target.peerKey, true)], WEBRTC_DIAL_MS);
        return;
      } catch (error) {
        if (this.#isUp(target)) return;
        if (asNetworkError(error).code === 'refused' || isAbsent(error)) throw error;
      }
    }
    await this.#dial(target, [addressThrough(relay.peerKey, target.peerKey, false)], DIAL_MS);
  }

  /** Resolves when the stream has become a link, or another one to the same node has. */
  async #dial(target: Dialable, addresses: Multiaddr[], timeoutMs: number): Promise<void> {
    if (this.#isDirectlyUp(target)) return;
    const signal = AbortSignal.timeout(timeoutMs);
    const connection = await this.#libp2p.dial(addresses, { signal, force: true });
    if (this.#isDirectlyUp(target)) return connection.abort(new Error('the other side was faster'));
    const link = await this.#open(connection, signal);
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

  async #open(connection: Connection, signal: AbortSignal): Promise<Link> {
    try {
      const stream = await connection.newStream(LINK_PROTOCOL, { signal, runOnLimitedConnection: true });
      const link = this.#links.add(stream, connection, true);
      if (link !== undefined) return link;
    } catch (error) {
      connection.abort(new Error('no link over this connection'));
      throw error;
    }
    throw new NetworkError('congested', 'too many links are being made');
  }

  /** The other side may have dialled at the same moment, and our dial have lost. */
  #mayStillCome(target: Dialable): Promise<boolean> {
    const peerId = peerIdOf(target.peerKey);
    const hopeful = (): boolean =>
      this.#links.introducing(target.peerKey) ||
      this.#libp2p.getConnections(peerId).some((connection) => connection.direction === 'inbound');
    if (!hopeful()) return Promise.resolve(false);
    return this.#changes.until(() => this.#isUp(target), INBOUND_GRACE_MS);
  }

  /** A relay that we have a link to, or make one to, best one that the target itself names. */
  async #introducer(target: Dialable): Promise<RelayAddress> {
    const named = (relay: RelayAddress): boolean =>
      target.via?.some((nodeId) => equalBytes(nodeId, relay.nodeId)) === true;
    const candidates = [...this.#relays]
      .filter((relay) => !equalBytes(relay.nodeId, target.nodeId))
      .sort((a, b) => Number(named(b)) - Number(named(a)));
    const linked = candidates.find((relay) => this.#isUp(relay));
    if (linked !== undefined) return linked;
    for (const relay of candidates) {
      try {
        await this.connect(relay);
        return relay;
      } catch (error) {
        if (relay === candidates.at(-1)) throw error;
      }
    }
    throw new NetworkError('unreachable', 'the node has no address, and there is no relay to introduce us');
  }

  async #inTurn(dial: () => Promise<void>): Promise<void> {
    if (this.#active >= DIALS_MAX) {
      if (this.#waiting.length >= DIALS_WAITING_MAX)
        throw new NetworkError('congested', 'too many dials are waiting');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#active += 1;
    try {
      await dial();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#active -= 1;
      else next();
    }
  }

  #isDirectlyUp({ nodeId }: Dialable): boolean {
    return this.#links.find(nodeId)?.relayed === false;
  }

  #isUp(target: Pick<Dialable, 'nodeId'>): boolean {
    return this.#links.find(target.nodeId) !== undefined;
  }
}

function canWebRtc(): boolean {
  return 'RTCPeerConnection' in globalThis;
}

/** The relay knows nobody of that name: a circuit would fail as well. */
function isAbsent(error: unknown): boolean {
  return error instanceof Error && error.message.includes('failed to connect via relay');
}

/** libp2p rejects with errors of many classes, and with a bare DOM Event for a dead websocket. */
function asNetworkError(error: unknown): NetworkError {
  if (error instanceof NetworkError) return error;
  const message = error instanceof Error ? error.message : 'the connection failed';
  return new NetworkError('unreachable', message, { cause: error });
}
