/** The relay as a peer among peers: bootstrap, circuits, and an always-on replica. */
import { Libp2pNetwork } from '../../src/adapters/libp2p/network.ts';
import { vaultPrivateKey } from '../../src/adapters/libp2p/private-key.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { systemRandom } from '../../src/adapters/system/random.ts';
import { assert } from '../../src/core/codec/assert.ts';
import type { Counters } from '../../src/core/codec/counters.ts';
import { idText, type NodeId } from '../../src/core/codec/id.ts';
import { NODE_CERTIFICATE_LIFE_MS } from '../../src/core/codec/limits.ts';
import type { Authority } from '../../src/core/identity/authority.ts';
import type { IdentityCertificate, RingDescriptorBody } from '../../src/core/identity/certificates.ts';
import type { Vault } from '../../src/core/identity/vault.ts';
import { createReplicaNode, type ReplicaNode } from '../../src/core/node/replica-node.ts';
import type { AccountStatement } from '../../src/core/storage/accounts.ts';
import type { KeyValueStore } from '../../src/core/storage/key-value-store.ts';
import { namespace } from '../../src/core/storage/namespace.ts';
import { StorageError } from '../../src/core/storage/storage.ts';
import type { RelayConfig } from './config.ts';
import type { RelayStatus } from './metrics.ts';
import { certify, describeRing, openNodeVault, publicKeysOf } from './node-identity.ts';

/** The node starts anew with a fresh certificate when half of the old one's life is over. */
const RENEW_AFTER_MS = NODE_CERTIFICATE_LIFE_MS / 2;
/** A node that did not start is tried again after this. */
const RETRY_AFTER_MS = 60_000;
/** Stream through which one node is connected to another by this relay (circuit relay v2). */
const HOP_PROTOCOL = '/libp2p/circuit/relay/0.2.0/hop';

export interface PeerPorts {
  readonly config: RelayConfig;
  readonly authority: Authority;
  readonly database: KeyValueStore;
  readonly counters: Counters;
  readonly log: (line: string) => void;
}

export type PeerStatus = Pick<
  RelayStatus,
  | 'status'
  | 'nodeId'
  | 'peers'
  | 'directPeers'
  | 'blocks'
  | 'bytes'
  | 'quotaBytes'
  | 'members'
  | 'sentBytes'
  | 'receivedBytes'
  | 'circuits'
>;

/** One run of the node, with one certificate. */
interface Run {
  readonly node: ReplicaNode;
  readonly network: Libp2pNetwork;
  readonly descriptor: RingDescriptorBody;
  readonly listenPort: number;
}

export class Peer {
  readonly #ports: PeerPorts;
  readonly #vault: Vault;
  #run: Run;
  #cancelRenewal: () => void = () => undefined;
  /** Renewing and stopping follow one another. */
  #last: Promise<void> = Promise.resolve();
  #stopped = false;

  private constructor(ports: PeerPorts, vault: Vault, run: Run) {
    this.#ports = ports;
    this.#vault = vault;
    this.#run = run;
    this.#renewAfter(RENEW_AFTER_MS);
  }

  /** Starts the relay's node, and describes the ring so that it names it. Rejects with OperatorError. */
  static async open(ports: PeerPorts): Promise<Peer> {
    const vault = await openNodeVault(ports.config.dataDir);
    return new Peer(ports, vault, await startRun(ports, vault));
  }

  /** TCP port of libp2p's websocket listener on 127.0.0.1; another one after each renewal. */
  get listenPort(): number {
    return this.#run.listenPort;
  }

  async status(): Promise<PeerStatus> {
    const { node, network } = this.#run;
    const links = network.links();
    const { blocks, bytes, quotaBytes } = await node.storage.usage();
    const streams = network.connections().flatMap(({ protocols }) => protocols);
    return {
      status: node.overlay.ready ? 'ok' : 'joining',
      nodeId: idText(node.overlay.self.nodeId),
      peers: links.length,
      directPeers: links.filter(({ direct }) => direct).length,
      blocks,
      bytes,
      quotaBytes,
      members: this.accounts().filter(({ blocks }) => blocks > 0).length,
      sentBytes: links.reduce((sum, link) => sum + link.sentBytes, 0),
      receivedBytes: links.reduce((sum, link) => sum + link.receivedBytes, 0),
      circuits: streams.filter((protocol) => protocol === HOP_PROTOCOL).length,
    };
  }

  /** Devices that are linked now: tabs and bridges, each once. */
  devices(): readonly NodeId[] {
    const devices = this.#run.network.links().filter(({ contact }) => contact.role !== 'relay');
    return [...new Map(devices.map(({ contact: { nodeId } }) => [idText(nodeId), nodeId])).values()];
  }

  /** The ring as its members know it, and bytes of blocks on this disk. */
  get descriptor(): RingDescriptorBody {
    return this.#run.descriptor;
  }

  blockBytes(): number {
    return this.#run.node.statistics().blockBytes;
  }

  /** Who stores how much here. */
  accounts(): readonly AccountStatement[] {
    return this.#run.node.storage.accounts();
  }

  /** Puts a certificate into the ring. While this node is alone, it keeps the only copy and passes it on later. */
  async publish(certificate: IdentityCertificate): Promise<void> {
    try {
      await this.#run.node.storage.putCertificate(certificate);
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      this.#ports.counters.add(`storage.publish-${error.code}`);
    }
  }

  /** Says good-bye. */
  stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelRenewal();
    this.#last = this.#last.then(() => this.#run.node.stop());
    return this.#last;
  }

  #renewAfter(delayMs: number): void {
    this.#cancelRenewal = systemClock.after(delayMs, () => {
      this.#last = this.#last.then(() => this.#renew());
    });
  }

  async #renew(): Promise<void> {
    if (this.#stopped) return;
    try {
      await this.#run.node.stop();
      this.#run = await startRun(this.#ports, this.#vault);
      this.#renewAfter(RENEW_AFTER_MS);
    } catch (error) {
      this.#ports.log(`The relay's node did not start with its new certificate: ${String(error)}`);
      this.#renewAfter(RETRY_AFTER_MS);
    }
  }
}

async function startRun({ config, authority, database, counters }: PeerPorts, vault: Vault): Promise<Run> {
  const keys = await publicKeysOf(vault);
  const contact = await certify(config, authority, keys);
  const descriptor = await describeRing(authority, namespace(database, 'relay'), contact);
  const { trust } = authority;
  const network = new Libp2pNetwork({
    role: 'relay',
    contact,
    trust,
    privateKey: vaultPrivateKey(vault, keys.peerKey),
    clock: systemClock,
    counters,
    relays: [],
    listenPort: 0,
  });
  const node = await createReplicaNode({
    contact,
    trust,
    descriptor: descriptor.body,
    network,
    store: database,
    vault,
    clock: systemClock,
    random: systemRandom,
    counters,
  });
  await node.start([]);
  return { node, network, descriptor: descriptor.body, listenPort: portOf(network.addresses()) };
}

function portOf(addresses: readonly string[]): number {
  const port = /^\/ip4\/127\.0\.0\.1\/tcp\/(\d+)\/ws/.exec(addresses[0] ?? '')?.[1];
  assert(port !== undefined, 'libp2p listens on loopback');
  return Number(port);
}
