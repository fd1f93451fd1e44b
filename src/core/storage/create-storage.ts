/** Storage as one node offers it to the layers above: its own disk, its services for others, and the ring. */
import { compareBytes, type Bytes } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import type { Counters } from '../codec/counters.ts';
import { idText, type Id, type Key, type NodeId } from '../codec/id.ts';
import type { refuse } from '../codec/result.ts';
import { certificateKey, inboxKey, recordKey } from '../crypto/hash.ts';
import type { Random } from '../crypto/random.ts';
import type {
  IdentityCertificate,
  NodeCertificate,
  RingDescriptorBody,
  RingTrust,
} from '../identity/certificates.ts';
import { VaultError, type Vault } from '../identity/vault.ts';
import type { Overlay } from '../overlay/overlay.ts';
import type { AccountStatement } from './accounts.ts';
import { BlockStore } from './block-store.ts';
import type { Claimed } from './claims.ts';
import { Diversion } from './diversion.ts';
import { Limiter } from './exclusive.ts';
import { ByteLimiter, FETCH_BYTES_MAX, FETCHES_MAX, UNKNOWN_BLOCK_BYTES } from './fetching.ts';
import { readInbox, type LateEntries } from './inbox-reading.ts';
import type { InboxStore } from './inbox-store.ts';
import { GarbageCollector } from './garbage.ts';
import { StoreError, type KeyValueStore } from './key-value-store.ts';
import { accountNamed } from './lease.ts';
import { indexPrefix } from './layout.ts';
import { createMaintenance, type Maintenance } from './maintenance-driver.ts';
import { loadMirrors } from './mirror-memory.ts';
import { namespace } from './namespace.ts';
import { blockPathCache } from './path-cache.ts';
import { Peers } from './peers.ts';
import { Pointers } from './pointers.ts';
import { notThere, Reader } from './reading.ts';
import { firstOf, ReplicaSets, type Target } from './replica-set.ts';
import { LeaseKeeper } from './lease-keeper.ts';
import { createRepair } from './repair-driver.ts';
import { replicate } from './replicate.ts';
import { registerStorageServices, serviceName } from './service.ts';
import type { StorageStatistics } from './shelves.ts';
import {
  StorageError,
  type ClaimedPage,
  type FetchOptions,
  type Holder,
  type InboxEntry,
  type Receipt,
  type Storage,
  type Stored,
  type StoredRecord,
} from './storage.ts';
import { bodyHash, verifyCertificate, verifyRecord, type Held } from './verify.ts';
import type { Lease } from './wire.ts';

export interface StorageOptions {
  readonly overlay: Overlay;
  /** The node's disk; storage keeps to its own namespace in it. */
  readonly store: KeyValueStore;
  readonly vault: Pick<Vault, 'sign' | 'state'>;
  readonly trust: RingTrust;
  readonly descriptor: RingDescriptorBody;
  /** This node's own certificate: its quota. What is shown to others is the overlay's, which may be newer. */
  readonly certificate: NodeCertificate;
  /** Whether this may be a false world, built by a liar: then "not there" is not believed. Unset: it is never doubted. */
  readonly doubted?: () => boolean;
  /** The ring refuses claims of this member, who stores as much as it may, or does so no longer. */
  readonly overQuota?: (is: boolean) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly counters: Counters;
}

/** Storage, and what the node's composition needs of it. */
export interface StorageNode extends Storage {
  statistics(): StorageStatistics;
  /** This node's own copies of inboxes. */
  readonly inboxes: InboxStore;
  /** Who stores how much here, who stores most first. */
  accounts(): readonly AccountStatement[];
  /** Ends repair; the disk is the caller's to close. */
  stop(): Promise<void>;
}

/** Blocks that are inserted at once. */
const INSERTS_MAX = 4;
/** Ids that one clear names. */
const CLEAR_ENTRIES_MAX = 1000;

/** Opens the disk, registers the services, starts repair. Rejects with StoreError. */
export async function createStorage(options: StorageOptions): Promise<StorageNode> {
  const store = namespace(options.store, 'storage');
  const { certificate } = options;
  const blocks = await BlockStore.open({ ...options, store, quotaBytes: certificate.body.quotaBytes });
  const sets = new ReplicaSets(options.overlay, options.descriptor, options.clock);
  const upkeep: { maintenance?: Maintenance; diversion?: Diversion } = {};
  const hasEnough = (key: Key): boolean => upkeep.maintenance?.hasEnough(key) ?? false;
  const services = registerStorageServices({
    ...{ ...options, blocks, hasEnough },
    diversion: () => upkeep.diversion,
  });
  options.overlay.cache(serviceName('read-block'), blockPathCache(options.counters));
  const peers = new Peers({ ...options, services, sets });
  const repair = createRepair({ ...options, blocks, sets, peers });
  const remembered = await loadMirrors(store, options.counters);
  const elsewhere = (key: Key): NodeId | undefined => upkeep.diversion?.liveHolder(key);
  const maintenance = createMaintenance({ ...options, store, remembered, blocks, peers, elsewhere });
  upkeep.maintenance = maintenance;
  const pointers = await Pointers.open(store, options.counters);
  const diversion = new Diversion({ ...options, blocks, pointers, sets, peers });
  upkeep.diversion = diversion;
  const node = new RingStorage(options, blocks, sets, peers);
  const garbage = new GarbageCollector({ ...options, blocks, sets, peers });
  const parts = [repair, maintenance, node.leases, garbage, diversion];
  return Object.assign(node, {
    inboxes: blocks.inboxes,
    stop: async () => void (await Promise.all(parts.map((part) => part.stop()))),
  });
}

class RingStorage implements Storage {
  readonly #options: StorageOptions;
  readonly #blocks: BlockStore;
  readonly #sets: ReplicaSets;
  readonly #peers: Peers;
  readonly #reader: Reader;
  readonly leases: LeaseKeeper;
  readonly #inserts = new Limiter(INSERTS_MAX);
  readonly #fetches = new ByteLimiter(FETCH_BYTES_MAX, FETCHES_MAX);

  constructor(options: StorageOptions, blocks: BlockStore, sets: ReplicaSets, peers: Peers) {
    this.#options = options;
    this.#blocks = blocks;
    this.#sets = sets;
    this.#peers = peers;
    this.#reader = new Reader({ ...options, sets, peers });
    this.leases = new LeaseKeeper({
      ...{ ...options, blocks, sets, peers },
      insert: (key) => this.insert(key),
      overQuotaChanged: options.overQuota,
    });
  }

  statistics(): StorageStatistics {
    return this.#blocks.statistics();
  }

  accounts(): readonly AccountStatement[] {
    return this.#blocks.book.accounts();
  }

  async usage(): Promise<{ blocks: number; bytes: number; quotaBytes: number }> {
    const { blocks, bytes } = this.#blocks.statistics();
    return { blocks, bytes, quotaBytes: await asStorageError(this.#blocks.quotaBytes()) };
  }

  async keep(block: Bytes): Promise<Key> {
    const kept = await asStorageError(this.#blocks.keepBlock(block));
    if (kept.ok) return kept.value;
    if (kept.code === 'too-large') throw new StorageError('too-large', kept.reason);
    throw diskFull();
  }

  insert(key: Key): Promise<Stored> {
    return this.#inserts.run(() => asStorageError(this.#insert(key)));
  }

  fetch(key: Key, { keep = false, sizeBytes }: FetchOptions = {}): Promise<Bytes> {
    const bytes = sizeBytes ?? UNKNOWN_BLOCK_BYTES;
    return this.#fetches.run(bytes, () => asStorageError(this.#fetch(key, keep, sizeBytes)));
  }

  unpin(key: Key): Promise<boolean> {
    return asStorageError(this.#blocks.unpin(key));
  }

  async claim(blocks: readonly Claimed[], renew = false): Promise<void> {
    for (const block of blocks) {
      const claimed = await asStorageError(this.#blocks.claims.add(block, renew));
      if (!claimed.ok) throw diskFull();
    }
  }

  claimed(cursor: Bytes | undefined, limit: number): Promise<ClaimedPage> {
    return asStorageError(this.#claimed(cursor, limit));
  }

  async #claimed(cursor: Bytes | undefined, limit: number): Promise<ClaimedPage> {
    const start = indexPrefix('block');
    if (cursor === undefined || compareBytes(cursor, start) < 0) {
      const { claims, next } = await this.#blocks.claims.page(cursor, limit);
      return { claimed: claims.map(({ key }) => ({ key, isHere: false })), next: next ?? start };
    }
    const { things, next } = await this.#blocks.blockPage(cursor, limit);
    const pinned = things.filter(({ index }) => index.pinned);
    return { claimed: pinned.map(({ place }) => ({ key: place.key, isHere: true })), next };
  }

  async release(keys: readonly Key[]): Promise<void> {
    for (const key of keys) if (!(await asStorageError(this.leases.release(key)))) throw diskFull();
  }

  account(): { bytes: number; quotaBytes: number } {
    const { name, quotaBytes } = this.#options.overlay.self.certificate.body;
    return { bytes: this.#blocks.book.bytesOf(accountNamed(name)), quotaBytes };
  }

  async putRecord(record: StoredRecord): Promise<Stored> {
    const held = await asStorageError(this.#blocks.putRecord(record));
    if (!held.ok) throw refusedHere(held.code, held.reason);
    return this.#replicate(held.value, (target) => this.#peers.putRecord(target, record, held.value));
  }

  getRecord(writer: Bytes, label: string): Promise<StoredRecord | undefined> {
    const key = recordKey(writer, label);
    return asStorageError(
      this.#reader.newest(key, {
        ask: (target) => this.#peers.getRecord(target, key),
        put: (target, { thing, ...held }) => this.#peers.putRecord(target, thing, held),
        own: async () => {
          const record = await this.#blocks.getRecord(key);
          return record && withHeld(record, await verifyRecord(record));
        },
      }),
    );
  }

  async putCertificate(certificate: IdentityCertificate): Promise<Stored> {
    const held = await asStorageError(this.#blocks.putCertificate(certificate));
    if (!held.ok) throw refusedHere(held.code, held.reason);
    return this.#replicate(held.value, (target) =>
      this.#peers.putCertificate(target, certificate, held.value),
    );
  }

  getCertificate(name: string): Promise<IdentityCertificate | undefined> {
    const key = certificateKey(name);
    const { trust, clock } = this.#options;
    return asStorageError(
      this.#reader.newest(key, {
        ask: (target) => this.#peers.getCertificate(target, key),
        put: (target, { thing, ...held }) => this.#peers.putCertificate(target, thing, held),
        own: async () => {
          const certificate = await this.#blocks.getCertificate(key);
          return (
            certificate && withHeld(certificate, await verifyCertificate(certificate, trust, clock.now()))
          );
        },
      }),
    );
  }

  appendToInbox(entry: InboxEntry): Promise<Stored> {
    const key = inboxKey(entry.body.owner);
    const held = { key, version: entry.body.at, held: bodyHash(entry.body) };
    const certified = { v: 1 as const, entry, certificate: this.#options.overlay.self.certificate };
    return this.#replicate(held, (target) => this.#peers.append(target, certified, held));
  }

  readInbox(owner: Bytes, late?: LateEntries): Promise<readonly InboxEntry[]> {
    return asStorageError(this.#readInbox(inboxKey(owner), late));
  }

  async clearInbox(entries: readonly Id[]): Promise<void> {
    const state = await this.#options.vault.state();
    if (state.state === 'empty')
      throw new VaultError('empty', 'There is no identity to clear an inbox with.');
    for (let start = 0; start < entries.length; start += CLEAR_ENTRIES_MAX)
      await asStorageError(this.#clear(state.identityKey, entries.slice(start, start + CLEAR_ENTRIES_MAX)));
  }

  async locate(key: Key): Promise<readonly Holder[]> {
    const set = await asStorageError(this.#sets.near(key));
    const asked = await this.#reader.askAll(firstOf(set), (target) => this.#peers.has(target, key), Infinity);
    const silent = asked.failures.map(({ target }) => ({ nodeId: target.nodeId, holds: false }));
    return [
      ...asked.answers.map(({ target, value }) => ({ nodeId: target.nodeId, holds: value })),
      ...silent,
    ];
  }

  async #insert(key: Key): Promise<Stored> {
    // A copy that was damaged on this disk may have reached others before.
    const block = (await this.#blocks.getBlock(key)) ?? (await this.#fetch(key, true));
    const lease = await this.leases.sign(key, block.length);
    const stored = await this.#replicate({ key, held: key, version: 0 }, (target) =>
      this.#peers.putBlock(target, key, block, [lease]),
    );
    await this.#markInserted(key, lease);
    return stored;
  }

  /** Where the disk has no room for the note, the insert is not done: it is tried again, and costs no second copies then. */
  async #markInserted(key: Key, lease?: Lease): Promise<void> {
    const marked = await this.#blocks.markInserted(key, lease);
    if (!marked.ok) throw diskFull();
  }

  async #replicate({ key }: Held, put: (target: Target) => Promise<Receipt>): Promise<Stored> {
    const alwaysOn = new Set(this.#sets.alwaysOn(key).map(({ nodeId }) => idText(nodeId)));
    return asStorageError(
      this.#sets.of(key).then((set) =>
        replicate({
          key,
          set,
          clock: this.#options.clock,
          isSelf: (target) => this.#sets.isSelf(target),
          seesAll: ({ nodeId }) => alwaysOn.has(idText(nodeId)),
          put,
        }),
      ),
    );
  }

  async #fetch(key: Key, keep: boolean, sizeBytes?: number): Promise<Bytes> {
    const own = await this.#blocks.getBlock(key);
    if (own !== undefined) {
      if (keep) await this.#blocks.pin(key);
      return own;
    }
    const stays = keep || (await this.#blocks.isDamaged(key));
    const { block, leases, isOurs } = await this.#reader.block(key, stays, sizeBytes);
    if (stays || isOurs) await this.#store(key, block, leases, keep);
    return block;
  }

  /** A copy for this disk of what was fetched. A full disk keeps nobody from reading, unless the reader wants to keep it. */
  async #store(key: Key, block: Bytes, leases: readonly Lease[], keep: boolean): Promise<void> {
    if (keep) {
      await this.keep(block);
      // The ring has it already; that this member wants it too is said in the next round of leases.
      await this.#markInserted(key);
    } else await this.#blocks.putBlock(key, block, leases);
  }

  async #readInbox(key: Key, late: LateEntries | undefined): Promise<readonly InboxEntry[]> {
    const found = await readInbox({
      clock: this.#options.clock,
      targets: firstOf(await this.#sets.of(key)),
      isSelf: (target) => this.#sets.isSelf(target),
      list: (target, after) => this.#peers.listInbox(target, key, after),
      entries: (target, held) => this.#peers.inboxEntries(target, key, held),
      late,
    });
    if (found === undefined) throw notThere(false, 'inbox');
    return [...found].sort((a, b) => a.body.at - b.body.at || compareBytes(a.signature, b.signature));
  }

  async #clear(owner: Bytes, entries: readonly Id[]): Promise<void> {
    const { vault, clock } = this.#options;
    const body = { v: 1 as const, owner, entries: [...entries], at: clock.now() };
    const clear = { body, signature: await vault.sign('inbox-clear', body) };
    const set = await this.#sets.of(inboxKey(owner));
    // A replica that is slow is told all the same; what it misses it hears from the others.
    const { answers } = await this.#reader.askAll(
      firstOf(set),
      (target) => this.#peers.clearInbox(target, clear),
      (heard) => this.#reader.someoneElse({ answers: heard }),
    );
    if (!this.#reader.someoneElse({ answers })) throw notThere(false, 'inbox');
  }
}

function withHeld<T>(thing: T, held: ReturnType<typeof refuse> | { ok: true; value: Held }) {
  return held.ok ? { ...held.value, thing } : undefined;
}

/** Our own disk refused what the ring would refuse too. */
function diskFull(): StorageError {
  return new StorageError('full', 'The disk of this device is full: nothing more can be kept on it.');
}

function refusedHere(code: string, reason: string): StorageError {
  if (code === 'conflict') return new StorageError('conflict', 'A newer version is here already.');
  if (code === 'full') return new StorageError('full', 'The disk of this device is full.');
  throw new TypeError(reason);
}

/** The disk's and the overlay's failures, as this layer names them. */
async function asStorageError<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof StoreError && error.code === 'full')
      throw new StorageError('full', 'The disk of this device is full.', { cause: error });
    if (error instanceof Error && error.name === 'OverlayError')
      throw new StorageError('unreachable', 'The ring cannot be reached just now.', { cause: error });
    throw error;
  }
}
