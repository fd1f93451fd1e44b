/** Nodes of `@libp2p/gossipsub` in one process, all subscribed to one topic, in a random graph. */
import { gossipsub, type GossipSub } from '@libp2p/gossipsub';
import { identify } from '@libp2p/identify';
import type { Libp2p } from 'libp2p';
import { assert } from '../../../src/core/codec/assert.ts';
import type { Bytes } from '../../../src/core/codec/bytes.ts';
import type { Group, Heard } from './multicast.ts';
import { pick } from './pick.ts';
import { pause } from './process.ts';
import { Traffic } from './traffic.ts';
import { createPeerNode } from './websocket-node.ts';

const TOPIC = 'bench';
/** Nodes that a node dials when it comes: with those that dial it, it has twice as many neighbours. */
const DIALS = 8;
/** Mesh neighbours below which gossipsub looks for more (Dlo). */
const MESH_MIN = 4;
const MESH_MS = 60_000;
/** After every mesh is there, grafts and prunes of the next heartbeats. */
const HEARTBEATS_MS = 5_000;
const LOOK_EVERY_MS = 100;

type GossipNode = Libp2p<{ readonly pubsub: GossipSub }>;

/** Gossipsub has it, its interface does not name it. */
interface WithMesh {
  getMeshPeers(topic: string): readonly string[];
}

export class GossipGroup implements Group {
  readonly traffic = new Traffic(/^\/meshsub\//);
  readonly #nodes: GossipNode[] = [];

  static async create(count: number): Promise<GossipGroup> {
    const group = new GossipGroup();
    for (let i = 0; i < count; i++) await group.#start();
    return group;
  }

  get members(): number {
    return this.#nodes.length;
  }

  async join(heard: Heard): Promise<void> {
    this.#nodes.forEach(({ services }, member) => {
      services.pubsub.addEventListener('message', ({ detail }) => heard(detail.data, member));
      services.pubsub.subscribe(TOPIC);
    });
    const deadline = Date.now() + MESH_MS;
    while (!this.#nodes.every((node) => meshOf(node) >= MESH_MIN)) {
      assert(Date.now() < deadline, 'the mesh forms');
      await pause(LOOK_EVERY_MS);
    }
    await pause(HEARTBEATS_MS);
  }

  async publish(member: number, payload: Bytes): Promise<void> {
    await this.#nodes[member]!.services.pubsub.publish(TOPIC, payload);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#nodes.splice(0).map((node) => node.stop()));
  }

  /** Messages are signed and checked, as ours are. All nodes share one address: that must not count against them. */
  async #start(): Promise<void> {
    const node = await createPeerNode(
      {
        identify: identify(),
        pubsub: gossipsub({
          scoreParams: { IPColocationFactorWeight: 0 },
          scoreThresholds: {
            gossipThreshold: -Infinity,
            publishThreshold: -Infinity,
            graylistThreshold: -Infinity,
          },
        }),
      },
      this.traffic,
    );
    const others = [...this.#nodes];
    for (let i = 0; i < DIALS && others.length > 0; i++) {
      const other = pick(others);
      others.splice(others.indexOf(other), 1);
      await node.dial(other.getMultiaddrs());
    }
    this.#nodes.push(node);
  }
}

function meshOf({ services }: GossipNode): number {
  return (services.pubsub as GossipSub & WithMesh).getMeshPeers(TOPIC).length;
}
