/** Nodes of `@libp2p/kad-dht` in one process, as servers with their defaults; only private addresses are let through. */
import { identify } from '@libp2p/identify';
import { kadDHT, passthroughMapper, type KadDHT } from '@libp2p/kad-dht';
import { ping } from '@libp2p/ping';
import type { Libp2p } from 'libp2p';
import { assert } from '../../../src/core/codec/assert.ts';
import { concat, utf8, type Bytes } from '../../../src/core/codec/bytes.ts';
import { pick, someBytes } from './pick.ts';
import { mean } from './statistics.ts';
import { Traffic } from './traffic.ts';
import { createPeerNode } from './websocket-node.ts';

const PROTOCOL = '/bench/kad/1.0.0';
/** Nodes that join at once. */
const JOINS_AT_ONCE = 4;

export type KadNode = Libp2p<{ readonly dht: KadDHT }>;

export class KadNetwork {
  readonly traffic = new Traffic(/^\/bench\/kad\//);
  readonly nodes: KadNode[] = [];

  async grow(count: number): Promise<void> {
    if (this.nodes.length === 0) await this.join();
    while (this.nodes.length < count) {
      const missing = Math.min(JOINS_AT_ONCE, count - this.nodes.length);
      await Promise.all(Array.from({ length: missing }, () => this.join()));
    }
    // Each node looks for itself, as it would in its first minutes.
    for (const node of this.nodes) await closestPeers(node, node.peerId.toMultihash().bytes);
  }

  /** Starts a node and dials one that runs: kad-dht takes it into its routing table. */
  async join(): Promise<KadNode> {
    const node = await createPeerNode(
      {
        identify: identify(),
        ping: ping(),
        dht: kadDHT({
          protocol: PROTOCOL,
          clientMode: false,
          peerInfoMapper: passthroughMapper,
          validators: { bench: async () => undefined },
          selectors: { bench: () => 0 },
        }),
      },
      this.traffic,
    );
    if (this.nodes.length > 0) await node.dial(pick(this.nodes).getMultiaddrs());
    this.nodes.push(node);
    return node;
  }

  /** Open connections of a node. */
  get connections(): number {
    return mean(this.nodes.map((node) => node.getConnections().length));
  }

  async leave(node: KadNode): Promise<void> {
    this.nodes.splice(this.nodes.indexOf(node), 1);
    await node.stop();
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.splice(0).map((node) => node.stop()));
  }
}

/** How many peers the query found; the closest is the first. */
export async function closestPeers(node: KadNode, key: Bytes): Promise<number> {
  let found = 0;
  for await (const event of node.services.dht.getClosestPeers(key))
    if (event.name === 'FINAL_PEER') found += 1;
  return found;
}

/** A key of the namespace whose records these nodes take. */
export function kadKey(): Bytes {
  return concat(utf8('/bench/'), someBytes(32));
}

export async function kadPut(node: KadNode, key: Bytes, value: Bytes): Promise<void> {
  await node.contentRouting.put(key, value);
}

export async function kadGet(node: KadNode, key: Bytes): Promise<void> {
  const value = await node.contentRouting.get(key);
  assert(value.length > 0, 'kad-dht finds what it stored');
}
