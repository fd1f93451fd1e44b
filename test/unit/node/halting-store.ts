/** A disk that stops at a chosen write, as when a tab is killed: from then on nothing is written or answered. */
import {
  StoreError,
  type KeyRange,
  type KeyValueStore,
  type Write,
} from '../../../src/core/storage/key-value-store.ts';

export class HaltingStore implements KeyValueStore {
  readonly #disk: KeyValueStore;
  #left: number;

  /** `writes`: how many batches still reach the disk. */
  constructor(disk: KeyValueStore, writes: number) {
    this.#disk = disk;
    this.#left = writes;
  }

  get halted(): boolean {
    return this.#left <= 0;
  }

  halt(): void {
    this.#left = 0;
  }

  get(key: Parameters<KeyValueStore['get']>[0]): ReturnType<KeyValueStore['get']> {
    return this.#alive(() => this.#disk.get(key));
  }

  write(writes: readonly Write[]): Promise<void> {
    return this.#alive(() => {
      this.#left -= 1;
      return this.#disk.write(writes);
    });
  }

  keys(range: KeyRange): ReturnType<KeyValueStore['keys']> {
    return this.#alive(() => this.#disk.keys(range));
  }

  entries(range: KeyRange): ReturnType<KeyValueStore['entries']> {
    return this.#alive(() => this.#disk.entries(range));
  }

  usage(): ReturnType<KeyValueStore['usage']> {
    return this.#disk.usage();
  }

  close(): Promise<void> {
    this.halt();
    return Promise.resolve();
  }

  async #alive<T>(run: () => Promise<T>): Promise<T> {
    if (this.halted) throw new StoreError('closed', 'the machine was switched off');
    return run();
  }
}
