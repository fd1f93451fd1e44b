/** Who holds blocks that this node had no room for. */
import * as v from 'valibot';
import type { Bytes } from '../codec/bytes.ts';
import type { Key } from '../codec/id.ts';
import { bytesOf, codec, idSchema, timeSchema } from '../codec/schema.ts';
import { PUBLIC_KEY_BYTES } from '../crypto/sign.ts';
import type { KeyValueStore } from './key-value-store.ts';
import { keyOfClaim, pointerKey } from './layout.ts';
import { prefixRange } from './namespace.ts';

/** Pointers of one node: with blocks of 256 KiB, 16 GiB that others hold for it. */
export const POINTERS_MAX = 65_536;

/** A pointer as it lies on disk. */
export const pointerCodec = codec(
  'pointer',
  v.strictObject({
    v: v.literal(1),
    nodeId: idSchema,
    peerKey: bytesOf(PUBLIC_KEY_BYTES),
    /** When the holder was last heard to have the block. */
    at: timeSchema,
  }),
  256,
);
export type Pointer = v.InferOutput<typeof pointerCodec.schema>;

export class Pointers {
  readonly #store: KeyValueStore;
  #count: number;

  private constructor(store: KeyValueStore, count: number) {
    this.#store = store;
    this.#count = count;
  }

  /** Rejects with StoreError. */
  static async open(store: KeyValueStore): Promise<Pointers> {
    return new Pointers(store, (await store.keys(prefixRange(pointerKey()))).length);
  }

  get count(): number {
    return this.#count;
  }

  get hasRoom(): boolean {
    return this.#count < POINTERS_MAX;
  }

  async of(key: Key): Promise<Pointer | undefined> {
    // Most nodes have none: they are not asked for one at each request.
    const bytes = this.#count === 0 ? undefined : await this.#store.get(pointerKey(key));
    const decoded = bytes && pointerCodec.decode(bytes);
    return decoded?.ok === true ? decoded.value : undefined;
  }

  /** Durable when resolved. Rejects with StoreError `full`. */
  async set(key: Key, pointer: Pointer): Promise<void> {
    const before = await this.of(key);
    await this.#store.write([{ type: 'put', key: pointerKey(key), value: pointerCodec.encode(pointer) }]);
    if (before === undefined) this.#count += 1;
  }

  async drop(key: Key): Promise<void> {
    if ((await this.of(key)) === undefined) return;
    this.#count -= 1;
    await this.#store.write([{ type: 'delete', key: pointerKey(key) }]);
  }

  /** In the order of their keys, after `cursor`; `next` continues, if there is more. */
  async page(
    cursor: Bytes | undefined,
    limit: number,
  ): Promise<{ readonly keys: readonly Key[]; readonly next: Bytes | undefined }> {
    const range = prefixRange(pointerKey(), limit);
    const gte = cursor === undefined ? range.gte : new Uint8Array([...cursor, 0]);
    const names = await this.#store.keys({ ...range, gte });
    return { keys: names.map(keyOfClaim), next: names.length === limit ? names.at(-1) : undefined };
  }
}
