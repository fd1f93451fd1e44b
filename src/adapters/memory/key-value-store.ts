/** The disk port in memory, for tests and simulations: ordered, atomic, with a quota and failures on demand. */
import { compareBytes, concat, toHex, type Bytes } from '../../core/codec/bytes.ts';
import {
  StoreError,
  type KeyRange,
  type KeyValueStore,
  type Write,
} from '../../core/storage/key-value-store.ts';

interface Entry {
  readonly key: Bytes;
  readonly value: Bytes;
}

export interface MemoryKeyValueStoreOptions {
  /** Bytes of keys and values together that fit; default: no limit. */
  readonly quotaBytes?: number;
}

export class MemoryKeyValueStore implements KeyValueStore {
  /** Invariant: `#sorted` has the keys of `#entries` in lexicographic order. */
  readonly #entries = new Map<string, Entry>();
  readonly #sorted: Bytes[] = [];
  #quotaBytes: number;
  #usedBytes = 0;
  #closed = false;

  constructor(options: MemoryKeyValueStoreOptions = {}) {
    this.#quotaBytes = options.quotaBytes ?? Number.MAX_SAFE_INTEGER;
  }

  async get(key: Bytes): Promise<Bytes | undefined> {
    this.#assertOpen();
    const entry = this.#entries.get(toHex(key));
    return entry && concat(entry.value);
  }

  async write(writes: readonly Write[]): Promise<void> {
    this.#assertOpen();
    const last = new Map(writes.map((write) => [toHex(write.key), write]));
    let usedBytes = this.#usedBytes;
    for (const [name, write] of last) {
      const old = this.#entries.get(name);
      if (old) usedBytes -= sizeOf(old);
      if (write.type === 'put') usedBytes += sizeOf(write);
    }
    if (usedBytes > this.#quotaBytes && usedBytes > this.#usedBytes)
      throw new StoreError('full', `The store is full: ${usedBytes} of ${this.#quotaBytes} bytes.`);
    this.#usedBytes = usedBytes;
    for (const [name, write] of last) this.#apply(name, write);
  }

  async keys(range: KeyRange): Promise<Bytes[]> {
    this.#assertOpen();
    return this.#within(range).map((key) => concat(key));
  }

  async entries(range: KeyRange): Promise<(readonly [Bytes, Bytes])[]> {
    this.#assertOpen();
    return this.#within(range).map(
      (key) => [concat(key), concat(this.#entries.get(toHex(key))!.value)] as const,
    );
  }

  async usage(): Promise<{ usedBytes: number; quotaBytes: number }> {
    this.#assertOpen();
    return { usedBytes: this.#usedBytes, quotaBytes: this.#quotaBytes };
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  /** The same disk after the process has died: what was written is there. */
  reopen(): void {
    this.#closed = false;
  }

  /** Changes the size of the disk. */
  setQuota(quotaBytes: number): void {
    this.#quotaBytes = quotaBytes;
  }

  #assertOpen(): void {
    if (this.#closed) throw new StoreError('closed', 'The store is closed.');
  }

  #apply(name: string, write: Write): void {
    const known = this.#entries.has(name);
    if (write.type === 'put') {
      const key = concat(write.key);
      this.#entries.set(name, { key, value: concat(write.value) });
      if (!known) this.#sorted.splice(this.#indexOf(key), 0, key);
    } else if (known) {
      this.#entries.delete(name);
      this.#sorted.splice(this.#indexOf(write.key), 1);
    }
  }

  #within({ gte, lt, limit }: KeyRange): readonly Bytes[] {
    const start = this.#indexOf(gte);
    const end = Math.max(start, this.#indexOf(lt));
    return this.#sorted.slice(start, limit === undefined ? end : Math.min(end, start + limit));
  }

  /** Index of the first key ≥ `key`. */
  #indexOf(key: Bytes): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareBytes(this.#sorted[middle]!, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function sizeOf(entry: Entry): number {
  return entry.key.length + entry.value.length;
}
