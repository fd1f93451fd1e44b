/** The disk port: an ordered map of byte keys, with atomic batches. Adapters: memory, idb (tab), level (relay). */
import type { Bytes } from '../codec/bytes.ts';

export type Write =
  | { readonly type: 'put'; readonly key: Bytes; readonly value: Bytes }
  | { readonly type: 'delete'; readonly key: Bytes };

/** Keys k with gte ≤ k < lt, in lexicographic order. */
export interface KeyRange {
  readonly gte: Bytes;
  readonly lt: Bytes;
  /** At most this many; unset: all. */
  readonly limit?: number;
}

export interface KeyValueStore {
  get(key: Bytes): Promise<Bytes | undefined>;
  /** All writes or none; durable when resolved. Rejects with StoreError `full`, `closed` or `io`. */
  write(writes: readonly Write[]): Promise<void>;
  keys(range: KeyRange): Promise<Bytes[]>;
  entries(range: KeyRange): Promise<(readonly [Bytes, Bytes])[]>;
  /** Bytes used and bytes that may be used, as far as the platform tells. */
  usage(): Promise<{ readonly usedBytes: number; readonly quotaBytes: number }>;
  close(): Promise<void>;
}

/** The disk failed. `full`: nothing of the batch was written. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly code: 'full' | 'closed' | 'io';
  constructor(code: StoreError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
