/** The honest ring, and one that a relay builds of its accomplices: the same relay's key in both, and one node that may be in either. */
import { MemoryKeyValueStore } from '../../../src/adapters/memory/key-value-store.ts';
import { MemoryHub, type MemoryNetwork } from '../../../src/adapters/memory/network.ts';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import type { Bytes } from '../../../src/core/codec/bytes.ts';
import { Counters } from '../../../src/core/codec/counters.ts';
import { idText, type NodeId } from '../../../src/core/codec/id.ts';
import type { MemberNetwork } from '../../../src/core/node/member.ts';
import { createReplicaNode, type ReplicaNode } from '../../../src/core/node/replica-node.ts';
import type { Contact } from '../../../src/core/overlay/contact.ts';
import type { Lane, LinkInfo, NetworkHandlers } from '../../../src/core/overlay/network.ts';
import type { MemberRing } from './member-ring.ts';

/** A hub beside the honest one, with the same clock. */
export function otherHub(net: MemberRing): MemoryHub {
  return new MemoryHub({ clock: net.clock, trust: net.ring.trust });
}

/**
 * A node that routes and keeps replicas, with real certificate and vault. The same name gives the same node; with `place` the
 * authority has certified its key at the place of another node.
 */
export async function replicaIn(
  net: MemberRing,
  hub: MemoryHub,
  name: string,
  role: 'tab' | 'relay' = 'tab',
  place?: NodeId,
): Promise<ReplicaNode> {
  const vault = await net.newVault(name);
  const state = await vault.state();
  if (state.state === 'empty') throw new Error('a node without keys');
  const changes = { peerKey: state.peerKey, ...(place && { nodeId: place }) };
  const { contact } = await net.ring.contact(name, role, changes);
  const node = await createReplicaNode({
    contact: { ...contact, peerKey: state.peerKey },
    trust: net.ring.trust,
    descriptor: net.descriptor.body,
    network: hub.network({ ...contact, peerKey: state.peerKey }),
    store: new MemoryKeyValueStore(),
    vault,
    clock: net.clock,
    random: new SeededRandom(`${net.seed}/${name}/${net.clock.now()}`),
    counters: new Counters(() => net.clock.now()),
  });
  return node;
}

/** Starts nodes of these names, through the node `first`. */
export async function populate(
  net: MemberRing,
  hub: MemoryHub,
  first: ReplicaNode,
  names: readonly string[],
): Promise<readonly ReplicaNode[]> {
  const nodes: ReplicaNode[] = [];
  for (const name of names) {
    const node = await replicaIn(net, hub, name);
    await net.passing(node.start([first.overlay.self]));
    nodes.push(node);
  }
  return nodes;
}

/** One node's network in the false world; and in the honest one, from when somebody there introduces it. */
export class BetweenWorlds implements MemberNetwork {
  readonly #lie: MemoryNetwork;
  readonly #truth: MemoryNetwork;
  #handlers: NetworkHandlers | undefined;
  #introduced = false;

  constructor(lie: MemoryNetwork, truth: MemoryNetwork) {
    this.#lie = lie;
    this.#truth = truth;
  }

  get self(): NodeId {
    return this.#lie.self;
  }

  /** Another relay, or a peer, introduces it in the honest world. */
  async introduce(): Promise<void> {
    this.#introduced = true;
    if (this.#handlers) await this.#truth.start(this.#handlers);
  }

  async start(handlers: NetworkHandlers): Promise<void> {
    this.#handlers = handlers;
    await this.#lie.start(handlers);
    if (this.#introduced) await this.#truth.start(handlers);
  }

  async connect(contact: Contact): Promise<void> {
    const found = this.#lie.connect(contact);
    if (!this.#introduced) return found;
    await found.catch(() => this.#truth.connect(contact));
  }

  send(to: NodeId, message: Bytes, lane: Lane): Promise<void> {
    return this.#of(to).send(to, message, lane);
  }

  close(nodeId: NodeId, reason: string): void {
    this.#of(nodeId).close(nodeId, reason);
  }

  links(): readonly LinkInfo[] {
    return [...this.#lie.links(), ...this.#truth.links()];
  }

  renew(contact: Contact): void {
    this.#lie.renew(contact);
    this.#truth.renew(contact);
  }

  async stop(): Promise<void> {
    await Promise.all([this.#lie.stop(), this.#truth.stop()]);
  }

  #of(nodeId: NodeId): MemoryNetwork {
    const isThere = this.#truth.links().some(({ contact }) => idText(contact.nodeId) === idText(nodeId));
    return isThere ? this.#truth : this.#lie;
  }
}
