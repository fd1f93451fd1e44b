/** A disk in memory on which chosen writes go wrong: the machine dies before or after one, or there is no room for some. */
import type { MemoryKeyValueStore } from '../../../src/adapters/memory/key-value-store.ts';
import { toHex } from '../../../src/core/codec/bytes.ts';
import {
  StoreError,
  type KeyRange,
  type KeyValueStore,
  type Write,
} from '../../../src/core/storage/key-value-store.ts';

/**
 * What happens at write number `at`, the first is 1. `before`, `after`: the machine dies before it is durable, or when it is, but
 * before anybody hears of it. `full`: it and the writes after it find no room, until `makeRoom`. `once`: it alone finds none.
 */
export interface Fault {
  readonly at: number;
  readonly kind: 'before' | 'after' | 'full' | 'once';
}

export const NO_FAULT: Fault = { at: Infinity, kind: 'before' };

export class CrashDisk implements KeyValueStore {
  readonly disk: MemoryKeyValueStore;
  /** Called when the machine dies. */
  died: () => void = () => undefined;
  #fault: Fault;
  #writes = 0;
  #off = false;

  /** `disk` is what is left when the machine has died. */
  constructor(disk: MemoryKeyValueStore, fault: Fault) {
    this.disk = disk;
    this.#fault = fault;
  }

  /** Writes that were tried since the beginning, or since the last fault was set. */
  get writes(): number {
    return this.#writes;
  }

  /** Whether the fault has happened. */
  get hasHit(): boolean {
    return this.#writes >= this.#fault.at;
  }

  /** From now on, counted from 1 again. */
  set(fault: Fault): void {
    this.#writes = 0;
    this.#fault = fault;
  }

  makeRoom(): void {
    this.set(NO_FAULT);
  }

  halt(): void {
    this.#off = true;
  }

  get(key: Parameters<KeyValueStore['get']>[0]): ReturnType<KeyValueStore['get']> {
    return this.#alive(() => this.disk.get(key));
  }

  write(writes: readonly Write[]): Promise<void> {
    return this.#alive(() => {
      const { at, kind } = this.#fault;
      this.#writes += 1;
      if (this.#writes < at || (kind === 'once' && this.#writes > at)) return this.disk.write(writes);
      if (kind === 'full' || kind === 'once') return Promise.reject(new StoreError('full', 'no room'));
      const done = kind === 'after' ? this.disk.write(writes) : Promise.resolve();
      this.#off = true;
      this.died();
      return done.then(() => Promise.reject(off()));
    });
  }

  keys(range: KeyRange): ReturnType<KeyValueStore['keys']> {
    return this.#alive(() => this.disk.keys(range));
  }

  entries(range: KeyRange): ReturnType<KeyValueStore['entries']> {
    return this.#alive(() => this.disk.entries(range));
  }

  usage(): ReturnType<KeyValueStore['usage']> {
    return this.disk.usage();
  }

  close(): Promise<void> {
    this.halt();
    return Promise.resolve();
  }

  async #alive<T>(run: () => Promise<T>): Promise<T> {
    if (this.#off) throw off();
    return run();
  }
}

function off(): StoreError {
  return new StoreError('closed', 'the machine was switched off');
}

/** Everything on a disk, to be compared. */
export async function contents(disk: KeyValueStore): Promise<readonly string[]> {
  const all = await disk.entries({ gte: new Uint8Array(), lt: new Uint8Array(200).fill(255) });
  return all.map(([key, value]) => `${toHex(key)} ${toHex(value)}`);
}
