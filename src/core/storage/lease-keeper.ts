/**
 * Keeps this member's claims alive: renews the leases of what the own user keeps, long before they end and in batches, stores
 * anew what the ring has lost meanwhile, and tells the replicas what is given up.
 */
import { equalBytes, type Bytes } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import type { Counters } from '../codec/counters.ts';
import { idText, type Key } from '../codec/id.ts';
import { randomBelow, type Random } from '../crypto/random.ts';
import type { Vault } from '../identity/vault.ts';
import { OverlayError, type Overlay } from '../overlay/overlay.ts';
import type { BlockStore } from './block-store.ts';
import type { Claimed } from './claims.ts';
import { accountNamed, isDue, isRelease, LEASE_MS } from './lease.ts';
import { indexKey, placeOf } from './layout.ts';
import { BadAnswer } from './peer-answers.ts';
import type { Peers } from './peers.ts';
import { periodic, type Periodic } from './periodic.ts';
import { firstOf, type ReplicaSets, type Target } from './replica-set.ts';
import { StorageError } from './storage.ts';
import { LEASE_BATCH_MAX, type Lease, type LeaseAnswer } from './wire.ts';

export interface LeaseKeeperOptions {
  readonly overlay: Overlay;
  readonly blocks: BlockStore;
  readonly sets: ReplicaSets;
  readonly peers: Peers;
  readonly vault: Pick<Vault, 'sign'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly counters: Counters;
  /** Stores a block anew, with a lease. Rejects with StorageError. */
  readonly insert: (key: Key) => Promise<unknown>;
  /** The member stores as much as it may, or does no longer. */
  readonly overQuotaChanged?: ((is: boolean) => void) | undefined;
}

/** The first round comes within a minute, so that short sessions have one too; then one every 10 min. */
export const FIRST_MS_MAX = 60_000;
export const PAUSE_MS = 10 * 60_000;
/** After a round that had more to do than it may: 1 min. */
export const BUSY_PAUSE_MS = 60_000;
/** Blocks that are looked at in one round, and blocks that are renewed in it. */
export const LOOKED_MAX = 512;
export const RENEWED_MAX = 64;
/** Blocks stored anew in one round. */
const INSERTED_MAX = 8;
const PAGE = 128;
/** Refused claims that are remembered: one is enough to say so. */
const REFUSED_MAX = 256;

interface Sending {
  readonly target: Target;
  readonly leases: Lease[];
}

/** What the replicas said to a lease. */
interface Heard {
  /** Others that were asked, and those of them that have block and lease. */
  asked: number;
  kept: number;
  /** Those that refused it as over quota, and whether that is believed: of one that sees all, or of two. */
  overQuota: number;
  isOverQuota: boolean;
}

/** A lease that is to be renewed. */
interface Due extends Claimed {
  readonly isHere: boolean;
}

export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  readonly #periodic: Periodic;
  #cursor: Bytes | undefined;
  #claimCursor: Bytes | undefined;
  #urgentCursor: Bytes | undefined;
  /** Blocks of which a claim was refused, since the member stores as much as it may. */
  readonly #refused = new Map<string, Key>();
  #overQuota = false;

  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
    const { clock, random, counters } = options;
    // Each session begins somewhere else: short ones get round as well.
    this.#cursor = indexKey(placeOf('block', random.bytes(32)));
    const firstMs = randomBelow(random, FIRST_MS_MAX);
    const failed = (error: unknown): void => {
      counters.refused('storage', { code: 'lease-round', reason: String(error) });
    };
    this.#periodic = periodic(clock, { firstMs, pauseMs: PAUSE_MS }, () => this.#round(), failed);
  }

  /** Whether the ring refuses claims of the member, since it stores as much as it may. */
  get isOverQuota(): boolean {
    return this.#overQuota;
  }

  /** A lease from now on, in force over all earlier ones of this member that this disk knows. */
  sign(key: Key, sizeBytes: number): Promise<Lease> {
    return this.#sign(key, sizeBytes, LEASE_MS);
  }

  /** Gives a block up: durable when resolved; the replicas hear of it in the next rounds. False: the disk is full. Rejects with StoreError. */
  async release(key: Key): Promise<boolean> {
    const { blocks } = this.#options;
    const block = await blocks.getBlock(key);
    const known = (await this.#ownLease(key))?.body ?? (await blocks.claims.of(key));
    const sizeBytes = block?.length ?? known?.sizeBytes;
    if (sizeBytes === undefined) return true;
    return (await blocks.claims.release(key, await this.#sign(key, sizeBytes, 0))).ok;
  }

  stop(): Promise<void> {
    return this.#periodic.stop();
  }

  /** The sooner the next one, when this one could not do all. */
  async #round(): Promise<number> {
    if (!this.#options.overlay.ready) return PAUSE_MS;
    const released = await this.#sendReleases();
    const renewed = await this.#renewSome();
    return Math.max(released, renewed) >= RENEWED_MAX ? BUSY_PAUSE_MS : PAUSE_MS;
  }

  async #sendReleases(): Promise<number> {
    const { blocks, counters } = this.#options;
    const releases = await blocks.book.releases(RENEWED_MAX);
    for (const { lease, heard } of await this.#tell(releases)) {
      if (heard.asked === 0 || heard.kept < heard.asked) continue;
      await blocks.claims.released(lease);
      counters.add('storage.lease-released');
    }
    return releases.length;
  }

  async #renewSome(): Promise<number> {
    const { blocks } = this.#options;
    const due = await this.#due();
    const leases = await Promise.all(due.map(({ key, sizeBytes }) => this.sign(key, sizeBytes)));
    const missing: Key[] = [];
    for (const [i, { lease, heard }] of (await this.#tell(leases)).entries()) {
      if (heard.isOverQuota) this.#noteRefused(lease.body.key);
      if (heard.asked === 0 || heard.overQuota > 0) continue;
      this.#refused.delete(idText(lease.body.key));
      // Of what is not here, one replica that has it is enough: whoever hands the block on hands on the lease as well.
      if (due[i]!.isHere ? heard.kept < heard.asked : heard.kept === 0) missing.push(lease.body.key);
      else {
        await blocks.claims.told(lease);
        this.#options.counters.add('storage.lease-renewed');
      }
    }
    await this.#tellOverQuota();
    for (const key of missing.slice(0, INSERTED_MAX)) await this.#tried(() => this.#storeAnew(key));
    return leases.length;
  }

  async #storeAnew(key: Key): Promise<void> {
    const { blocks, counters, insert } = this.#options;
    await insert(key);
    const lease = await this.#ownLease(key);
    if (lease !== undefined && !isRelease(lease.body)) await blocks.claims.told(lease);
    counters.add('storage.lease-reinserted');
  }

  #noteRefused(key: Key): void {
    if (this.#refused.size < REFUSED_MAX) this.#refused.set(idText(key), key);
  }

  /** What was given up meanwhile is refused no more. */
  async #tellOverQuota(): Promise<void> {
    const { blocks, overQuotaChanged } = this.#options;
    for (const [name, key] of this.#refused) if (!(await blocks.isWanted(key))) this.#refused.delete(name);
    const is = this.#refused.size > 0;
    if (is === this.#overQuota) return;
    this.#overQuota = is;
    overQuotaChanged?.(is);
  }

  /** Claims to be told anew, then those whose lease has not long to run, from where the last round stopped. */
  async #due(): Promise<readonly Due[]> {
    const { claims } = this.#options.blocks;
    // By name: a round may come by the place where it began.
    const due = new Map<string, Due>();
    const urgent = await claims.urgent(this.#urgentCursor, RENEWED_MAX);
    this.#urgentCursor = urgent.next;
    for (const claim of urgent.claims) due.set(idText(claim.key), await this.#placed(claim));
    await this.#duePinned(due);
    await this.#dueClaims(due);
    return [...due.values()];
  }

  async #duePinned(due: Map<string, Due>): Promise<void> {
    const { blocks, clock } = this.#options;
    for (let looked = 0; looked < LOOKED_MAX && due.size < RENEWED_MAX; looked += PAGE) {
      const { things, next } = await blocks.blockPage(this.#cursor, PAGE);
      for (const { place, index } of things) {
        if (!index.pinned || !index.inserted || index.damaged) continue;
        const { key } = place;
        if (isDue(key, await this.#ownLease(key), clock.now()))
          due.set(idText(key), { key, sizeBytes: index.sizeBytes, isHere: true });
      }
      const wrapped = next === undefined && this.#cursor === undefined;
      this.#cursor = next;
      if (wrapped) break;
    }
  }

  async #dueClaims(due: Map<string, Due>): Promise<void> {
    const { blocks, clock } = this.#options;
    for (let looked = 0; looked < LOOKED_MAX && due.size < RENEWED_MAX; looked += PAGE) {
      const { claims, next } = await blocks.claims.page(this.#claimCursor, PAGE);
      for (const claim of claims)
        if (isDue(claim.key, await this.#ownLease(claim.key), clock.now()))
          due.set(idText(claim.key), await this.#placed(claim));
      const wrapped = next === undefined && this.#claimCursor === undefined;
      this.#claimCursor = next;
      if (wrapped) break;
    }
  }

  async #placed({ key, sizeBytes }: Claimed): Promise<Due> {
    return { key, sizeBytes, isHere: await this.#options.blocks.hasBlock(key) };
  }

  /** Sends each lease to the replicas of its block, many to one node in one message. */
  async #tell(
    leases: readonly Lease[],
  ): Promise<readonly { readonly lease: Lease; readonly heard: Heard }[]> {
    const { sets } = this.#options;
    const sendings = new Map<string, Sending>();
    const heard = new Map<string, Heard>();
    for (const lease of leases) {
      const { key } = lease.body;
      // Who bends the way keeps a lease from arriving; then it is not `kept` often enough, and the block is stored anew.
      const set = await this.#tried(() => sets.near(key));
      const targets = set === undefined ? [] : firstOf(set).filter((target) => !sets.isSelf(target));
      heard.set(idText(key), { asked: targets.length, kept: 0, overQuota: 0, isOverQuota: false });
      for (const target of targets) {
        const name = idText(target.nodeId);
        if (!sendings.has(name)) sendings.set(name, { target, leases: [] });
        sendings.get(name)!.leases.push(lease);
      }
    }
    for (const sending of sendings.values()) await this.#send(sending, heard);
    return leases.map((lease) => ({ lease, heard: heard.get(idText(lease.body.key))! }));
  }

  async #send({ target, leases }: Sending, heard: ReadonlyMap<string, Heard>): Promise<void> {
    for (let i = 0; i < leases.length; i += LEASE_BATCH_MAX) {
      const batch = leases.slice(i, i + LEASE_BATCH_MAX);
      const answers = await this.#tried(() => this.#options.peers.putLeases(target, batch));
      for (const [j, lease] of batch.entries()) {
        const seesAll = this.#options.sets
          .alwaysOn(lease.body.key)
          .some(({ nodeId }) => equalBytes(nodeId, target.nodeId));
        note(heard.get(idText(lease.body.key))!, lease, answers?.[j], seesAll);
      }
    }
  }

  async #sign(key: Key, sizeBytes: number, lengthMs: number): Promise<Lease> {
    const { clock, vault, overlay } = this.#options;
    const { certificate, peerKey } = overlay.self;
    const [known, released] = await Promise.all([
      this.#ownLease(key),
      this.#options.blocks.book.releaseOf(key),
    ]);
    const at = Math.max(clock.now(), (known?.body.at ?? 0) + 1, (released?.body.at ?? 0) + 1);
    const body = { v: 1 as const, key, holder: peerKey, sizeBytes, at, until: at + lengthMs };
    return { body, signature: await vault.sign('lease', body), certificate };
  }

  /** The newest that this disk knows, of any of the member's nodes. */
  #ownLease(key: Key): Promise<Lease | undefined> {
    const { blocks, overlay } = this.#options;
    return blocks.book.ofAccount(key, accountNamed(overlay.self.certificate.body.name));
  }

  /** What peers and the network fail to do comes again in a later round; the disk's failures are the caller's. */
  async #tried<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      const expected =
        error instanceof OverlayError || error instanceof BadAnswer || error instanceof StorageError;
      if (!expected) throw error;
      this.#options.counters.add('storage.lease-failed');
      return undefined;
    }
  }
}

/** Who has no room for a lease keeps the block for those who have one. A release only has to be heard. */
function note(heard: Heard, { body }: Lease, answer: LeaseAnswer | undefined, seesAll: boolean): void {
  const isHeard = isRelease(body) ? answer !== undefined : answer === 'kept' || answer === 'crowded';
  if (isHeard) heard.kept += 1;
  if (answer !== 'over-quota') return;
  heard.overQuota += 1;
  heard.isOverQuota ||= seesAll || heard.overQuota > 1;
}
