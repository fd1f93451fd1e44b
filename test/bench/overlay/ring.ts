/** A ring of this overlay's nodes in one process: the product's own node over libp2p, each with a websocket listener. */
import type { RelayAddress } from '../../../src/adapters/libp2p/addresses.ts';
import { LINK_PROTOCOL } from '../../../src/adapters/libp2p/limits.ts';
import { Libp2pNetwork } from '../../../src/adapters/libp2p/network.ts';
import { vaultPrivateKey } from '../../../src/adapters/libp2p/private-key.ts';
import { MemoryKeyValueStore } from '../../../src/adapters/memory/key-value-store.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { systemRandom } from '../../../src/adapters/system/random.ts';
import { assert } from '../../../src/core/codec/assert.ts';
import type { Bytes } from '../../../src/core/codec/bytes.ts';
import { Counters } from '../../../src/core/codec/counters.ts';
import { compareDistance, idText, type Key } from '../../../src/core/codec/id.ts';
import type { RingTrust } from '../../../src/core/identity/certificates.ts';
import { createReplicaNode, type ReplicaNode } from '../../../src/core/node/replica-node.ts';
import { FrameDecoder } from '../../../src/core/overlay/link/frame.ts';
import type { Libp2p } from '@libp2p/interface';
import { testIdentity, type TestIdentity } from '../../support/libp2p-peer.ts';
import { createTestRing, type TestRing } from '../../support/ring.ts';
import { pick } from './pick.ts';
import { pause } from './process.ts';
import { mean } from './statistics.ts';
import { Traffic, type Told } from './traffic.ts';
import { createMemberNode, freePorts, listenAddress } from './websocket-node.ts';

/** Replicas of a block: the ring's k; there is no relay, so there is no always-on replica. */
const REPLICAS = 3;
/** Nodes that join at once. */
const JOINS_AT_ONCE = 4;
/** The closest nodes that every leaf set must hold: one side of it. */
const NEIGHBOURS = 8;
const SETTLE_MS = 120_000;
const LOOK_EVERY_MS = 100;

export interface RingNode extends TestIdentity, ReplicaNode {
  readonly counters: Counters;
  readonly libp2p: Libp2p;
}

interface Place {
  readonly identity: TestIdentity;
  readonly port: number;
}

/**
 * Members of role `tab`, with a tab's budget of links and its routing. Tabs cannot listen: these do, at addresses that all
 * of them know, as a tab knows the relays' from the ring descriptor.
 */
export class BenchRing {
  readonly traffic: Traffic;
  readonly nodes: RingNode[] = [];
  readonly #ring: TestRing;
  readonly #vacant: Place[];
  readonly #addresses: readonly RelayAddress[];

  private constructor(ring: TestRing, places: readonly Place[], traffic: Traffic) {
    this.traffic = traffic;
    this.#ring = ring;
    this.#vacant = [...places];
    this.#addresses = places.map(({ identity, port }) => ({
      ...identity.contact,
      addresses: [listenAddress(port)],
    }));
  }

  /** Keys and certificates for `count` nodes; none runs yet. */
  static async prepare(count: number, traffic = linkTraffic()): Promise<BenchRing> {
    const ring = await createTestRing('bench');
    const places: Place[] = [];
    for (const port of await freePorts(count))
      places.push({ port, identity: await testIdentity(ring, `node-${places.length}`, 'tab') });
    return new BenchRing(ring, places, traffic);
  }

  /** Starts nodes until `count` run and all know their neighbours. */
  async grow(count: number): Promise<void> {
    if (this.nodes.length === 0) await this.join();
    while (this.nodes.length < count) {
      const missing = Math.min(JOINS_AT_ONCE, count - this.nodes.length);
      await Promise.all(Array.from({ length: missing }, () => this.join()));
    }
    await this.settle();
  }

  /** Starts the next node, by one that runs; resolves when it is ready. */
  async join(): Promise<RingNode> {
    const place = this.#vacant.shift();
    assert(place !== undefined, 'a node was prepared');
    const { contact, vault } = place.identity;
    const { trust } = this.#ring;
    const counters = new Counters(() => systemClock.now());
    const shared = { contact, trust, clock: systemClock, counters };
    let libp2p: Libp2p | undefined;
    const network = new Libp2pNetwork({
      ...shared,
      role: contact.role,
      privateKey: vaultPrivateKey(vault, contact.peerKey),
      relays: this.#addresses,
      listenPort: place.port,
      createNode: async (options) => {
        const made = await createMemberNode(options, this.traffic);
        libp2p = made.libp2p;
        return made;
      },
    });
    const node = await createReplicaNode({
      ...shared,
      descriptor: (await this.#ring.describe([], { k: REPLICAS })).body,
      network,
      vault,
      store: new MemoryKeyValueStore(),
      random: systemRandom,
    });
    await node.start(this.nodes.length === 0 ? [] : [pick(this.nodes).contact]);
    assert(libp2p !== undefined, 'the network has started');
    const running = { ...place.identity, ...node, counters, libp2p };
    this.nodes.push(running);
    return running;
  }

  /** A node leaves for good. */
  async leave(node: RingNode): Promise<void> {
    this.nodes.splice(this.nodes.indexOf(node), 1);
    await node.stop();
  }

  /** Resolves when each node's leaf set holds its neighbours. */
  async settle(): Promise<void> {
    const deadline = Date.now() + SETTLE_MS;
    while (!this.nodes.every((node) => this.#knowsNeighbours(node))) {
      assert(Date.now() < deadline, 'the ring settles');
      await pause(LOOK_EVERY_MS);
    }
  }

  get trust(): RingTrust {
    return this.#ring.trust;
  }

  /** Open connections of a node. */
  get connections(): number {
    return mean(this.nodes.map(({ libp2p }) => libp2p.getConnections().length));
  }

  /** The node that is truly closest. */
  rootOf(key: Key): RingNode {
    return this.nodes.reduce((best, node) =>
      compareDistance(key, node.contact.nodeId, best.contact.nodeId) < 0 ? node : best,
    );
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.splice(0).map((node) => node.stop()));
  }

  #knowsNeighbours({ contact, overlay }: RingNode): boolean {
    if (!overlay.ready) return false;
    const leaves = new Set(overlay.leafSet().map(({ nodeId }) => idText(nodeId)));
    return this.nodes
      .filter((other) => other.contact !== contact)
      .sort((a, b) => compareDistance(contact.nodeId, a.contact.nodeId, b.contact.nodeId))
      .slice(0, NEIGHBOURS)
      .every((other) => leaves.has(idText(other.contact.nodeId)));
  }
}

function linkTraffic(): Traffic {
  return new Traffic(new RegExp(`^${LINK_PROTOCOL}$`), readFrames);
}

/** A write on a link is a row of whole frames. */
function readFrames(bytes: Bytes): Told {
  let messages = 0;
  let upkeepBytes = 0;
  for (const { type, payload } of new FrameDecoder().push(bytes).frames) {
    if (type === 'control-end' || type === 'bulk-end') messages += 1;
    if (type === 'ping' || type === 'pong') upkeepBytes += payload.length + 2;
  }
  return { messages, upkeepBytes };
}
