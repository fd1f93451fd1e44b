/**
 * A full node has others hold what it should hold, and keeps a pointer to each (PAST §3.3). Who stores gets the receipt of the node
 * that really holds the block; who reads, claims or asks for leases is served through the pointer; a pointer that leads nowhere goes.
 */
import { equalBytes, type Bytes } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import type { Counters } from '../codec/counters.ts';
import { idText, type Key, type NodeId } from '../codec/id.ts';
import type { Random } from '../crypto/random.ts';
import type { NodeCertificate } from '../identity/certificates.ts';
import type { Contact } from '../overlay/contact.ts';
import type { Overlay } from '../overlay/overlay.ts';
import type { BlockStore } from './block-store.ts';
import { drawChallenges } from './challenges.ts';
import {
  diversionOrder,
  DIVERSIONS_TRIED_MAX,
  REGION_NODES,
  REGIONS_MAX,
  regionOf,
} from './diversion-order.ts';
import { Exclusive, Limiter } from './exclusive.ts';
import type { FoundBlock } from './peer-answers.ts';
import type { Peers } from './peers.ts';
import { PointerRounds } from './pointer-rounds.ts';
import { heard, type Pointer, type Pointers } from './pointers.ts';
import { firstOf, type ReplicaSets, type Target } from './replica-set.ts';
import type { Elsewhere } from './service.ts';
import type { Receipt } from './storage.ts';
import { tried } from './tried.ts';
import { Trust } from './trust.ts';
import type { Lease, LeaseAnswer } from './wire.ts';

/** How long a node that was full is not asked again, and how many such nodes are remembered. */
export const FULL_MS = 5 * 60_000;
const FULL_MAX = 1_024;
/** Blocks that are diverted at once. */
const AT_ONCE = 4;

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
  readonly #rounds: PointerRounds;
  readonly #trust = new Trust();
  /** By name: nodes that were full. */
  readonly #fullUntil = new Map<string, number>();

  constructor(options: DiversionOptions) {
    this.#options = options;
    this.#rounds = new PointerRounds({
      ...options,
      trust: this.#trust,
      exclusive: this.#exclusive,
      divert: (key, block, leases) => this.#divert(key, block, leases),
    });
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
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
    return (await tried(() => this.#options.peers.has(pointer, key)))?.value === true;
  }

  /** The node that holds it for this one, and was heard when it was last asked: a copy that counts. */
  liveHolder(key: Key): NodeId | undefined {
    return this.#options.pointers.liveHolder(key);
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
        return this.#divert(key, block, leases);
      }),
    );
  }

  /** The block, from whoever holds it for this node. */
  async get(key: Key): Promise<FoundBlock | undefined> {
    const { pointers } = this.#options;
    const pointer = await pointers.of(key);
    if (pointer === undefined) return undefined;
    const found = await tried(() => this.#options.peers.getCopy(pointer, key));
    const isLost = found !== undefined && found.value === undefined;
    if (isLost && !this.#sending.has(idText(key))) await pointers.drop(key, pointer.nodeId);
    return found?.value;
  }

  /** What the holder says to a lease; undefined: there is no pointer, or no answer. */
  async putLease(lease: Lease): Promise<LeaseAnswer | undefined> {
    const pointer = await this.#options.pointers.of(lease.body.key);
    if (pointer === undefined) return undefined;
    const answers = await tried(() => this.#options.peers.putLeases(pointer, [lease]));
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
    const claimed = await tried(() => peers.claimCopy(pointer, key, leases));
    if (claimed === undefined) return undefined;
    if (claimed.value === undefined) {
      await pointers.drop(key, pointer.nodeId);
      return undefined;
    }
    await pointers.set(key, heard(pointer, clock.now()));
    return { receipt: claimed.value, holder };
  }

  #divert(key: Key, block: Bytes, leases: readonly Lease[]): Promise<Diverted | undefined> {
    const name = idText(key);
    this.#sending.add(name);
    return this.#tryNodes(key, block, leases).finally(() => this.#sending.delete(name));
  }

  async #tryNodes(key: Key, block: Bytes, leases: readonly Lease[]): Promise<Diverted | undefined> {
    const { overlay, sets, pointers, counters } = this.#options;
    if (!pointers.hasRoom || !overlay.ready) return undefined;
    const set = await tried(() => sets.near(key));
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
    const found = await tried(() => overlay.lookup(regionOf(overlay.self.nodeId, key, region)));
    return found?.value.nearest.slice(0, REGION_NODES) ?? [];
  }

  #withRoom(nodes: readonly Contact[]): readonly Contact[] {
    const now = this.#options.clock.now();
    const isAble = ({ nodeId }: Contact): boolean =>
      (this.#fullUntil.get(idText(nodeId)) ?? 0) <= now && !this.#trust.isLiar(nodeId, now);
    return nodes.filter(isAble).slice(0, DIVERSIONS_TRIED_MAX);
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
    const { peers, pointers, clock, random, counters } = this.#options;
    const target = { nodeId, peerKey };
    const offered = await tried(() => peers.offer(target, [{ kind: 'block', key, version: 0, held: key }]));
    if (offered?.value[0] === 'full') this.#noteFull(target);
    if (offered?.value[0] !== 'want') return undefined;
    const pointer: Pointer = { v: 1, nodeId, peerKey, at: clock.now(), unheard: true };
    await pointers.set(key, pointer);
    const put = await tried(() => peers.putCopy(target, key, block, leases));
    // It may have it all the same: a round finds out, unless the next node gets the pointer.
    if (put === undefined) return undefined;
    const challenges = await drawChallenges(random, peerKey, block);
    const provedAt = clock.now();
    await pointers.set(key, heard({ ...pointer, challenges, provedAt }, provedAt));
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
    const found = await tried(() => overlay.lookup(nodeId));
    return found?.value.nearest.find((node) => equalBytes(node.nodeId, nodeId))?.certificate;
  }
}
