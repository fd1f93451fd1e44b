/**
 * A ring as one person's devices see it: blocks under one lease of the person, newest word first, which go a week after a release; and
 * what each device keeps, claims, and knows of the lease. Replicas, messages and rounds have tests of their own (unit/storage).
 */
import type { Bytes } from '../../../src/core/codec/bytes.ts';
import type { Clock } from '../../../src/core/codec/clock.ts';
import { idText, type Key } from '../../../src/core/codec/id.ts';
import { recordKey, sha256Of } from '../../../src/core/crypto/hash.ts';
import { RELEASE_GRACE_MS } from '../../../src/core/storage/lease.ts';
import {
  StorageError,
  type ClaimedPage,
  type Storage,
  type Stored,
  type StoredRecord,
} from '../../../src/core/storage/storage.ts';

type Port = Pick<
  Storage,
  'keep' | 'insert' | 'fetch' | 'claim' | 'claimed' | 'release' | 'putRecord' | 'getRecord'
>;

export class ClaimRing {
  readonly clock: Clock;
  readonly records = new Map<string, StoredRecord>();
  readonly #blocks = new Map<string, { readonly bytes: Bytes; releasedAt: number | undefined }>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  get(name: string): Bytes | undefined {
    this.#collect();
    return this.#blocks.get(name)?.bytes;
  }

  names(): readonly string[] {
    this.#collect();
    return [...this.#blocks.keys()].sort();
  }

  put(name: string, bytes: Bytes): void {
    this.#blocks.set(name, { bytes, releasedAt: undefined });
  }

  /** Whether it is there. */
  claim(name: string): boolean {
    this.#collect();
    const block = this.#blocks.get(name);
    if (block !== undefined) block.releasedAt = undefined;
    return block !== undefined;
  }

  release(name: string): void {
    const block = this.#blocks.get(name);
    if (block !== undefined) block.releasedAt = this.clock.now();
  }

  #collect(): void {
    for (const [name, { releasedAt }] of this.#blocks)
      if (releasedAt !== undefined && this.clock.now() >= releasedAt + RELEASE_GRACE_MS)
        this.#blocks.delete(name);
  }
}

/** One device's disk and its place in the ring; it outlives the sessions of the device. */
export class ClaimingDevice implements Port {
  online = true;
  readonly #ring: ClaimRing;
  readonly #pinned = new Map<string, { readonly key: Key; readonly bytes: Bytes; inserted: boolean }>();
  readonly #claims = new Map<string, Key>();
  /** What this device knows of the person's lease. */
  readonly #known = new Map<string, 'held' | 'released'>();

  constructor(ring: ClaimRing) {
    this.#ring = ring;
  }

  async keep(block: Bytes): Promise<Key> {
    const key = await sha256Of(block);
    const name = idText(key);
    const known = this.#pinned.get(name);
    if (known === undefined) this.#pinned.set(name, { key, bytes: block, inserted: false });
    return key;
  }

  insert(key: Key): Promise<Stored> {
    const name = idText(key);
    const own = this.#pinned.get(name);
    if (own === undefined) return Promise.reject(new StorageError('not-found', 'not kept here'));
    if (!this.online) return Promise.reject(offline());
    this.#ring.put(name, own.bytes);
    own.inserted = true;
    this.#known.set(name, 'held');
    return Promise.resolve({ key, receipts: [], wanted: 0 });
  }

  fetch(key: Key, { keep = false } = {}): Promise<Bytes> {
    const name = idText(key);
    const own = this.#pinned.get(name)?.bytes;
    if (own === undefined && !this.online) return Promise.reject(offline());
    const bytes = own ?? this.#ring.get(name);
    if (bytes === undefined) return Promise.reject(new StorageError('not-found', 'nobody has it'));
    if (keep && !this.#pinned.has(name)) {
      this.#pinned.set(name, { key, bytes, inserted: true });
      this.#renew(name);
    }
    return Promise.resolve(bytes);
  }

  claim(blocks: readonly { readonly key: Key }[], renew = false): Promise<void> {
    for (const { key } of blocks) {
      const name = idText(key);
      const own = this.#pinned.get(name);
      if (own === undefined) this.#claims.set(name, key);
      if (own?.inserted === false) continue;
      if (renew) this.#known.delete(name);
      this.#renew(name);
    }
    return Promise.resolve();
  }

  claimed(): Promise<ClaimedPage> {
    const pinned = [...this.#pinned.values()].map(({ key }) => ({ key, isHere: true }));
    const claims = [...this.#claims.values()].map((key) => ({ key, isHere: false }));
    return Promise.resolve({ claimed: [...claims, ...pinned], next: undefined });
  }

  release(keys: readonly Key[]): Promise<void> {
    for (const key of keys) {
      const name = idText(key);
      const inserted = this.#pinned.get(name)?.inserted ?? this.#claims.has(name);
      this.#pinned.delete(name);
      this.#claims.delete(name);
      this.#known.set(name, 'released');
      if (inserted) this.#ring.release(name);
    }
    return Promise.resolve();
  }

  putRecord(record: StoredRecord): Promise<Stored> {
    if (!this.online) return Promise.reject(offline());
    const { writer, label, version } = record.body;
    const key = recordKey(writer, label);
    const known = this.#ring.records.get(idText(key));
    if (known !== undefined && known.body.version >= version)
      return Promise.reject(new StorageError('conflict', 'a newer version is here'));
    this.#ring.records.set(idText(key), record);
    return Promise.resolve({ key, receipts: [], wanted: 0 });
  }

  getRecord(writer: Bytes, label: string): Promise<StoredRecord | undefined> {
    if (!this.online) return Promise.reject(offline());
    return Promise.resolve(this.#ring.records.get(idText(recordKey(writer, label))));
  }

  has(name: string): boolean {
    return this.#pinned.has(name);
  }

  /** Whether the block is here and has not come into the ring. */
  isUnsent(name: string): boolean {
    return this.#pinned.get(name)?.inserted === false;
  }

  /** A lease that this device believes to be in force is not told again; what is here is stored anew where the ring has lost it. */
  #renew(name: string): void {
    if (this.#known.get(name) === 'held') return;
    const own = this.#pinned.get(name);
    if (!this.#ring.claim(name) && own !== undefined) this.#ring.put(name, own.bytes);
    this.#known.set(name, 'held');
  }
}

function offline(): StorageError {
  return new StorageError('unreachable', 'this device is offline');
}
