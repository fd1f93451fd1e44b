/** What storage (PAST) offers to the layers above it: four kinds of replicated things, with receipts. */
import type { Bytes } from '../codec/bytes.ts';
import type { Id, Key } from '../codec/id.ts';
import type { IdentityCertificate } from '../identity/certificates.ts';
import type { InboxEntryBody, ReceiptBody, RecordBody } from '../identity/signing-purposes.ts';
import type { Signed } from '../crypto/sign.ts';
import type { Claimed } from './claims.ts';

export type Receipt = Signed<ReceiptBody>;
export type StoredRecord = Signed<RecordBody>;
export type InboxEntry = Signed<InboxEntryBody>;

/** Evidence of an insert. */
export interface Stored {
  readonly key: Key;
  /** Checked receipts of distinct nodes. */
  readonly receipts: readonly Receipt[];
  /** Copies that the ring's policy asks for; with fewer live nodes than that, as many as there are. */
  readonly wanted: number;
}

/** A node that holds (or denies) something, for drawing where a thing is. */
export interface Holder {
  readonly nodeId: Id;
  readonly holds: boolean;
}

export interface FetchOptions {
  /** Whether a copy stays on this disk for its user. Default: false. */
  readonly keep?: boolean;
  /** Bytes of the block, if known: how many are fetched at once depends on it, and how long a replica may take. */
  readonly sizeBytes?: number;
}

/** What our own user keeps or claims; `next` continues, if there is more. */
export interface ClaimedPage {
  /** `isHere`: pinned on this disk. */
  readonly claimed: readonly { readonly key: Key; readonly isHere: boolean }[];
  readonly next: Bytes | undefined;
}

export interface Storage {
  /** Puts a content block (≤ BLOCK_BYTES_MAX) on this node's own disk, pinned: it is not evicted. Returns its key. */
  keep(block: Bytes): Promise<Key>;
  /** Replicates a kept block. Resolves with receipts of the whole replica set; rejects with StorageError. */
  insert(key: Key): Promise<Stored>;
  /**
   * Our own user wants these blocks to stay in the ring, here or not: durable when resolved, told to the replicas soon. What is here is
   * kept. `renew`: the claims are told anew, for another of the person's devices may have given them up. Rejects with StorageError.
   */
  claim(blocks: readonly Claimed[], renew?: boolean): Promise<void>;
  /**
   * What our own user keeps here or claims, a page at a time: the claims, then the blocks. A block that is on this disk may come twice.
   * Rejects with StorageError.
   */
  claimed(cursor: Bytes | undefined, limit: number): Promise<ClaimedPage>;
  /**
   * Kangasharju's delete: our own user gives these blocks up. Durable when resolved; the replicas hear of it soon and drop a block
   * when nobody else holds a lease on it. Rejects with StorageError.
   */
  release(keys: readonly Key[]): Promise<void>;
  /** A block: from this disk, else the first copy in the ring whose hash fits (then cached here, if `keep`, pinned). */
  fetch(key: Key, options?: FetchOptions): Promise<Bytes>;
  /** Our own user keeps it no longer. False: it stays pinned, because no copies of it are in the ring yet, or it is not here. */
  unpin(key: Key): Promise<boolean>;
  /** Writes a record everywhere it belongs. */
  putRecord(record: StoredRecord): Promise<Stored>;
  /** Asks all replicas; the newest authentic one wins; undefined when all live replicas say that there is none. */
  getRecord(writer: Bytes, label: string): Promise<StoredRecord | undefined>;
  putCertificate(certificate: IdentityCertificate): Promise<Stored>;
  /** The certificate of a canonical name; undefined when all live replicas say that there is none. */
  getCertificate(name: string): Promise<IdentityCertificate | undefined>;
  appendToInbox(entry: InboxEntry): Promise<Stored>;
  /**
   * Union over all replicas, oldest first: a superset of what is there (Kangasharju's read). With `late`, slow replicas are
   * not waited for: what comes after the promise has resolved is given to it, each entry once.
   */
  readInbox(owner: Bytes, late?: (entries: readonly InboxEntry[]) => void): Promise<readonly InboxEntry[]>;
  /** Removes entries of our own inbox by SHA-256 of their encoded bodies. */
  clearInbox(entries: readonly Id[]): Promise<void>;
  /** Which nodes of its replica set hold the block now. */
  locate(key: Key): Promise<readonly Holder[]>;
  /** Blocks and bytes on this node's disk. */
  usage(): Promise<{ readonly blocks: number; readonly bytes: number; readonly quotaBytes: number }>;
  /** Of what our own user stores in the ring: the bytes that this node knows of, and those that a member may store. */
  account(): { readonly bytes: number; readonly quotaBytes: number };
}

/**
 * `unreachable`: not enough replicas answered; `not-found`: all live replicas deny it; `full`: no disk space;
 * `over-quota`: the member stores as much in the ring as it may;
 * `conflict`: a replica has a newer version of the record; `too-large`.
 */
export type StorageErrorCode = 'unreachable' | 'not-found' | 'full' | 'over-quota' | 'conflict' | 'too-large';

export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly code: StorageErrorCode;
  constructor(code: StorageErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
