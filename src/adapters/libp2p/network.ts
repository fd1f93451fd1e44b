/** The Network port over libp2p: WebRTC between tabs, websockets to relays, one framed stream for each neighbour. */
import './polyfill.ts';
import type { Connection, PeerId, PrivateKey } from '@libp2p/interface';
import type { Multiaddr } from '@multiformats/multiaddr';
import { equalBytes, type Bytes } from '../../core/codec/bytes.ts';
import type { Clock } from '../../core/codec/clock.ts';
import type { Counters } from '../../core/codec/counters.ts';
import { idText, type NodeId } from '../../core/codec/id.ts';
import { MESSAGE_BYTES_MAX } from '../../core/codec/limits.ts';
import type { RingTrust, Role } from '../../core/identity/certificates.ts';
import type { Contact } from '../../core/overlay/contact.ts';
import {
  NetworkError,
  type Lane,
  type LinkInfo,
  type Network,
  type NetworkHandlers,
} from '../../core/overlay/network.ts';
import type { RelayAddress } from './addresses.ts';
import { Changes } from './changes.ts';
import { CircuitServer } from './circuit-server.ts';
import { Connections } from './connections.ts';
import { Dialler } from './dialler.ts';
import { evidenceOf, introducerOf, isRelayed, type ConnectionEvidence } from './evidence.ts';
import type { Libp2pNode, NodeOptions } from './libp2p-node.ts';
import {
  HANDSHAKES_MAX,
  INBOUND_GRACE_MS,
  LINK_PROTOCOL,
  NEW_LINK_MS,
  NUDGE_PROBE_MS,
  WATCH_MS,
} from './limits.ts';
import { LinkTable } from './link-table.ts';
import { peerIdOf, peerKeyOf } from './peer-id.ts';
import { RelayWatch } from './relay-watch.ts';
import { Reservations } from './reservations.ts';
import { Upgrades } from './upgrades.ts';

export interface Libp2pNetworkOptions {
  readonly role: Role;
  /** Our own certificate, addresses (a relay's; a tab has none) and the relays that introduce others to us. */
  readonly contact: Contact;
  readonly trust: RingTrust;
  /** See vaultPrivateKey. */
  readonly privateKey: PrivateKey;
  readonly clock: Clock;
  readonly counters: Counters;
  /** Where a tab reserves a place; multiaddrs with or without `/p2p/…`. From the ring descriptor. */
  readonly relays: readonly RelayAddress[];
  /** Relay: port of the websocket listener on 127.0.0.1; unset or on a tab: none. */
  readonly listenPort?: number;
  /** STUN and TURN servers for WebRTC. Default: none. */
  readonly iceServers?: readonly RTCIceServer[];
  /** Makes and starts the libp2p node, for other transports. Default: the relay's or the tab's, by `role`. */
  readonly createNode?: (options: NodeOptions) => Promise<Libp2pNode>;
}

interface Running {
  readonly node: Libp2pNode;
  readonly links: LinkTable;
  readonly dialler: Dialler;
  readonly connections: Connections;
  readonly reservations: Reservations | undefined;
  readonly watch: RelayWatch | undefined;
  readonly stop: () => void;
}

export class Libp2pNetwork implements Network {
  readonly #options: Libp2pNetworkOptions;
  readonly #changes: Changes;
  #contact: Contact;
  #running: Running | undefined;

  constructor(options: Libp2pNetworkOptions) {
    this.#options = options;
    this.#contact = options.contact;
    this.#changes = new Changes(options.clock);
  }

  get self(): NodeId {
    return this.#contact.nodeId;
  }

  /** Resolves when the node listens; a tab without network starts too, and finds its relays when it can. */
  async start(handlers: NetworkHandlers): Promise<void> {
    if (this.#running !== undefined) return;
    const { role, trust, clock, counters } = this.#options;
    const queued = inOrder(handlers, () => this.#running !== undefined);
    const links: LinkTable = new LinkTable({
      role,
      self: () => this.#contact,
      trust,
      clock,
      counters,
      handlers: queued,
      mayCarry: (connection) => this.#mayCarry(links, connection),
      cameUp: (link) => {
        this.#running?.connections.cameUp(link);
        this.#running?.reservations?.look();
        this.#changes.notify();
      },
      ended: (link) => {
        void this.#running?.connections.ended(link);
        this.#changes.notify();
      },
    });
    const admits = (peerId: PeerId): Promise<boolean> => this.#admits(links, peerId);
    const isNew = (peerId: PeerId): boolean => isNewlyLinked(links, peerId, clock.now());
    const circuits = new CircuitServer({ role, admits, isNew, changes: this.#changes, clock, counters });
    const dialled = new Set<string>();
    const node = await this.#createNode(circuits, dialled);
    const { libp2p, reservations: store } = node;
    libp2p.addEventListener('connection:close', () => this.#changes.notify());
    const relays = this.#options.relays.filter(({ nodeId }) => idText(nodeId) !== idText(this.self));
    const dialler = new Dialler({
      libp2p,
      links,
      changes: this.#changes,
      relays,
      canBeIntroduced: store !== undefined,
      dialled,
      clock,
      counters,
    });
    const connections = new Connections(libp2p, links, clock);
    const reservations = store && new Reservations({ links, store, clock, counters });
    const watch = reservations && new RelayWatch({ relays, dialler, reservations, clock, counters });
    const upgrades = new Upgrades(links, dialler, clock);
    const stop = this.#everySweep(() => {
      connections.sweep();
      circuits.sweep((peerId) => isUpWith(links, peerId));
      upgrades.look();
    });
    this.#running = { node, links, dialler, connections, reservations, watch, stop };
    await node.libp2p.handle(
      LINK_PROTOCOL,
      (stream, connection) => void links.add(stream, connection, false),
      { runOnLimitedConnection: true, maxInboundStreams: HANDSHAKES_MAX[role] },
    );
    watch?.look();
  }

  async connect(contact: Contact, via: readonly NodeId[] = []): Promise<void> {
    await this.#assertRunning().dialler.connect({ ...contact, via });
  }

  async send(to: NodeId, message: Bytes, lane: Lane): Promise<void> {
    const { links } = this.#assertRunning();
    if (message.length > MESSAGE_BYTES_MAX)
      throw new NetworkError('too-large', `a message of ${message.length} bytes is over the limit`);
    const link = links.find(to);
    if (link === undefined) throw new NetworkError('no-link', 'there is no link to this node');
    return link.send(message, lane);
  }

  /** A tab's links to its relays come back within WATCH_MS: without them nobody finds it. */
  close(nodeId: NodeId, reason: string): void {
    this.#running?.links.find(nodeId)?.close(reason);
  }

  links(): readonly LinkInfo[] {
    return this.#running?.links.infos() ?? [];
  }

  async stop(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    const open = running.links.open();
    running.links.closeAll('stopped');
    this.#running = undefined;
    running.stop();
    running.watch?.stop();
    await Promise.all(open.map((link) => link.finished));
    await running.node.libp2p.stop();
  }

  /** After sleep, or when the browser says that it went offline or online: looks for dead links and lost relays at once. */
  nudge(): void {
    const running = this.#running;
    if (running === undefined) return;
    for (const link of running.links.links())
      void link.probe(NUDGE_PROBE_MS).then((alive) => {
        if (!alive) link.drop();
        if (!alive) running.watch?.look();
      });
    running.watch?.look();
  }

  /** Our certificate was renewed; the links that are up keep the old one. */
  renew(contact: Contact): void {
    this.#contact = contact;
  }

  /** Whether a relay knows the way to us; always true on a relay. */
  get reachable(): boolean {
    return this.#running !== undefined && (this.#running.watch?.reachable ?? true);
  }

  /** Every libp2p connection as it really is: for the network page and for tests. */
  connections(): readonly ConnectionEvidence[] {
    return this.#running?.node.libp2p.getConnections().map(evidenceOf) ?? [];
  }

  /** Where a relay listens, as multiaddrs with its peer id. */
  addresses(): readonly string[] {
    return this.#running?.node.libp2p.getMultiaddrs().map((address) => address.toString()) ?? [];
  }

  async #createNode(circuits: CircuitServer, dialled: ReadonlySet<string>): Promise<Libp2pNode> {
    const { role, privateKey, iceServers = [], listenPort, createNode } = this.#options;
    const dials = (address: Multiaddr): boolean => dialled.has(address.toString());
    const options: NodeOptions = { role, privateKey, iceServers, listenPort, circuits, dials };
    try {
      if (createNode !== undefined) return await createNode(options);
      if (role === 'relay') return await (await import('./relay-node.ts')).createRelayNode(options);
      return await (await import('./tab-node.ts')).createTabNode(options);
    } catch (error) {
      const message = error instanceof Error ? error.message : 'the network did not start';
      throw new NetworkError('unreachable', message, { cause: error });
    }
  }

  /** Circuits carry links only when a relay carries them: a tab's are for signalling. */
  #mayCarry(links: LinkTable, connection: Connection): boolean {
    if (!isRelayed(connection)) return true;
    const introducer = introducerOf(connection);
    const relays = [...this.#options.relays, ...relaysOf(links)];
    return relays.some(({ peerKey }) => peerIdOf(peerKey).toString() === introducer);
  }

  /** Only nodes that have shown a certificate are introduced; one that is just showing it is waited for. */
  async #admits(links: LinkTable, peerId: PeerId): Promise<boolean> {
    const peerKey = peerKeyOf(peerId);
    if (peerKey === undefined) return false;
    const settled = (): boolean => links.isUpWith(peerKey) || !links.introducing(peerKey);
    await this.#changes.until(settled, INBOUND_GRACE_MS);
    return links.isUpWith(peerKey);
  }

  /** Calls `sweep` every WATCH_MS until the result is called; and listens to the browser's `online` and `offline`. */
  #everySweep(sweep: () => void): () => void {
    const changed = (): void => this.nudge();
    for (const event of ['online', 'offline']) globalThis.addEventListener?.(event, changed);
    let cancel = (): void => undefined;
    const next = (): void => {
      sweep();
      cancel = this.#options.clock.after(WATCH_MS, next);
    };
    next();
    return () => {
      cancel();
      for (const event of ['online', 'offline']) globalThis.removeEventListener?.(event, changed);
    };
  }

  #assertRunning(): Running {
    if (this.#running === undefined) throw new NetworkError('stopped', 'the network is not running');
    return this.#running;
  }
}

function relaysOf(links: LinkTable): Contact[] {
  return links.links().flatMap(({ contact }) => (contact?.role === 'relay' ? contact : []));
}

function isUpWith(links: LinkTable, peerId: PeerId): boolean {
  const peerKey = peerKeyOf(peerId);
  return peerKey !== undefined && links.isUpWith(peerKey);
}

function isNewlyLinked(links: LinkTable, peerId: PeerId, now: number): boolean {
  const peerKey = peerKeyOf(peerId);
  return (
    peerKey !== undefined &&
    links.open().some((link) => equalBytes(link.remoteKey, peerKey) && now - link.openedAt < NEW_LINK_MS)
  );
}

/** Handlers are told in order, and never inside a call of the port. */
function inOrder(handlers: NetworkHandlers, running: () => boolean): NetworkHandlers {
  const later = (tell: () => void): void =>
    queueMicrotask(() => {
      if (running()) tell();
    });
  return {
    linkUp: (contact, direct) => later(() => handlers.linkUp(contact, direct)),
    linkDown: (nodeId, reason) => later(() => handlers.linkDown(nodeId, reason)),
    message: (from, message) => later(() => handlers.message(from, message)),
  };
}
