/** A ring of real overlays over the network in memory, each with multicast, for tests of the driver. */
import { VirtualClock } from '../../../src/adapters/memory/clock.ts';
import { MemoryHub } from '../../../src/adapters/memory/network.ts';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { memoryVault } from '../../../src/adapters/memory/vault.ts';
import { assert } from '../../../src/core/codec/assert.ts';
import type { Bytes } from '../../../src/core/codec/bytes.ts';
import type { Clock } from '../../../src/core/codec/clock.ts';
import { Counters } from '../../../src/core/codec/counters.ts';
import { idText, type Key, type NodeId } from '../../../src/core/codec/id.ts';
import type { Role } from '../../../src/core/identity/certificates.ts';
import type { Vault } from '../../../src/core/identity/vault.ts';
import { decodeMessage, MULTICAST_SERVICE } from '../../../src/core/multicast/messages.ts';
import type { Gap, Multicast, Policy } from '../../../src/core/multicast/multicast.ts';
import { createMulticast, type MulticastNode } from '../../../src/core/multicast/multicast-node.ts';
import { anycastRequest } from '../../../src/core/multicast/requests.ts';
import { openPolicy } from '../../../src/core/multicast/policies.ts';
import type { Contact } from '../../../src/core/overlay/contact.ts';
import { overlayCodec } from '../../../src/core/overlay/messages.ts';
import type { Network } from '../../../src/core/overlay/network.ts';
import { createOverlay, type OverlayNode } from '../../../src/core/overlay/overlay-node.ts';
import { createTestRing, type TestRing } from '../../support/ring.ts';
import { turn } from '../../support/turn.ts';

export interface RingNode {
  readonly name: string;
  readonly contact: Contact;
  readonly overlay: OverlayNode;
  readonly multicast: MulticastNode;
  readonly vault: Vault;
  readonly counters: Counters;
  /** What came to its listener. */
  readonly heard: Multicast[];
  readonly gaps: Gap[];
}

export class MulticastRing {
  readonly clock = new VirtualClock();
  readonly ring: TestRing;
  readonly hub: MemoryHub;
  readonly nodes: RingNode[] = [];
  /** Copies of multicasts on links, with their overlay's envelope. */
  copies = 0;
  copyBytes = 0;
  /** Numbers that children chose, by child, parent and group. */
  readonly channels = new Map<string, number>();

  private constructor(ring: TestRing) {
    this.ring = ring;
    this.hub = new MemoryHub({ clock: this.clock, trust: ring.trust });
  }

  /** A relay and tabs, all ready. */
  static async of(tabs: number, seed: string): Promise<MulticastRing> {
    const made = new MulticastRing(await createTestRing(seed));
    for (let i = 0; i <= tabs; i++) await made.add(i === 0 ? 'relay' : `tab${i}`, i === 0 ? 'relay' : 'tab');
    await made.pass(3_000);
    return made;
  }

  /** A new node that joins through the first one. */
  async add(name: string, role: Role = 'tab', changes: { nodeId?: Key } = {}): Promise<RingNode> {
    const vault = memoryVault(new SeededRandom(`${name}'s keys`));
    const { keys } = await vault.begin();
    await vault.commit();
    const certificate = await this.ring.nodeCertificate(name, keys.peerKey, { role, ...changes });
    const { nodeId, peerKey } = certificate.body;
    const contact: Contact = { nodeId, peerKey, role, certificate, addresses: [] };
    const counters = new Counters(() => this.clock.now());
    const ports = { trust: this.ring.trust, clock: this.clock, random: new SeededRandom(name), counters };
    const overlay = createOverlay({ ...ports, vault, self: contact, network: this.#counting(contact) });
    const delaysMs = () => new Map<string, number>();
    const multicast = createMulticast({ ...ports, overlay, vault, delaysMs });
    const node = { name, contact, overlay, multicast, vault, counters, heard: [], gaps: [] };
    const bootstrap = this.nodes.slice(0, 1).map((other) => other.contact);
    this.nodes.push(node);
    await this.within(overlay.start(bootstrap));
    return node;
  }

  /** Joins with a listener that keeps what it hears; the result leaves. */
  join(node: RingNode, group: Key, policy: Policy = openPolicy): () => void {
    return node.multicast.join(group, policy, {
      multicast: (multicast) => void node.heard.push(multicast),
      gap: (gap) => void node.gaps.push(gap),
    });
  }

  /** The same node's multicast anew, as after a restart, with a clock that is `offsetMs` away. */
  reborn({ overlay, vault, counters }: RingNode, offsetMs: number): MulticastNode {
    const { clock } = this;
    const shifted: Clock = {
      now: () => clock.now() + offsetMs,
      after: (ms, action) => clock.after(ms, action),
    };
    const random = new SeededRandom('reborn');
    const ports = { trust: this.ring.trust, clock: shifted, random, counters, delaysMs: () => new Map() };
    return createMulticast({ ...ports, overlay, vault });
  }

  /** An anycast's first step, signed or not. */
  anycast({ contact }: RingNode, group: Key, payload: Bytes, signature: Bytes): Bytes {
    const { certificate, nodeId } = contact;
    const at = this.clock.now();
    const said = { v: 1, group, payload, at, signature, certificate } as const;
    return anycastRequest.encode({ ...said, visited: [nodeId], timeoutMs: 5_000 });
  }

  /** The number by which a child knows the group, as its parent saw it. */
  channel(parent: RingNode, child: RingNode, group: Key): number {
    const found = this.channels.get(
      [idText(child.contact.nodeId), idText(parent.contact.nodeId), idText(group)].join(),
    );
    assert(found !== undefined, 'the child has joined this parent');
    return found;
  }

  /** The node ends without a word. */
  kill(node: RingNode): void {
    this.hub.kill(node.contact.nodeId);
    node.multicast.stop();
    this.nodes.splice(this.nodes.indexOf(node), 1);
  }

  async stop(): Promise<void> {
    for (const { multicast } of this.nodes) multicast.stop();
    await this.within(Promise.all(this.nodes.map(({ overlay }) => overlay.leave())));
  }

  pass(ms: number): Promise<void> {
    return this.clock.advanceAsync(ms, turn);
  }

  /** Lets virtual time pass until the promise is settled. */
  async within<T>(promise: Promise<T>, ms = 30_000): Promise<T> {
    let settled = false;
    const done = promise.finally(() => (settled = true));
    done.catch(() => undefined);
    for (let passed = 0; !settled && passed < ms; passed += 20) await this.pass(20);
    assert(settled, 'the promise settles in time');
    return done;
  }

  /** Lets virtual time pass until the condition holds. */
  async until(condition: () => boolean, ms = 60_000): Promise<void> {
    for (let passed = 0; !condition() && passed < ms; passed += 50) await this.pass(50);
    assert(condition(), 'the condition holds in time');
  }

  /** The node that is root of a group, and says so. */
  root(group: Key): RingNode {
    const roots = this.nodes.filter(({ multicast }) => multicast.place(group)?.root);
    assert(roots.length === 1, `there are ${roots.length} roots`);
    return roots[0]!;
  }

  /** Whether every node of the tree has a parent in it that knows it, but the root. */
  isWhole(group: Key): boolean {
    const places = new Map(
      this.nodes.flatMap(({ contact, multicast }) => {
        const place = multicast.place(group);
        return place ? [[idText(contact.nodeId), place] as const] : [];
      }),
    );
    let roots = 0;
    for (const [name, { root, parent }] of places) {
      if (root) roots++;
      else if (!parent || !places.get(idText(parent))?.children.some((child) => idText(child) === name))
        return false;
    }
    return roots === 1;
  }

  #counting(contact: Contact): Network {
    const network = this.hub.network(contact);
    const count = (to: NodeId, message: Bytes): void => {
      const decoded = overlayCodec.decode(message);
      if (!decoded.ok || decoded.value.m.type !== 'tell' || decoded.value.m.service !== MULTICAST_SERVICE)
        return;
      const told = decodeMessage(decoded.value.m.body);
      if (!told.ok) return;
      if (told.value.type === 'join') {
        const names = [contact.nodeId, to, told.value.group].map(idText);
        this.channels.set(names.join(), told.value.channel);
      }
      if (told.value.type !== 'data') return;
      this.copies++;
      this.copyBytes += message.length;
    };
    return {
      self: network.self,
      start: (handlers) => network.start(handlers),
      connect: (to) => network.connect(to),
      send: (to, message, lane) => {
        count(to, message);
        return network.send(to, message, lane);
      },
      close: (nodeId, reason) => network.close(nodeId, reason),
      links: () => network.links(),
      stop: () => network.stop(),
    };
  }
}
