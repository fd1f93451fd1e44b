/**
 * A full node has others hold what it should hold, and keeps a pointer to each (PAST §3.3). Who stores gets the receipt of the node
 * that really holds the block; who reads, claims or asks for leases is served through the pointer; a pointer that leads nowhere goes.
 */
import { equalBytes, type Bytes } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import type { Counters } from '../codec/counters.ts';
import { idText, type Key, type NodeId } from '../codec/id.ts';
import { randomBelow, type Random } from '../crypto/random.ts';
import type { NodeCertificate } from '../identity/certificates.ts';
import type { Contact } from '../overlay/contact.ts';
import { OverlayError, type Overlay } from '../overlay/overlay.ts';
import type { BlockStore } from './block-store.ts';
import {
  diversionOrder,
  DIVERSIONS_TRIED_MAX,
  REGION_NODES,
  REGIONS_MAX,
  regionOf,
} from './diversion-order.ts';
import { Exclusive, Limiter } from './exclusive.ts';
import { BadAnswer, type FoundBlock } from './peer-answers.ts';
import type { Peers } from './peers.ts';
import { periodic, type Periodic } from './periodic.ts';
import { type Pointer, type Pointers } from './pointers.ts';
import { firstOf, type ReplicaSets, type Target } from './replica-set.ts';
import type { Elsewhere } from './service.ts';
import { StorageError, type Receipt } from './storage.ts';
import type { Lease, LeaseAnswer } from './wire.ts';

/** How long a node that was full is not asked again, and how many such nodes are remembered. */
export const FULL_MS = 5 * 60_000;
const FULL_MAX = 1_024;
/** Blocks that are diverted at once. */
const AT_ONCE = 4;
/** The first look at pointers comes within 5 min, then one every 10 min, at so many. */
const FIRST_MS_MAX = 5 * 60_000;
const PAUSE_MS = 10 * 60_000;
const LOOKED_MAX = 64;
/** A holder that is not heard for so long is given up: 7 days. */
export const SILENT_MS = 7 * 24 * 60 * 60_000;

export interface DiversionOptions {
  readonly overlay: Overlay;
  readonly blocks: BlockStore;
  readonly pointers: Pointers;
  readonly sets: ReplicaSets;
  readonly peers: Peers;
  readonly clock: Clock;
  readonly random: Random;
  readonly counters: Counters;
}

/** A block that another node holds for this one. */
export interface Diverted {
  readonly receipt: Receipt;
  /** Of the node that signed the receipt. */
  readonly holder: NodeCertificate;
}

export class Diversion implements Elsewhere {
  readonly #options: DiversionOptions;
  readonly #limiter = new Limiter(AT_ONCE);
  /** Of one block there is one holder: two who store it at once, or a round meanwhile, would leave a copy that nobody points to. */
  readonly #exclusive = new Exclusive();
  /** Names of blocks that are just being sent: until the holder has answered, nobody knows whether it has them. */
  readonly #sending = new Set<string>();
  readonly #periodic: Periodic;
  /** By name: nodes that were full. */
  readonly #fullUntil = new Map<string, number>();
  #cursor: Bytes | undefined;

  constructor(options: DiversionOptions) {
    this.#options = options;
    const { clock, random, counters } = options;
    const failed = (error: unknown): void =>
      counters.refused('storage', { code: 'pointer-round', reason: String(error) });
    const times = { firstMs: randomBelow(random, FIRST_MS_MAX), pauseMs: PAUSE_MS };
    this.#periodic = periodic(clock, times, () => this.#lookAfter(), failed);
  }

  stop(): Promise<void> {
    return this.#periodic.stop();
  }

  /** Blocks that others hold for this node. */
  get count(): number {
    return this.#options.pointers.count;
  }

  /** Whether somebody holds it for this node. A pointer that was written before the holder had the block is no word on that: it is asked. */
  async has(key: Key): Promise<boolean> {
    const pointer = await this.#options.pointers.of(key);
    if (pointer?.unheard !== true) return pointer !== undefined;
    if (this.#sending.has(idText(key))) return false;
    return (await this.#tried(() => this.#options.peers.has(pointer, key)))?.value === true;
  }

  /** The node that holds it for this one, or that may. */
  async holder(key: Key): Promise<NodeId | undefined> {
    return (await this.#options.pointers.of(key))?.nodeId;
  }

  /** Has somebody else hold a block; without `block`, only one that somebody holds already. Undefined: nobody does. */
  put(key: Key, block: Bytes | null, leases: readonly Lease[]): Promise<Diverted | undefined> {
    const name = idText(key);
    return this.#exclusive.run(name, () =>
      this.#limiter.run(async () => {
        const known = await this.#options.pointers.of(key);
        if (known !== undefined) {
          const claimed = await this.#claim(key, known, leases);
          if (claimed !== undefined) return claimed;
        }
        if (block === null) return undefined;
        this.#sending.add(name);
        return this.#divert(key, block, leases).finally(() => this.#sending.delete(name));
      }),
    );
  }

  /** The block, from whoever holds it for this node. */
  async get(key: Key): Promise<FoundBlock | undefined> {
    const pointer = await this.#options.pointers.of(key);
    if (pointer === undefined) return undefined;
    const found = await this.#tried(() => this.#options.peers.getCopy(pointer, key));
    const isLost = found !== undefined && found.value === undefined;
    if (isLost && !this.#sending.has(idText(key))) await this.#drop(key, pointer);
    return found?.value;
  }

  /** What the holder says to a lease; undefined: there is no pointer, or no answer. */
  async putLease(lease: Lease): Promise<LeaseAnswer | undefined> {
    const pointer = await this.#options.pointers.of(lease.body.key);
    if (pointer === undefined) return undefined;
    const answers = await this.#tried(() => this.#options.peers.putLeases(pointer, [lease]));
    return answers?.value[0];
  }

  /** The leases that the holder knows. Rejects when it does not say: nobody may take that for none. */
  async leases(key: Key): Promise<readonly Lease[]> {
    const pointer = await this.#options.pointers.of(key);
    return pointer === undefined ? [] : this.#options.peers.leases(pointer, key);
  }

  async #claim(key: Key, pointer: Pointer, leases: readonly Lease[]): Promise<Diverted | undefined> {
    const { peers, pointers, clock } = this.#options;
    const holder = await this.#certificateOf(pointer);
    if (holder === undefined) return undefined;
    const claimed = await this.#tried(() => peers.claimCopy(pointer, key, leases));
    if (claimed === undefined) return undefined;
    if (claimed.value === undefined) {
      await this.#drop(key, pointer);
      return undefined;
    }
    await pointers.set(key, heard(pointer, clock.now()));
    return { receipt: claimed.value, holder };
  }

  async #divert(key: Key, block: Bytes, leases: readonly Lease[]): Promise<Diverted | undefined> {
    const { overlay, sets, pointers, counters } = this.#options;
    if (!pointers.hasRoom || !overlay.ready) return undefined;
    const set = await this.#tried(() => sets.near(key));
    if (set === undefined) return undefined;
    const self = overlay.self.nodeId;
    for (let region = -1; region < REGIONS_MAX; region++) {
      const nodes = await this.#nodesOf(key, region);
      for (const node of this.#withRoom(diversionOrder(self, nodes, firstOf(set.value), key))) {
        const diverted = await this.#ask(node, key, block, leases);
        if (diverted !== undefined) return diverted;
      }
    }
    counters.add('storage.diversion-failed');
    return undefined;
  }

  /** The own neighbourhood, then others. */
  async #nodesOf(key: Key, region: number): Promise<readonly Contact[]> {
    const { overlay } = this.#options;
    if (region < 0) return overlay.leafSet();
    const found = await this.#tried(() => overlay.lookup(regionOf(overlay.self.nodeId, key, region)));
    return found?.value.nearest.slice(0, REGION_NODES) ?? [];
  }

  #withRoom(nodes: readonly Contact[]): readonly Contact[] {
    const now = this.#options.clock.now();
    const isFull = ({ nodeId }: Contact): boolean => (this.#fullUntil.get(idText(nodeId)) ?? 0) > now;
    return nodes.filter((node) => !isFull(node)).slice(0, DIVERSIONS_TRIED_MAX);
  }

  /**
   * The pointer is written first: whichever of the two nodes dies, no copy is without one. Who holds the block already is not asked:
   * then there would be one copy where two are counted.
   */
  async #ask(
    { nodeId, peerKey, certificate }: Contact,
    key: Key,
    block: Bytes,
    leases: readonly Lease[],
  ): Promise<Diverted | undefined> {
    const { peers, pointers, clock, counters } = this.#options;
    const target = { nodeId, peerKey };
    const offered = await this.#tried(() =>
      peers.offer(target, [{ kind: 'block', key, version: 0, held: key }]),
    );
    if (offered?.value[0] === 'full') this.#noteFull(target);
    if (offered?.value[0] !== 'want') return undefined;
    const pointer: Pointer = { v: 1, nodeId, peerKey, at: clock.now(), unheard: true };
    await pointers.set(key, pointer);
    const put = await this.#tried(() => peers.putCopy(target, key, block, leases));
    // It may have it all the same: a round finds out, unless the next node gets the pointer.
    if (put === undefined) return undefined;
    await pointers.set(key, heard(pointer, clock.now()));
    counters.add('storage.diverted');
    return { receipt: put.value, holder: certificate };
  }

  #noteFull({ nodeId }: Target): void {
    if (this.#fullUntil.size >= FULL_MAX) this.#fullUntil.delete(this.#fullUntil.keys().next().value!);
    this.#fullUntil.set(idText(nodeId), this.#options.clock.now() + FULL_MS);
  }

  /** A holder elsewhere in the ring is mostly nobody that this node knows, after a restart above all. */
  async #certificateOf({ nodeId }: Pointer): Promise<NodeCertificate | undefined> {
    const { overlay } = this.#options;
    const known = overlay.contact(nodeId);
    if (known !== undefined) return known.certificate;
    const found = await this.#tried(() => overlay.lookup(nodeId));
    return found?.value.nearest.find((node) => equalBytes(node.nodeId, nodeId))?.certificate;
  }

  async #lookAfter(): Promise<void> {
    if (!this.#options.overlay.ready) return;
    const { keys, next } = await this.#options.pointers.page(this.#cursor, LOOKED_MAX);
    this.#cursor = next;
    for (const key of keys) await this.#exclusive.run(idText(key), () => this.#lookAt(key));
  }

  /** Takes the block home when there is room; else the holder has to have it still. */
  async #lookAt(key: Key): Promise<void> {
    const { blocks, pointers, peers, clock, counters } = this.#options;
    const pointer = await pointers.of(key);
    if (pointer === undefined) return;
    if ((await blocks.hasBlock(key)) || !(await this.#isOurs(key))) return this.#drop(key, pointer);
    if (!blocks.isNearlyFull() && (await blocks.hasRoomForBlock())) {
      const found = await this.get(key);
      if (found === undefined || !(await blocks.putBlock(key, found.block, found.leases)).ok) return;
      counters.add('storage.taken-home');
      return this.#drop(key, pointer);
    }
    const has = await this.#tried(() => peers.has(pointer, key));
    if (has?.value === false || (has === undefined && clock.now() > pointer.at + SILENT_MS))
      return this.#drop(key, pointer);
    if (has !== undefined) await pointers.set(key, heard(pointer, clock.now()));
  }

  /** Whether this node is still one of the block's replicas; when nobody can tell just now, it is. */
  async #isOurs(key: Key): Promise<boolean> {
    const { sets } = this.#options;
    const set = await this.#tried(() => sets.near(key));
    return set === undefined || firstOf(set.value).some((target) => sets.isSelf(target));
  }

  async #drop(key: Key, { nodeId }: Pointer): Promise<void> {
    if (await this.#options.pointers.drop(key, nodeId)) this.#options.counters.add('storage.pointer-dropped');
  }

  /** Undefined: a peer or the network failed. The disk's failures are the caller's. */
  async #tried<T>(work: () => Promise<T>): Promise<{ readonly value: T } | undefined> {
    try {
      return { value: await work() };
    } catch (error) {
      const expected =
        error instanceof OverlayError || error instanceof BadAnswer || error instanceof StorageError;
      if (!expected) throw error;
      return undefined;
    }
  }
}

/** The holder has just said that it has the block. */
function heard({ nodeId, peerKey }: Pointer, at: number): Pointer {
  return { v: 1, nodeId, peerKey, at };
}
