/** A ring of whole storage nodes in one process: real overlay, vaults, certificates; memory network, disks and clock. */
import { VirtualClock } from '../../../src/adapters/memory/clock.ts';
import { MemoryKeyValueStore } from '../../../src/adapters/memory/key-value-store.ts';
import { MemoryHub, type MemoryHubOptions } from '../../../src/adapters/memory/network.ts';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { assert } from '../../../src/core/codec/assert.ts';
import { Counters } from '../../../src/core/codec/counters.ts';
import { compareDistance, idText, type Key } from '../../../src/core/codec/id.ts';
import type { Role, RingDescriptorBody } from '../../../src/core/identity/certificates.ts';
import { createOverlay, type OverlayNode } from '../../../src/core/overlay/overlay-node.ts';
import { createStorage, type StorageNode } from '../../../src/core/storage/create-storage.ts';
import type { KeyValueStore } from '../../../src/core/storage/key-value-store.ts';
import { dataKey, placeOf } from '../../../src/core/storage/layout.ts';
import { namespace } from '../../../src/core/storage/namespace.ts';
import { createTestRing, type TestRing } from '../../support/ring.ts';
import { createMember, type Member } from './member.ts';
import { turn } from '../../support/turn.ts';

export interface RingNode extends Member {
  readonly disk: MemoryKeyValueStore;
  readonly counters: Counters;
  readonly overlay: OverlayNode;
  readonly storage: StorageNode;
}

export class StorageRing {
  readonly clock = new VirtualClock();
  readonly hub: MemoryHub;
  readonly ring: TestRing;
  readonly live: RingNode[] = [];
  #descriptor: RingDescriptorBody;

  private constructor(ring: TestRing, options: Partial<MemoryHubOptions>) {
    this.ring = ring;
    this.#descriptor = ring.descriptor.body;
    this.hub = new MemoryHub({ clock: this.clock, trust: ring.trust, ...options });
  }

  /** A ring with one relay, always on, and tabs of these names, all ready. */
  static async start(
    seed: string,
    names: readonly string[],
    options: Partial<MemoryHubOptions> = {},
  ): Promise<StorageRing> {
    const world = new StorageRing(await createTestRing(seed), options);
    const relay = await createMember(world.ring, 'relay', { role: 'relay' });
    world.#descriptor = (await world.ring.describe([relay.contact])).body;
    await world.join(relay);
    for (const name of names) await world.add(name);
    await world.pass(3_000);
    return world;
  }

  /** A new node. */
  async add(name: string, role: Role = 'tab', disk?: MemoryKeyValueStore): Promise<RingNode> {
    return this.join(await createMember(this.ring, name, { role }), disk);
  }

  /** Starts a node, on the disk of an earlier life or a new one; `store` is what it sees of it. */
  async join(
    member: Member,
    disk = new MemoryKeyValueStore(),
    store: KeyValueStore = disk,
  ): Promise<RingNode> {
    const { clock } = this;
    const counters = new Counters(() => clock.now());
    const random = new SeededRandom(`${member.name} at ${clock.now()}`);
    const network = this.hub.network(member.contact);
    const { trust } = this.ring;
    const { vault, certificate } = member;
    const overlay = createOverlay({ self: member.contact, trust, network, vault, clock, random, counters });
    const descriptor = this.#descriptor;
    disk.reopen();
    const options = { overlay, store, vault, trust, descriptor, certificate, clock, random, counters };
    const storage = await createStorage(options);
    const bootstrap = this.live.slice(0, 1).map(({ contact }) => contact);
    await this.run(overlay.start(bootstrap));
    const node: RingNode = { ...member, disk, counters, overlay, storage };
    this.live.push(node);
    return node;
  }

  node(name: string): RingNode {
    const found = this.live.find((one) => one.name === name);
    assert(found !== undefined, `${name} is live`);
    return found;
  }

  /** Ends a node without a word; its disk keeps what was written. */
  async kill(name: string): Promise<RingNode> {
    const node = this.node(name);
    this.live.splice(this.live.indexOf(node), 1);
    this.hub.kill(node.contact.nodeId);
    await node.disk.close();
    await this.run(node.storage.stop());
    return node;
  }

  /** Lets time pass, a millisecond for each turn of the event loop, until the promise settles. */
  async run<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const done = (): void => {
      settled = true;
    };
    promise.then(done, done);
    while (!settled) {
      this.clock.advance(1);
      await turn();
    }
    return promise;
  }

  async pass(ms: number): Promise<void> {
    for (let i = 0; i < ms; i++) {
      this.clock.advance(1);
      await turn();
    }
  }

  /** Lets time pass until it is so; fails after `maxMs`. */
  async until(isSo: () => Promise<boolean>, maxMs = 120_000): Promise<void> {
    for (let waited = 0; waited < maxMs; waited += 500) {
      if (await isSo()) return;
      await this.pass(500);
    }
    assert(await isSo(), `it is not so after ${maxMs} ms`);
  }

  /** Names of the nodes where the block belongs: the k closest and the relay, as everybody sees who sees all. */
  replicaNames(key: Key): string[] {
    const sorted = [...this.live].sort((a, b) => compareDistance(key, a.contact.nodeId, b.contact.nodeId));
    const names = sorted.slice(0, this.#descriptor.k).map(({ name }) => name);
    const relay = this.live.find(({ name }) => name === 'relay');
    return [...new Set(relay ? [...names, relay.name] : names)].sort();
  }

  /** Names of live nodes with the block's bytes on disk. */
  async holderNames(key: Key): Promise<string[]> {
    const names: string[] = [];
    for (const { name, disk } of this.live)
      if (await namespace(disk, 'storage').get(dataKey(placeOf('block', key)))) names.push(name);
    return names.sort();
  }

  /** Whether every replica of the block has it. */
  async isWhole(key: Key): Promise<boolean> {
    const holders = new Set(await this.holderNames(key));
    return this.replicaNames(key).every((name) => holders.has(name));
  }

  nameOf(nodeId: Key): string | undefined {
    return this.live.find(({ contact }) => idText(contact.nodeId) === idText(nodeId))?.name;
  }

  async stop(): Promise<void> {
    for (const { name } of [...this.live]) await this.kill(name);
  }
}
