/**
 * Which blocks each message needs, and which messages need a block, on this disk: two letters may share a block, so one that is
 * deleted gives up only what no other one needs. What cannot be told of a message yet is noted, and asked for again.
 *
 *     refs/m id         the message's blocks          refs/b key id     the block is one of the message's
 *     refs/p id         not all of them are known     refs/o key        since when nothing is known to need the block
 */
import * as v from 'valibot';
import { concat, fromHex, toHex, utf8, type Bytes } from '../codec/bytes.ts';
import type { Key } from '../codec/id.ts';
import { codec, idSchema, listOf, timeSchema, whole } from '../codec/schema.ts';
import type { BlockInfo } from '../post/message-store.ts';
import { UPLOAD_BLOCKS_MAX } from '../post/upload.ts';
import type { KeyValueStore, Write } from '../storage/key-value-store.ts';
import { prefixRange } from '../storage/namespace.ts';

/** Blocks of one message that are remembered and claimed; a message that is made here has fewer. */
export const REFERENCED_BLOCKS_MAX = UPLOAD_BLOCKS_MAX;

/** The blocks of a message, as kept on disk. */
export const referencesCodec = codec(
  'references',
  v.strictObject({
    v: v.literal(1),
    blocks: listOf(v.strictObject({ key: idSchema, sizeBytes: whole() }), REFERENCED_BLOCKS_MAX),
  }),
  4 * 1024 * 1024,
);

/** Since when a block is kept that nothing is known to need, as kept on disk. */
export const orphanCodec = codec(
  'orphan',
  v.strictObject({
    v: v.literal(1),
    since: timeSchema,
    /** A part of a log: other devices may still read it. */
    ofLog: v.boolean(),
  }),
  64,
);
export type Orphan = v.InferOutput<typeof orphanCodec.schema>;

const MESSAGE = utf8('refs/m');
const PARTIAL = utf8('refs/p');
const BLOCK = utf8('refs/b');
const ORPHAN = utf8('refs/o');
const NOTHING: Bytes = new Uint8Array(0);

export class ReferenceIndex {
  readonly #store: KeyValueStore;
  readonly #ids: Set<string>;
  readonly #partial: Set<string>;

  private constructor(store: KeyValueStore, ids: Set<string>, partial: Set<string>) {
    this.#store = store;
    this.#ids = ids;
    this.#partial = partial;
  }

  /** Rejects with StoreError. */
  static async open(store: KeyValueStore): Promise<ReferenceIndex> {
    const [ids, partial] = await Promise.all(
      [MESSAGE, PARTIAL].map(async (prefix) => {
        const keys = await store.keys(prefixRange(prefix));
        return new Set(keys.map((key) => toHex(key.slice(prefix.length))));
      }),
    );
    return new ReferenceIndex(store, ids!, partial!);
  }

  /** Ids of all messages whose blocks are known, hexadecimal. */
  ids(): readonly string[] {
    return [...this.#ids];
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** Those of which not everything is known. */
  partial(): readonly string[] {
    return [...this.#partial];
  }

  /** `isWhole`: these are all. Durable when resolved. Rejects with StoreError. */
  async add(id: string, blocks: readonly BlockInfo[], isWhole: boolean): Promise<void> {
    const message = fromHex(id);
    const bounded = blocks.slice(0, REFERENCED_BLOCKS_MAX);
    const list = bounded.map(({ key, sizeBytes }) => ({ key, sizeBytes }));
    const partial = concat(PARTIAL, message);
    await this.#store.write([
      { type: 'put', key: concat(MESSAGE, message), value: referencesCodec.encode({ v: 1, blocks: list }) },
      ...list.map(({ key }): Write => ({ type: 'put', key: concat(BLOCK, key, message), value: NOTHING })),
      isWhole ? { type: 'delete', key: partial } : { type: 'put', key: partial, value: NOTHING },
    ]);
    this.#ids.add(id);
    if (isWhole) this.#partial.delete(id);
    else this.#partial.add(id);
  }

  /** What is known of the message's blocks. Rejects with StoreError. */
  async blocksOf(id: string): Promise<readonly BlockInfo[]> {
    const bytes = await this.#store.get(concat(MESSAGE, fromHex(id)));
    const decoded = bytes && referencesCodec.decode(bytes);
    return decoded?.ok === true ? decoded.value.blocks : [];
  }

  /** Whether a message, other than `except`, needs the block. Rejects with StoreError. */
  async isNeeded(key: Key, except?: string): Promise<boolean> {
    const prefix = concat(BLOCK, key);
    const found = await this.#store.keys(prefixRange(prefix, 2));
    return found.some((name) => toHex(name.slice(prefix.length)) !== except);
  }

  /** Forgets a message, in one batch with `alsoWrite`. Durable when resolved. Rejects with StoreError. */
  async remove(id: string, alsoWrite: readonly Write[] = []): Promise<void> {
    const message = fromHex(id);
    const blocks = await this.blocksOf(id);
    await this.#store.write([
      ...blocks.map(({ key }): Write => ({ type: 'delete', key: concat(BLOCK, key, message) })),
      { type: 'delete', key: concat(MESSAGE, message) },
      { type: 'delete', key: concat(PARTIAL, message) },
      ...alsoWrite,
    ]);
    this.#ids.delete(id);
    this.#partial.delete(id);
  }

  async orphan(key: Key): Promise<Orphan | undefined> {
    const bytes = await this.#store.get(concat(ORPHAN, key));
    const decoded = bytes && orphanCodec.decode(bytes);
    return decoded?.ok === true ? decoded.value : undefined;
  }

  /** Undefined: it is none any more. Rejects with StoreError. */
  noteOrphan(key: Key, orphan: Orphan | undefined): Promise<void> {
    const name = concat(ORPHAN, key);
    return this.#store.write([
      orphan === undefined
        ? { type: 'delete', key: name }
        : { type: 'put', key: name, value: orphanCodec.encode(orphan) },
    ]);
  }
}
