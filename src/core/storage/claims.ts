/**
 * What the own user claims in the ring and gives up again. A claim needs no copy on this disk: whoever accepts a large attachment
 * holds it before ever opening it. What is to be told, and what is given up, waits on disk until the replicas have heard it.
 */
import * as v from 'valibot';
import type { Bytes } from '../codec/bytes.ts';
import type { Key } from '../codec/id.ts';
import { ok, type Result } from '../codec/result.ts';
import { codec, whole } from '../codec/schema.ts';
import type { Write } from './key-value-store.ts';
import { claimKey, keyOfClaim, placeOf, urgentKey } from './layout.ts';
import { releaseWrite, type LeaseBook } from './lease-book.ts';
import { prefixRange } from './namespace.ts';
import type { Shelves } from './shelves.ts';
import type { Lease } from './wire.ts';

/** A claim, and a lease to be told anew, as they lie on disk. */
export const claimCodec = codec(
  'claim',
  v.strictObject({
    v: v.literal(1),
    /** Of the block. */
    sizeBytes: whole(),
  }),
  64,
);

/** A block that is claimed. */
export interface Claimed {
  readonly key: Key;
  readonly sizeBytes: number;
}

/** `next` continues, if there is more. */
export interface ClaimPage {
  readonly claims: readonly Claimed[];
  readonly next: Bytes | undefined;
}

export class Claims {
  readonly #shelves: Shelves;
  readonly #book: LeaseBook;

  constructor(shelves: Shelves, book: LeaseBook) {
    this.#shelves = shelves;
    this.#book = book;
  }

  /** The claim of a block that need not be here; what is here and pinned is claimed without one. */
  async of(key: Key): Promise<Claimed | undefined> {
    const bytes = await this.#shelves.store.get(claimKey(key));
    return bytes && claimed(key, bytes);
  }

  /** Claims of blocks, in the order of their keys, after `cursor`. */
  page(cursor: Bytes | undefined, limit: number): Promise<ClaimPage> {
    return this.#page(claimKey(), cursor, limit);
  }

  /** Blocks whose lease is to be told anew. */
  urgent(cursor: Bytes | undefined, limit: number): Promise<ClaimPage> {
    return this.#page(urgentKey(), cursor, limit);
  }

  /**
   * Our own user wants a block to stay in the ring: a copy that is here is pinned, of others the claim is kept. `renew`: its lease is
   * told anew soon, for another device may have given it up. Refusal: `full`.
   */
  async add({ key, sizeBytes }: Claimed, renew: boolean): Promise<Result<true>> {
    const place = placeOf('block', key);
    return this.#shelves.exclusively(place, async () => {
      const before = await this.#shelves.index(place);
      const urgent = claimWrite(urgentKey(key), sizeBytes);
      if (before !== undefined && !before.damaged) {
        if (before.pinned && !renew) return ok(true);
        const after = { ...before, pinned: true };
        return this.#shelves.write([{ place, before, after }], renew && before.inserted ? [urgent] : []);
      }
      if (!renew && (await this.of(key)) !== undefined) return ok(true);
      return this.#shelves.write([], [claimWrite(claimKey(key), sizeBytes), urgent]);
    });
  }

  /** The replicas know this lease of our own user's. */
  async told(lease: Lease): Promise<void> {
    const { key } = lease.body;
    const place = placeOf('block', key);
    await this.#shelves.exclusively(place, async () => {
      const before = await this.#shelves.index(place);
      const isOurs = before !== undefined || (await this.of(key)) !== undefined;
      // Given up meanwhile: the release that waits is newer.
      const own = isOurs ? await this.#book.own(lease) : undefined;
      const changes = before === undefined ? [] : [{ place, before, after: { ...before, inserted: true } }];
      const told: Write = { type: 'delete', key: urgentKey(key) };
      const written = await this.#shelves.write(changes, [...(own?.writes ?? []), told]);
      if (written.ok) own?.done();
    });
  }

  /**
   * Our own user gives a block up: it is neither pinned nor claimed, and `release` waits for the replicas. A block that never
   * reached the ring goes at once. Refusal: `full`.
   */
  async release(key: Key, release: Lease): Promise<Result<true>> {
    const place = placeOf('block', key);
    return this.#shelves.exclusively(place, async () => {
      const before = await this.#shelves.index(place);
      const stays = before?.inserted === true;
      const leases = stays ? await this.#book.own(release) : await this.#book.without(key);
      const after = stays ? { ...before, pinned: false } : undefined;
      const written = await this.#shelves.write(before === undefined ? [] : [{ place, before, after }], [
        ...leases.writes,
        releaseWrite(release, false),
        { type: 'delete', key: claimKey(key) },
        { type: 'delete', key: urgentKey(key) },
      ]);
      if (written.ok) leases.done();
      return written;
    });
  }

  /** The replicas have heard of a release of ours. */
  async released(release: Lease): Promise<void> {
    await this.#shelves.write([], [releaseWrite(release, true)]);
  }

  async #page(prefix: Bytes, cursor: Bytes | undefined, limit: number): Promise<ClaimPage> {
    const range = prefixRange(prefix, limit);
    const gte = cursor === undefined ? range.gte : new Uint8Array([...cursor, 0]);
    const entries = await this.#shelves.store.entries({ ...range, gte });
    return {
      claims: entries.flatMap(([name, value]) => claimed(keyOfClaim(name), value) ?? []),
      next: entries.length === limit ? entries[limit - 1]![0] : undefined,
    };
  }
}

function claimed(key: Key, bytes: Bytes): Claimed | undefined {
  const decoded = claimCodec.decode(bytes);
  return decoded.ok ? { key, sizeBytes: decoded.value.sizeBytes } : undefined;
}

function claimWrite(key: Bytes, sizeBytes: number): Write {
  return { type: 'put', key, value: claimCodec.encode({ v: 1, sizeBytes }) };
}
