/**
 * Drops what may go, a little at a time. A block that no lease protects any more needs no copies: before it goes, the others of
 * its replica set are asked whether they know a lease that this node has missed. A surplus copy under leases goes only when the
 * disk is nearly full, and when k replicas have proved that they hold the block.
 */
import { equalBytes, type Bytes } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import type { Counters } from '../codec/counters.ts';
import { idText, type Key, type NodeId } from '../codec/id.ts';
import { randomBelow, type Random } from '../crypto/random.ts';
import { OverlayError, type Overlay } from '../overlay/overlay.ts';
import type { BlockStore } from './block-store.ts';
import { indexKey, placeOf } from './layout.ts';
import { BadAnswer } from './peer-answers.ts';
import type { Peers } from './peers.ts';
import { periodic, type Periodic } from './periodic.ts';
import { PROOF_NONCE_BYTES, proves } from './proof.ts';
import { firstOf, type ReplicaSets, type Target } from './replica-set.ts';
import { StorageError } from './storage.ts';

export interface GarbageOptions {
  readonly overlay: Overlay;
  readonly blocks: BlockStore;
  readonly sets: ReplicaSets;
  readonly peers: Peers;
  readonly clock: Clock;
  readonly random: Random;
  readonly counters: Counters;
}

/** The first round comes within 5 min, then one every 10 min. */
export const FIRST_MS_MAX = 5 * 60_000;
export const PAUSE_MS = 10 * 60_000;
/** Blocks that are looked at in one round, those without a lease that are dealt with, and surplus ones. */
export const LOOKED_MAX = 512;
export const LAPSED_MAX = 32;
export const SURPLUS_MAX = 8;
const PAGE = 128;

export class GarbageCollector {
  readonly #options: GarbageOptions;
  readonly #periodic: Periodic;
  #cursor: Bytes | undefined;

  constructor(options: GarbageOptions) {
    this.#options = options;
    const { clock, random, counters } = options;
    // Each session begins somewhere else: short ones get round as well.
    this.#cursor = indexKey(placeOf('block', random.bytes(32)));
    const firstMs = randomBelow(random, FIRST_MS_MAX);
    const failed = (error: unknown): void => {
      counters.refused('storage', { code: 'garbage-round', reason: String(error) });
    };
    this.#periodic = periodic(clock, { firstMs, pauseMs: PAUSE_MS }, () => this.#round(), failed);
  }

  stop(): Promise<void> {
    return this.#periodic.stop();
  }

  async #round(): Promise<void> {
    const { overlay, blocks } = this.#options;
    if (!overlay.ready) return;
    const isPressed = blocks.isNearlyFull();
    // From the place in the middle to the end, and once round.
    let [lapsed, surplus, ends] = [0, 0, 0];
    for (let looked = 0; looked < LOOKED_MAX && lapsed < LAPSED_MAX; looked += PAGE) {
      const { things, next } = await blocks.blockPage(this.#cursor, PAGE);
      for (const { place, index } of things) {
        if (index.pinned || !index.inserted) continue;
        if (await blocks.isLapsed(place.key)) {
          lapsed += 1;
          await this.#tried(() => this.#collect(place.key));
        } else if (isPressed && !index.damaged && surplus < SURPLUS_MAX) {
          surplus += 1;
          await this.#tried(() => this.#dropSurplus(place.key));
        }
      }
      this.#cursor = next;
      if (next === undefined && ++ends === 2) break;
    }
  }

  /** All others of the replica set have to say that they know no lease: who is silent may know one. */
  async #collect(key: Key): Promise<void> {
    const { sets, peers, blocks, counters } = this.#options;
    const set = await sets.of(key);
    const others = firstOf(set).filter((target) => !sets.isSelf(target));
    if (others.length === 0 || set.unasked > 0) return;
    const known = await Promise.all(others.map((target) => peers.leases(target, key)));
    await blocks.putLeases(known.flat().filter(({ body }) => equalBytes(body.key, key)));
    counters.add((await blocks.collect(key)) ? 'storage.collected' : 'storage.lease-learnt');
  }

  /** Only replicas' proofs count, and no replica drops: so no two that trust in each other both let go. */
  async #dropSurplus(key: Key): Promise<void> {
    const { sets, blocks, counters } = this.#options;
    const set = await sets.of(key);
    if (firstOf(set).some((target) => sets.isSelf(target))) return;
    const proofs = await Promise.all(
      firstOf(set).map((target) => this.#tried(() => this.#hasProved(target, key))),
    );
    // A full replica cannot prove it itself: another node holds its copy, which may be this one.
    const unproved = firstOf(set).filter((_, i) => proofs[i] !== true);
    const holders = await this.#holdersFor(unproved, key);
    if (holders === undefined) return;
    const names = new Set(firstOf(set).map(({ nodeId }) => idText(nodeId)));
    const further = holders.filter((holder) => !names.has(idText(holder)));
    const proved = proofs.length - unproved.length;
    if (proved + (await this.#provedBy(further, key)) < set.k) return;
    if (await blocks.dropSurplus(key)) counters.add('storage.surplus-dropped');
  }

  /** Who holds the block in place of these replicas. Undefined: this node does, or may: one of them has not said. */
  async #holdersFor(replicas: readonly Target[], key: Key): Promise<readonly NodeId[] | undefined> {
    const { overlay, peers } = this.#options;
    const holders = new Map<string, NodeId>();
    for (const replica of replicas) {
      const said = await this.#tried(async () => ({ holder: await peers.holder(replica, key) }));
      if (said === undefined) return undefined;
      if (said.holder === undefined) continue;
      if (equalBytes(said.holder, overlay.self.nodeId)) return undefined;
      holders.set(idText(said.holder), said.holder);
    }
    return [...holders.values()];
  }

  /** How many of these, each a holder in place of a full replica, prove that they have it. */
  async #provedBy(holders: readonly NodeId[], key: Key): Promise<number> {
    let proved = 0;
    for (const holder of holders) {
      const contact = this.#options.overlay.contact(holder);
      if (contact !== undefined && (await this.#tried(() => this.#hasProved(contact, key))) === true)
        proved += 1;
    }
    return proved;
  }

  async #hasProved(target: Target, key: Key): Promise<boolean> {
    const { random, peers, blocks } = this.#options;
    const block = await blocks.getBlock(key);
    const nonce = random.bytes(PROOF_NONCE_BYTES);
    const [proof] = await peers.prove(target, nonce, [key]);
    return block !== undefined && !!proof && (await proves(proof, nonce, target.peerKey, block));
  }

  /** What peers and the network fail to do comes again in a later round; the disk's failures end this one. */
  async #tried<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      const expected =
        error instanceof OverlayError || error instanceof BadAnswer || error instanceof StorageError;
      if (!expected) throw error;
      this.#options.counters.add('storage.garbage-failed');
      return undefined;
    }
  }
}
