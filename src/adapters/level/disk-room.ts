/** Whether the file system has room for what is to be written: looked up before each batch when it may be short, else now and then. */
import type { Clock } from '../../core/codec/clock.ts';
import { StoreError } from '../../core/storage/key-value-store.ts';

/**
 * Free space that is left on the file system: 32 MiB. LevelDB needs room to compact and even to open; on a disk without
 * any it cannot start again.
 */
export const RESERVE_BYTES = 32 * 1024 * 1024;
/** Where so much is free, nobody fills the disk before the next look: 4 GiB. */
const ROOMY_BYTES = 4 * 1024 ** 3;
/** How long the last look is trusted on a roomy disk: 1 s. */
const LOOK_MS = 1_000;

export class DiskRoom {
  readonly #freeBytes: () => Promise<number>;
  readonly #clock: Pick<Clock, 'now'>;
  #seen: { readonly at: number; readonly bytes: number } | undefined;

  /** `freeBytes`: what the file system has free now. */
  constructor(freeBytes: () => Promise<number>, clock: Pick<Clock, 'now'>) {
    this.#freeBytes = freeBytes;
    this.#clock = clock;
  }

  /** Rejects with StoreError `full` when so much may not be written now, or as `freeBytes` does. */
  async require(bytes: number): Promise<void> {
    let seen = this.#seen;
    if (seen === undefined || !this.#isTrusted(seen)) {
      const at = this.#clock.now();
      seen = { at, bytes: await this.#freeBytes() };
      this.#seen = seen;
    }
    if (seen.bytes < bytes + RESERVE_BYTES) throw new StoreError('full', 'The disk is full.');
  }

  #isTrusted({ at, bytes }: { readonly at: number; readonly bytes: number }): boolean {
    const age = this.#clock.now() - at;
    return bytes >= ROOMY_BYTES && age >= 0 && age < LOOK_MS;
  }
}
