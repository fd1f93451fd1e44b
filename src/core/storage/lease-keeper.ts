/**
 * Keeps this member's claims alive: renews the leases of what the own user keeps, long before they end and in batches, stores
 * anew what the ring has lost meanwhile, and tells the replicas what is given up.
 */
import type { Bytes } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import type { Counters } from '../codec/counters.ts';
import { idText, type Key } from '../codec/id.ts';
import { randomBelow, type Random } from '../crypto/random.ts';
import type { Vault } from '../identity/vault.ts';
import { OverlayError, type Overlay } from '../overlay/overlay.ts';
import type { BlockStore } from './block-store.ts';
import { accountNamed, isDue, isRelease, LEASE_MS } from './lease.ts';
import { indexKey, placeOf } from './layout.ts';
import { BadAnswer, type Peers } from './peers.ts';
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
}

/** The first round comes within a minute, so that short sessions have one too; then one every 10 min. */
export const FIRST_MS_MAX = 60_000;
export const PAUSE_MS = 10 * 60_000;
/** Blocks that are looked at in one round, and blocks that are renewed in it. */
export const LOOKED_MAX = 512;
export const RENEWED_MAX = 64;
/** Blocks stored anew in one round. */
const INSERTED_MAX = 8;
const PAGE = 128;

interface Sending {
  readonly target: Target;
  readonly leases: Lease[];
}

/** What the replicas said to a lease. */
interface Heard {
  /** Others that were asked, and those of them that have block and lease. */
  asked: number;
  kept: number;
  overQuota: boolean;
}

export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  readonly #periodic: Periodic;
  #cursor: Bytes | undefined;
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

  /** Whether a replica said lately that the member stores as much as it may. */
  get isOverQuota(): boolean {
    return this.#overQuota;
  }

  /** A lease from now on, in force over all earlier ones of this member that this disk knows. */
  sign(key: Key, sizeBytes: number): Promise<Lease> {
    return this.#sign(key, sizeBytes, LEASE_MS);
  }

  /** Gives a block up: durable when resolved; the replicas hear of it in the next rounds. Rejects with StoreError. */
  async release(key: Key): Promise<void> {
    const block = await this.#options.blocks.getBlock(key);
    const known = await this.#ownLease(key);
    const sizeBytes = block?.length ?? known?.body.sizeBytes;
    if (sizeBytes === undefined) return;
    await this.#options.blocks.release(key, await this.#sign(key, sizeBytes, 0));
  }

  stop(): Promise<void> {
    return this.#periodic.stop();
  }

  async #round(): Promise<void> {
    if (!this.#options.overlay.ready) return;
    await this.#sendReleases();
    await this.#renewSome();
  }

  async #sendReleases(): Promise<void> {
    const { blocks, counters } = this.#options;
    const releases = await blocks.book.releases(RENEWED_MAX);
    for (const { lease, heard } of await this.#tell(releases)) {
      if (heard.asked === 0 || heard.kept < heard.asked) continue;
      await blocks.releaseHeard(lease);
      counters.add('storage.lease-released');
    }
  }

  async #renewSome(): Promise<void> {
    const { blocks, counters, insert } = this.#options;
    const leases = await Promise.all(
      (await this.#due()).map(({ key, sizeBytes }) => this.sign(key, sizeBytes)),
    );
    const missing: Key[] = [];
    let overQuota = false;
    for (const { lease, heard } of await this.#tell(leases)) {
      overQuota ||= heard.overQuota;
      if (heard.asked === 0 || heard.overQuota) continue;
      if (heard.kept < heard.asked) missing.push(lease.body.key);
      else {
        await blocks.markInserted(lease.body.key, lease);
        counters.add('storage.lease-renewed');
      }
    }
    if (leases.length > 0) this.#overQuota = overQuota;
    for (const key of missing.slice(0, INSERTED_MAX))
      await this.#tried(async () => {
        await insert(key);
        counters.add('storage.lease-reinserted');
      });
  }

  /** Blocks that our own user keeps and whose lease has not long to run, from where the last round stopped. */
  async #due(): Promise<readonly { readonly key: Key; readonly sizeBytes: number }[]> {
    const { blocks, clock } = this.#options;
    // By name: a round may come by the place where it began.
    const due = new Map<string, { readonly key: Key; readonly sizeBytes: number }>();
    for (let looked = 0; looked < LOOKED_MAX && due.size < RENEWED_MAX; looked += PAGE) {
      const { things, next } = await blocks.blockPage(this.#cursor, PAGE);
      for (const { place, index } of things) {
        if (!index.pinned || !index.inserted || index.damaged) continue;
        if (isDue(place.key, await this.#ownLease(place.key), clock.now()))
          due.set(idText(place.key), { key: place.key, sizeBytes: index.sizeBytes });
      }
      const wrapped = next === undefined && this.#cursor === undefined;
      this.#cursor = next;
      if (wrapped) break;
    }
    return [...due.values()];
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
      heard.set(idText(key), { asked: targets.length, kept: 0, overQuota: false });
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
      for (const [j, lease] of batch.entries()) note(heard.get(idText(lease.body.key))!, lease, answers?.[j]);
    }
  }

  async #sign(key: Key, sizeBytes: number, lengthMs: number): Promise<Lease> {
    const { clock, vault, overlay } = this.#options;
    const { certificate, peerKey } = overlay.self;
    const known = await this.#ownLease(key);
    const at = Math.max(clock.now(), (known?.body.at ?? 0) + 1);
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
function note(heard: Heard, { body }: Lease, answer: LeaseAnswer | undefined): void {
  const isHeard = isRelease(body) ? answer !== undefined : answer === 'kept' || answer === 'crowded';
  if (isHeard) heard.kept += 1;
  if (answer === 'over-quota') heard.overQuota = true;
}
