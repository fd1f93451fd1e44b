/** Who holds blocks that this node had no room for. */
import * as v from 'valibot';
import { equalBytes, type Bytes } from '../codec/bytes.ts';
import type { Counters } from '../codec/counters.ts';
import { idText, type Key, type NodeId } from '../codec/id.ts';
import { bytesOf, codec, idSchema, timeSchema } from '../codec/schema.ts';
import { PUBLIC_KEY_BYTES } from '../crypto/sign.ts';
import { challengesSchema } from './challenges.ts';
import type { KeyValueStore } from './key-value-store.ts';
import { keyOfClaim, pointerKey } from './layout.ts';
import { after, prefixRange } from './namespace.ts';

/** Pointers of one node: with blocks of 256 KiB, 16 GiB that others hold for it. */
export const POINTERS_MAX = 65_536;

/** A pointer as it lies on disk. */
export const pointerCodec = codec(
  'pointer',
  v.strictObject({
    v: v.literal(1),
    nodeId: idSchema,
    peerKey: bytesOf(PUBLIC_KEY_BYTES),
    /** When the holder was last heard to have the block; where it never was, when the block was about to be sent. */
    at: timeSchema,
    /** Written before the block is sent, so that no copy is ever without a pointer: whether the holder has it is not known yet. */
    unheard: v.optional(v.literal(true)),
    /** When the holder last proved that it has the block, or gave it, or signed for it; and what it can be tried with from now on. */
    provedAt: v.optional(timeSchema),
    challenges: v.optional(challengesSchema),
  }),
  1024,
);
export type Pointer = v.InferOutput<typeof pointerCodec.schema>;

/** The holder has just said that it has the block. */
export function heard({ unheard: _, ...pointer }: Pointer, at: number): Pointer {
  return { ...pointer, at };
}

const PAGE = 1_024;

export class Pointers {
  readonly #store: KeyValueStore;
  readonly #counters: Counters;
  /** By the blocks' names: those on disk. Most nodes have none, and no question then reaches the disk. */
  readonly #names = new Set<string>();
  /** Who holds what, of those that were heard when they were last asked: in this session, and by this node itself. */
  readonly #heard = new Map<string, NodeId>();

  private constructor(store: KeyValueStore, counters: Counters) {
    this.#counters = counters;
    this.#store = store;
  }

  /** What does not decode is counted and dropped. Rejects with StoreError. */
  static async open(store: KeyValueStore, counters: Counters): Promise<Pointers> {
    const pointers = new Pointers(store, counters);
    const range = prefixRange(pointerKey(), PAGE);
    let page: Awaited<ReturnType<KeyValueStore['entries']>>;
    for (let gte = range.gte; ; gte = after(page.at(-1)![0])) {
      page = await store.entries({ ...range, gte });
      for (const [name, bytes] of page) {
        const decoded = pointerCodec.decode(bytes);
        if (decoded.ok) {
          pointers.#names.add(idText(keyOfClaim(name)));
          continue;
        }
        counters.refused('storage', { code: 'damaged', reason: `on this disk: ${decoded.reason}` });
        await store.write([{ type: 'delete', key: name }]);
      }
      if (page.length < PAGE) return pointers;
    }
  }

  get count(): number {
    return this.#names.size;
  }

  get hasRoom(): boolean {
    return this.count < POINTERS_MAX;
  }

  async of(key: Key): Promise<Pointer | undefined> {
    if (!this.#names.has(idText(key))) return undefined;
    const bytes = await this.#store.get(pointerKey(key));
    const decoded = bytes && pointerCodec.decode(bytes);
    return decoded?.ok === true ? decoded.value : undefined;
  }

  /** Durable when resolved. Rejects with StoreError `full`. */
  async set(key: Key, pointer: Pointer): Promise<void> {
    await this.#store.write([{ type: 'put', key: pointerKey(key), value: pointerCodec.encode(pointer) }]);
    this.#names.add(idText(key));
    if (pointer.unheard) this.silent(key);
    else this.#heard.set(idText(key), pointer.nodeId);
  }

  /** The holder did not answer. */
  silent(key: Key): void {
    this.#heard.delete(idText(key));
  }

  /** The holder of a copy that counts as a live one. */
  liveHolder(key: Key): NodeId | undefined {
    return this.#heard.get(idText(key));
  }

  /** Drops it if it still leads to this holder. */
  async drop(key: Key, holder: NodeId): Promise<void> {
    const pointer = await this.of(key);
    if (pointer === undefined || !equalBytes(pointer.nodeId, holder)) return;
    await this.#store.write([{ type: 'delete', key: pointerKey(key) }]);
    this.silent(key);
    if (this.#names.delete(idText(key))) this.#counters.add('storage.pointer-dropped');
  }

  /** In the order of their keys, after `cursor`; `next` continues, if there is more. */
  async page(
    cursor: Bytes | undefined,
    limit: number,
  ): Promise<{ readonly keys: readonly Key[]; readonly next: Bytes | undefined }> {
    const range = prefixRange(pointerKey(), limit);
    const gte = cursor === undefined ? range.gte : after(cursor);
    const names = await this.#store.keys({ ...range, gte });
    return { keys: names.map(keyOfClaim), next: names.length === limit ? names.at(-1) : undefined };
  }
}
