/** One node's own copies: blocks with their leases, records, certificates. Everything is checked before it is written. */
import { compareBytes, type Bytes } from '../codec/bytes.ts';
import type { Clock } from '../codec/clock.ts';
import type { Counters } from '../codec/counters.ts';
import type { Id, Key } from '../codec/id.ts';
import { BLOCK_BYTES_MAX } from '../codec/limits.ts';
import { ok, refuse, type Refusal, type Result } from '../codec/result.ts';
import { certificateKey, recordKey, sha256Of } from '../crypto/hash.ts';
import {
  identityCertificateCodec,
  type IdentityCertificate,
  type RingTrust,
} from '../identity/certificates.ts';
import { InboxStore } from './inbox-store.ts';
import type { KeyValueStore } from './key-value-store.ts';
import { indexPrefix, placeOf, type HeldIndex } from './layout.ts';
import { Claims } from './claims.ts';
import { isLapsed } from './lease.ts';
import { LeaseBook } from './lease-book.ts';
import { blockIndex, freshIndex, Shelves, type StorageStatistics } from './shelves.ts';
import type { StoredRecord } from './storage.ts';
import { verifyBlock, verifyCertificate, verifyRecord, type Held } from './verify.ts';
import { recordCodec, type Lease, type LeaseAnswer, type OfferAnswer, type OfferedItem } from './wire.ts';

export interface BlockStoreOptions {
  readonly store: KeyValueStore;
  readonly trust: RingTrust;
  readonly clock: Clock;
  readonly counters: Counters;
  /** Bytes that other people's things may take here. */
  readonly quotaBytes: number;
}

/** Share of the platform's space that is left to this node's own user. */
const OWN_SHARE = 0.1;
/** Share of the quota above which surplus copies go. */
const NEARLY_FULL = 0.9;
/** How long the platform's word on free space is taken: 10 s. */
const USAGE_MS = 10_000;

export class BlockStore {
  readonly inboxes: InboxStore;
  /** To be read; changed through this store alone. */
  readonly book: Pick<LeaseBook, 'of' | 'ofAccount' | 'accounts' | 'bytesOf' | 'releases' | 'releaseOf'>;
  /** What our own user claims and gives up. */
  readonly claims: Claims;
  readonly #book: LeaseBook;
  readonly #shelves: Shelves;
  readonly #options: BlockStoreOptions;
  #space: { readonly until: number; readonly bytes: Promise<number> } | undefined;

  private constructor(shelves: Shelves, book: LeaseBook, options: BlockStoreOptions) {
    this.#shelves = shelves;
    this.#book = book;
    this.book = book;
    this.claims = new Claims(shelves, book);
    this.#options = options;
    this.inboxes = new InboxStore(shelves, {
      ...options,
      hasRoomFor: (bytes) => this.#hasRoomFor(bytes),
    });
  }

  /** Rejects with StoreError. */
  static async open(options: BlockStoreOptions): Promise<BlockStore> {
    const shelves = await Shelves.open(options.store, options.counters);
    return new BlockStore(shelves, await LeaseBook.open(options), options);
  }

  statistics(): StorageStatistics {
    return this.#shelves.statistics();
  }

  /** The keys of whole blocks that are held for the ring. */
  get sharedBlocks(): Shelves['blocks'] {
    return this.#shelves.blocks;
  }

  /** What is held, page by page, for repair. */
  page(cursor: Bytes | undefined, limit: number): ReturnType<Shelves['page']> {
    return this.#shelves.page(cursor, limit);
  }

  /** Blocks alone, page by page. */
  blockPage(cursor: Bytes | undefined, limit: number): ReturnType<Shelves['page']> {
    return this.#shelves.page(cursor, limit, indexPrefix('block'));
  }

  /** Our own user's block, pinned. Refusals: `too-large`, `full`. */
  async keepBlock(block: Bytes): Promise<Result<Key>> {
    if (block.length > BLOCK_BYTES_MAX)
      return refuse('too-large', `A block of ${block.length} bytes is over the limit of ${BLOCK_BYTES_MAX}.`);
    const key = await sha256Of(block);
    const place = placeOf('block', key);
    return this.#shelves.exclusively(place, async () => {
      const before = await this.#shelves.index(place);
      if (before !== undefined && (await this.#shelves.peek(place)) !== undefined) {
        // It is whole on this disk: to write it again would cost a megabyte and protect nothing.
        if (before.pinned) return ok(key);
        const pinned = await this.#shelves.write([{ place, before, after: { ...before, pinned: true } }]);
        return pinned.ok ? ok(key) : pinned;
      }
      const inserted = before !== undefined && !before.damaged && before.inserted;
      const after = blockIndex(key, block, { pinned: true, inserted });
      const written = await this.#shelves.write([{ place, before, after, data: block }]);
      return written.ok ? ok(key) : written;
    });
  }

  /**
   * A kept block has its replicas: from now on maintenance cares for it too. Without a lease that will be asked for soon. False: it
   * is not here. Refusal: `full`.
   */
  async markInserted(key: Key, lease?: Lease): Promise<Result<boolean>> {
    const place = placeOf('block', key);
    return this.#shelves.exclusively(place, async () => {
      const before = await this.#shelves.index(place);
      if (before === undefined) return ok(false);
      const own = lease && (await this.#book.own(lease));
      const after = { ...before, inserted: true };
      const written = await this.#shelves.write([{ place, before, after }], own?.writes);
      if (written.ok) own?.done();
      return written;
    });
  }

  /** Leases on any blocks: those on blocks that are here are kept if they fit. One answer for each. */
  async putLeases(leases: readonly Lease[]): Promise<readonly LeaseAnswer[]> {
    const answers: LeaseAnswer[] = [];
    for (const lease of leases) answers.push(await this.#putLease(lease));
    return answers;
  }

  /** Drops a block that no lease protects any more and our own user does not keep. Whether it went. */
  async collect(key: Key): Promise<boolean> {
    return this.#drop(key, async (index) => !index.pinned && (await this.isLapsed(key)));
  }

  /** Drops a copy beyond those that others have proved to hold. Whether it went. */
  async dropSurplus(key: Key): Promise<boolean> {
    return this.#drop(key, (index) => Promise.resolve(!index.pinned));
  }

  /** Whether so much is held for others that surplus copies should go. */
  isNearlyFull(): boolean {
    return this.statistics().bytes > NEARLY_FULL * this.#options.quotaBytes;
  }

  /** Whether a further block has room here, however large it is. */
  hasRoomForBlock(): Promise<boolean> {
    return this.#hasRoomFor(BLOCK_BYTES_MAX);
  }

  /** Whether no lease here protects the block any more. */
  async isLapsed(key: Key): Promise<boolean> {
    return isLapsed(await this.#book.of(key), this.#options.clock.now());
  }

  /**
   * A member's block under leases. Without `block`: adds the leases if it is here. Refusals: `too-large`, `wrong-hash`,
   * `no-lease`, `lapsed`, `over-quota`, `full`, `missing` (not counted: send the block), those of verifyLease.
   */
  async putBlock(key: Key, block: Bytes | undefined, leases: readonly Lease[]): Promise<Result<Held>> {
    if (block !== undefined && block.length > BLOCK_BYTES_MAX)
      return this.#refused(refuse('too-large', 'a block over the limit'));
    if (block !== undefined) {
      const fits = await verifyBlock(key, block);
      if (!fits.ok) return this.#refused(fits);
    }
    const place = placeOf('block', key);
    return this.#shelves.exclusively(place, async () => {
      const before = await this.#shelves.index(place);
      const here = before && (await this.#shelves.peek(place));
      const data = here ?? block;
      if (data === undefined) return refuse('missing', 'the block is not here');
      const plan = await this.#book.plan(key, data.length, leases, before === undefined);
      if (!plan.answers.some((answer) => answer === 'kept' || answer === 'crowded'))
        return this.#refused(plan.refusal ?? refuse('no-lease', 'a block without a lease'));
      if (!plan.protects) return this.#refused(refuse('lapsed', 'a block that nobody holds any more'));
      if (here === undefined && !(await this.#hasRoomFor(data.length)))
        return this.#refused(refuse('full', 'This node has no space for more blocks.'));
      const after: HeldIndex =
        here === undefined || before === undefined
          ? blockIndex(key, data, { pinned: before?.pinned ?? false, inserted: true })
          : { ...before, inserted: true };
      const change = { place, before, after, ...(here === undefined ? { data } : {}) };
      const written = await this.#shelves.write([change], plan.writes);
      if (!written.ok) return this.#refused(written);
      plan.done();
      return ok({ key, version: 0, held: key });
    });
  }

  /** Undefined when it is not here, or no longer what was written. */
  getBlock(key: Key): Promise<Bytes | undefined> {
    return this.#shelves.read(placeOf('block', key));
  }

  /** Whether an undamaged copy is here, as far as the index knows. */
  async hasBlock(key: Key): Promise<boolean> {
    return isWhole(await this.#shelves.index(placeOf('block', key)));
  }

  /** Our own user wants to keep a block that is here. */
  async pin(key: Key): Promise<void> {
    const place = placeOf('block', key);
    await this.#shelves.exclusively(place, async () => {
      const before = await this.#shelves.index(place);
      if (before === undefined || before.pinned) return;
      await this.#shelves.write([{ place, before, after: { ...before, pinned: true } }]);
    });
  }

  /** Our own user keeps it no longer; false: it is not here, or the ring has no copies of it yet, so that it stays pinned. */
  async unpin(key: Key): Promise<boolean> {
    const place = placeOf('block', key);
    return this.#shelves.exclusively(place, async () => {
      const before = await this.#shelves.index(place);
      if (before === undefined || !before.inserted) return false;
      if (before.pinned) await this.#shelves.write([{ place, before, after: { ...before, pinned: false } }]);
      return true;
    });
  }

  /** Whether our own user keeps it here, or claims it. */
  async isWanted(key: Key): Promise<boolean> {
    const index = await this.#shelves.index(placeOf('block', key));
    return index?.pinned === true || (await this.claims.of(key)) !== undefined;
  }

  /** Whether a copy is here that has changed since it was written. */
  async isDamaged(key: Key): Promise<boolean> {
    return (await this.#shelves.index(placeOf('block', key)))?.damaged ?? false;
  }

  /** Refusals: `bad-signature`, `full`, `conflict` (a newer one is here). */
  async putRecord(record: StoredRecord): Promise<Result<Held>> {
    const checked = await verifyRecord(record);
    if (!checked.ok) return this.#refused(checked);
    return this.#putVersioned('record', checked.value, recordCodec.encode(record));
  }

  async getRecord(key: Key): Promise<StoredRecord | undefined> {
    const bytes = await this.#shelves.read(placeOf('record', key));
    const decoded = bytes && recordCodec.decode(bytes);
    return decoded?.ok ? decoded.value : undefined;
  }

  /** Refusals: those of verifyIdentityCertificate, `full`, `conflict` (a newer one is here). */
  async putCertificate(certificate: IdentityCertificate): Promise<Result<Held>> {
    const { trust, clock } = this.#options;
    const checked = await verifyCertificate(certificate, trust, clock.now());
    if (!checked.ok) return this.#refused(checked);
    return this.#putVersioned('certificate', checked.value, identityCertificateCodec.encode(certificate));
  }

  async getCertificate(key: Key): Promise<IdentityCertificate | undefined> {
    const bytes = await this.#shelves.read(placeOf('certificate', key));
    const decoded = bytes && identityCertificateCodec.decode(bytes);
    return decoded?.ok ? decoded.value : undefined;
  }

  /** The record here that stands against an older one of the same key. */
  newerRecord({ body }: StoredRecord): Promise<StoredRecord | undefined> {
    return this.getRecord(recordKey(body.writer, body.label));
  }

  newerCertificate({ body }: IdentityCertificate): Promise<IdentityCertificate | undefined> {
    return this.getCertificate(certificateKey(body.name));
  }

  /** What to answer to an offer, promises to other senders aside. */
  async answerOffer(item: OfferedItem): Promise<OfferAnswer> {
    const { kind, key } = item;
    if (kind === 'inbox') return (await this.inboxes.knowsEntry(key, item.held)) ? 'have' : 'want';
    if (kind === 'clear') return (await this.inboxes.knowsClear(key, item.held)) ? 'have' : 'want';
    const index = await this.#shelves.index(placeOf(kind, key));
    if (kind === 'block') {
      if (isWhole(index)) return 'have';
      return (await this.hasRoomForBlock()) ? 'want' : 'full';
    }
    if (index === undefined) return 'want';
    const order = compareVersions(index, item);
    if (order === 0) return index.damaged ? 'want' : 'have';
    return order > 0 && !index.damaged ? 'newer' : 'want';
  }

  /** Bytes that this node's storage may take altogether, as far as the platform tells. */
  async quotaBytes(): Promise<number> {
    const { usedBytes, quotaBytes } = await this.#options.store.usage();
    return Math.max(0, quotaBytes - usedBytes) + this.statistics().bytes;
  }

  async #putVersioned(kind: 'record' | 'certificate', held: Held, data: Bytes): Promise<Result<Held>> {
    const place = placeOf(kind, held.key);
    return this.#shelves.exclusively(place, async () => {
      const before = await this.#shelves.index(place);
      const order = before === undefined ? -1 : compareVersions(before, held);
      if (before !== undefined && order > 0)
        return this.#refused(refuse('conflict', `a ${kind} older than version ${before.version} here`));
      if (order === 0 && (await this.#shelves.peek(place)) !== undefined) return ok(held);
      if (before === undefined && !(await this.#hasRoomFor(data.length)))
        return this.#refused(refuse('full', `This node has no space for more ${kind}s.`));
      const after = await freshIndex(data, held);
      const written = await this.#shelves.write([{ place, before, after, data }]);
      return written.ok ? ok(held) : this.#refused(written);
    });
  }

  async #putLease(lease: Lease): Promise<LeaseAnswer> {
    const place = placeOf('block', lease.body.key);
    return this.#shelves.exclusively(place, async () => {
      const index = await this.#shelves.index(place);
      if (index === undefined || index.damaged) return 'missing';
      const plan = await this.#book.plan(place.key, index.sizeBytes, [lease]);
      if (plan.refusal && plan.refusal.code !== 'missing') this.#refused(plan.refusal);
      if (plan.writes.length === 0) return plan.answers[0]!;
      const written = await this.#shelves.write([], plan.writes);
      if (!written.ok) return 'refused';
      plan.done();
      return plan.answers[0]!;
    });
  }

  async #drop(key: Key, may: (index: HeldIndex) => Promise<boolean>): Promise<boolean> {
    const place = placeOf('block', key);
    return this.#shelves.exclusively(place, async () => {
      const before = await this.#shelves.index(place);
      if (before === undefined || !(await may(before))) return false;
      const leases = await this.#book.without(key);
      const written = await this.#shelves.write([{ place, before, after: undefined }], leases.writes);
      if (written.ok) leases.done();
      return written.ok;
    });
  }

  async #hasRoomFor(bytes: number): Promise<boolean> {
    const { clock, store, quotaBytes } = this.#options;
    if (this.statistics().bytes + bytes > quotaBytes) return false;
    const now = clock.now();
    if (this.#space === undefined || this.#space.until <= now) {
      const asked = { until: now + USAGE_MS, bytes: this.#spaceFor(store) };
      this.#space = asked;
      // Who waits hears of the failure; whoever comes next asks again.
      asked.bytes.catch(() => {
        if (this.#space === asked) this.#space = undefined;
      });
    }
    return this.statistics().bytes + bytes <= (await this.#space.bytes);
  }

  /** Bytes that may be held for others, as far as the platform tells. */
  async #spaceFor(store: KeyValueStore): Promise<number> {
    const usage = await store.usage();
    const limit = usage.quotaBytes * (1 - OWN_SHARE) - usage.usedBytes;
    return limit + this.statistics().bytes;
  }

  #refused(refusal: Refusal): Refusal {
    this.#options.counters.refused('storage', refusal);
    return refusal;
  }
}

/** Newer versions win; of two of the same version, the one of the larger hash, so that all replicas agree. */
export function compareVersions(
  a: { readonly version: number; readonly held: Id },
  b: { readonly version: number; readonly held: Id },
): number {
  return a.version - b.version || compareBytes(a.held, b.held);
}

function isWhole(index: HeldIndex | undefined): boolean {
  return index !== undefined && !index.damaged;
}
