/**
 * Blocks that came by on their way to who asked for them (PAST, SOSP 2001, section 4: files are cached on the nodes that requests
 * pass). In memory, least recently used first out: no copy that anybody counts on, and nothing on the disk that others may need.
 */
import type { Bytes } from '../codec/bytes.ts';
import { idText, type Key } from '../codec/id.ts';

/** All cached blocks together: 16 MiB. */
export const CACHE_BYTES_MAX = 16 * 1024 * 1024;

export class BlockCache {
  /** Least recently used first. */
  readonly #blocks = new Map<string, Bytes>();
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax = CACHE_BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  /** Bytes of the blocks: at most what was given. */
  get bytes(): number {
    return this.#bytes;
  }

  get(key: Key): Bytes | undefined {
    const name = idText(key);
    const block = this.#blocks.get(name);
    if (block === undefined) return undefined;
    this.#blocks.delete(name);
    this.#blocks.set(name, block);
    return block;
  }

  /** `block`: of this hash. One that is larger than all the room is not taken. */
  put(key: Key, block: Bytes): void {
    if (block.length > this.#bytesMax) return;
    const name = idText(key);
    this.#drop(name);
    this.#blocks.set(name, block);
    this.#bytes += block.length;
    while (this.#bytes > this.#bytesMax) this.#drop(this.#blocks.keys().next().value!);
  }

  #drop(name: string): void {
    this.#bytes -= this.#blocks.get(name)?.length ?? 0;
    this.#blocks.delete(name);
  }
}
