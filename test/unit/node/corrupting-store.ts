/** The disk of a node that lies: whatever it gives away was changed. */
import { MemoryKeyValueStore } from '../../../src/adapters/memory/key-value-store.ts';
import type { Bytes } from '../../../src/core/codec/bytes.ts';

/** Values of this size and above are changed when they are read: blocks, records, inbox entries. */
const CHANGED_FROM_BYTES = 64;

export class CorruptingStore extends MemoryKeyValueStore {
  changes = 0;

  override async get(key: Bytes): Promise<Bytes | undefined> {
    const value = await super.get(key);
    return value && this.#changed(value);
  }

  override async entries(
    range: Parameters<MemoryKeyValueStore['entries']>[0],
  ): Promise<(readonly [Bytes, Bytes])[]> {
    return (await super.entries(range)).map(([key, value]) => [key, this.#changed(value)] as const);
  }

  #changed(value: Bytes): Bytes {
    if (value.length < CHANGED_FROM_BYTES) return value;
    this.changes += 1;
    const out = value.slice();
    out[out.length >> 1]! ^= 1;
    return out;
  }
}
