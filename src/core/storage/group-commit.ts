/** Joins writes that wait for the disk at the same time into one durable batch: one sync instead of many. */
import { StoreError, type Write } from './key-value-store.ts';

/** Bytes of values after which a group is closed: 8 MiB. */
const GROUP_BYTES_MAX = 8 * 1024 * 1024;
/** How often a group that still grows is waited for. */
const GATHER_MAX = 8;

interface Waiting {
  readonly writes: readonly Write[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * `commit` writes a batch durably, all or nothing. Batches keep their order. When a group of several batches finds
 * the disk full, each is tried alone, so that a small write does not fail for its large neighbour. A group is closed
 * when nobody has joined it while `ready` was awaited: those who waited for the group before would miss it otherwise, and the next
 * one would be for them alone. `ready` never rejects.
 */
export class GroupCommit {
  readonly #commit: (writes: readonly Write[]) => Promise<void>;
  readonly #ready: () => Promise<void>;
  readonly #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;

  constructor(
    commit: (writes: readonly Write[]) => Promise<void>,
    ready: () => Promise<void> = () => Promise.resolve(),
  ) {
    this.#commit = commit;
    this.#ready = ready;
  }

  /** Durable when resolved; rejects as `commit` does. */
  write(writes: readonly Write[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ writes, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing is waiting. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      await this.#gather();
      await this.#commitGroup(this.#takeGroup());
    }
    this.#running = undefined;
  }

  async #gather(): Promise<void> {
    let before = 0;
    for (let i = 0; i < GATHER_MAX && this.#waiting.length > before; i++) {
      before = this.#waiting.length;
      await this.#ready();
    }
  }

  #takeGroup(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { writes } of this.#waiting) {
      for (const write of writes) bytes += write.type === 'put' ? write.value.length : 0;
      if (count > 0 && bytes > GROUP_BYTES_MAX) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  async #commitGroup(group: readonly Waiting[]): Promise<void> {
    try {
      await this.#commit(group.flatMap(({ writes }) => writes));
      for (const { resolve } of group) resolve();
    } catch (error) {
      if (group.length > 1 && error instanceof StoreError && error.code === 'full')
        for (const one of group) await this.#commitGroup([one]);
      else for (const { reject } of group) reject(error);
    }
  }
}
