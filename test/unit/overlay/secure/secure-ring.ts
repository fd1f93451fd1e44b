/** A ring of overlays in one process, large enough that leaf sets are not the whole ring; some nodes may lie. */
import { VirtualClock } from '../../../../src/adapters/memory/clock.ts';
import { MemoryHub } from '../../../../src/adapters/memory/network.ts';
import { SeededRandom } from '../../../../src/adapters/memory/random.ts';
import type { Bytes } from '../../../../src/core/codec/bytes.ts';
import { Counters } from '../../../../src/core/codec/counters.ts';
import { compareDistance, idText, type Key, type NodeId } from '../../../../src/core/codec/id.ts';
import type { Contact } from '../../../../src/core/overlay/contact.ts';
import { overlayCodec } from '../../../../src/core/overlay/messages.ts';
import type { Lane, LinkInfo, Network, NetworkHandlers } from '../../../../src/core/overlay/network.ts';
import { createOverlay, type OverlayNode } from '../../../../src/core/overlay/overlay-node.ts';
import { createTestRing, type TestRing } from '../../../support/ring.ts';
import { peerSigner } from '../../../support/signer.ts';
import { turn } from '../../../support/turn.ts';

/** A node whose network drops, while it is told to, what it should pass on; it acknowledges it first. */
class DroppingNetwork implements Network {
  isDropping = false;
  readonly #inner: Network;

  constructor(inner: Network) {
    this.#inner = inner;
  }

  get self(): NodeId {
    return this.#inner.self;
  }

  start(handlers: NetworkHandlers): Promise<void> {
    const message = (from: NodeId, bytes: Bytes): void => {
      const id = this.isDropping ? routedIn(bytes) : undefined;
      if (id === undefined) return handlers.message(from, bytes);
      const ack = overlayCodec.encode({ v: 1, m: { type: 'ack', id, taken: true } });
      this.#inner.send(from, ack, 'control').catch(() => undefined);
    };
    return this.#inner.start({
      linkUp: (contact, direct) => handlers.linkUp(contact, direct),
      linkDown: (nodeId, reason) => handlers.linkDown(nodeId, reason),
      message,
    });
  }

  connect(contact: Contact, via?: readonly NodeId[]): Promise<void> {
    return this.#inner.connect(contact, via);
  }

  send(to: NodeId, message: Bytes, lane: Lane): Promise<void> {
    return this.#inner.send(to, message, lane);
  }

  close(nodeId: NodeId, reason: string): void {
    this.#inner.close(nodeId, reason);
  }

  links(): readonly LinkInfo[] {
    return this.#inner.links();
  }

  stop(): Promise<void> {
    return this.#inner.stop();
  }
}

/** The id of a message that is to be passed on or answered for others. */
function routedIn(bytes: Bytes): Bytes | undefined {
  const decoded = overlayCodec.decode(bytes);
  const message = decoded.ok ? decoded.value.m : undefined;
  return message?.type === 'lookup' || message?.type === 'routed-request' ? message.id : undefined;
}

export interface SecureNode {
  readonly contact: Contact;
  readonly overlay: OverlayNode;
  readonly counters: Counters;
  readonly sign: ReturnType<typeof peerSigner>['sign'];
  readonly network: DroppingNetwork;
}

export class SecureRing {
  readonly clock = new VirtualClock();
  readonly ring: TestRing;
  readonly hub: MemoryHub;
  readonly nodes: SecureNode[] = [];

  private constructor(ring: TestRing) {
    this.ring = ring;
    this.hub = new MemoryHub({ clock: this.clock, trust: ring.trust });
  }

  /** A relay and tabs, all ready. */
  static async of(tabs: number, seed: string): Promise<SecureRing> {
    const made = new SecureRing(await createTestRing(seed));
    for (let i = 0; i <= tabs; i++) await made.#add(i === 0 ? 'relay' : `tab${i}`);
    await made.clock.advanceAsync(5_000, turn);
    return made;
  }

  async #add(name: string): Promise<void> {
    const { clock, ring } = this;
    const { contact, keys } = await ring.contact(name, name === 'relay' ? 'relay' : 'tab');
    const counters = new Counters(() => clock.now());
    const vault = peerSigner(keys);
    const ports = { self: contact, trust: ring.trust, vault, clock, counters };
    const random = new SeededRandom(name);
    const network = new DroppingNetwork(this.hub.network(contact));
    const overlay = createOverlay({ ...ports, network, random });
    overlay.handle('echo', async (body) => body, { forwardable: true });
    const bootstrap = this.nodes.slice(0, 1).map((other) => other.contact);
    this.nodes.push({ contact, overlay, counters, sign: vault.sign, network });
    await this.within(overlay.start(bootstrap));
  }

  /** Live nodes, the closest to the key first. */
  closest(key: Key, count: number): NodeId[] {
    return this.nodes
      .map(({ contact }) => contact.nodeId)
      .sort((a, b) => compareDistance(key, a, b))
      .slice(0, count);
  }

  node(nodeId: NodeId): SecureNode {
    return this.nodes.find(({ contact }) => idText(contact.nodeId) === idText(nodeId))!;
  }

  /** Lets virtual time pass until the promise is settled. */
  async within<T>(promise: Promise<T>, ms = 40_000): Promise<T> {
    let settled = false;
    const done = promise.finally(() => (settled = true));
    done.catch(() => undefined);
    for (let passed = 0; !settled && passed < ms; passed += 5) await this.clock.advanceAsync(5, turn);
    if (!settled) throw new Error(`not settled after ${ms} ms`);
    return done;
  }

  async stop(): Promise<void> {
    await this.within(Promise.all(this.nodes.map(({ overlay }) => overlay.leave())));
  }
}
