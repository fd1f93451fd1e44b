/** Index entries and data on the disk port: written together or not at all, checked on every read, counted. */
import { assert } from '../codec/assert.ts';
import { concat, equalBytes, type Bytes } from '../codec/bytes.ts';
import type { Counters } from '../codec/counters.ts';
import type { Key } from '../codec/id.ts';
import { ok, refuse, type Result } from '../codec/result.ts';
import { sha256Of } from '../crypto/hash.ts';
import { Exclusive } from './exclusive.ts';
import { StoreError, type KeyValueStore, type Write } from './key-value-store.ts';
import {
  dataKey,
  heldIndex,
  indexKey,
  indexPrefix,
  placeOfIndexKey,
  placeText,
  type HeldIndex,
  type Place,
} from './layout.ts';
import { prefixRange } from './namespace.ts';
import { KeyTree } from './reconcile/key-tree.ts';
import type { HeldKind } from './wire.ts';

/** What this node holds; damaged copies do not count. */
export interface StorageStatistics {
  readonly blocks: number;
  readonly records: number;
  readonly certificates: number;
  readonly inboxEntries: number;
  /** Of blocks alone, and of everything. */
  readonly blockBytes: number;
  readonly bytes: number;
}

/** A change of one place; `before` is what the index says there now. */
export interface Change {
  readonly place: Place;
  readonly before: HeldIndex | undefined;
  /** Undefined: the thing goes. */
  readonly after: HeldIndex | undefined;
  /** Unset: the data stay as they are. */
  readonly data?: Bytes;
}

export interface HeldThing {
  readonly place: Place;
  readonly index: HeldIndex;
}

/** Index entries read at once. */
const PAGE = 500;

export class Shelves {
  readonly store: KeyValueStore;
  readonly #counters: Counters;
  readonly #exclusive = new Exclusive();
  readonly #count: Record<HeldKind, number> = { certificate: 0, record: 0, clear: 0, inbox: 0, block: 0 };
  readonly #bytes: Record<HeldKind, number> = { certificate: 0, record: 0, clear: 0, inbox: 0, block: 0 };

  #blocks = KeyTree.EMPTY;

  private constructor(store: KeyValueStore, counters: Counters) {
    this.store = store;
    this.#counters = counters;
  }

  /** Counts what is there. Rejects with StoreError. */
  static async open(store: KeyValueStore, counters: Counters): Promise<Shelves> {
    const shelves = new Shelves(store, counters);
    const keys: Key[] = [];
    let cursor: Bytes | undefined;
    do {
      const page = await shelves.page(cursor, PAGE);
      for (const { place, index } of page.things) {
        shelves.#tally(place.kind, index, 1);
        if (isShared(place, index)) keys.push(place.key);
      }
      cursor = page.next;
    } while (cursor !== undefined);
    shelves.#blocks = KeyTree.of(keys);
    return shelves;
  }

  /** The keys of whole blocks that are held for the ring: what is compared with other replicas. */
  get blocks(): KeyTree {
    return this.#blocks;
  }

  statistics(): StorageStatistics {
    const count = this.#count;
    return {
      blocks: count.block,
      records: count.record,
      certificates: count.certificate,
      inboxEntries: count.inbox,
      blockBytes: this.#bytes.block,
      bytes: Object.values(this.#bytes).reduce((sum, bytes) => sum + bytes, 0),
    };
  }

  /** Changes of one key happen one after another: read the index inside, decide, write. */
  exclusively<T>(place: Place, action: () => Promise<T>): Promise<T> {
    return this.#exclusive.run(placeText(place), action);
  }

  async index(place: Place): Promise<HeldIndex | undefined> {
    const bytes = await this.store.get(indexKey(place));
    return bytes && this.#decodeIndex(bytes);
  }

  /** Data whose hash fits; damage is found here, counted and marked. */
  async read(place: Place): Promise<Bytes | undefined> {
    const found = await this.peek(place);
    if (found !== undefined || (await this.index(place)) === undefined) return found;
    return this.exclusively(place, () => this.#readOrMark(place));
  }

  /** Data whose hash fits, undefined if there are none; marks nothing. For use inside `exclusively`. */
  async peek(place: Place): Promise<Bytes | undefined> {
    const [index, data] = await Promise.all([this.index(place), this.store.get(dataKey(place))]);
    if (index === undefined || data === undefined || index.damaged) return undefined;
    return equalBytes(await sha256Of(data), index.check) ? data : undefined;
  }

  /** All or nothing, durable when resolved. Refusal: `full`. Other failures of the disk reject with StoreError. */
  async write(changes: readonly Change[], further: readonly Write[] = []): Promise<Result<true>> {
    try {
      await this.store.write([...changes.flatMap(writesOf), ...further]);
    } catch (error) {
      if (error instanceof StoreError && error.code === 'full') return refuse('full', error.message);
      throw error;
    }
    for (const { place, before, after } of changes) {
      if (before) this.#tally(place.kind, before, -1);
      if (after) this.#tally(place.kind, after, 1);
      if (place.kind !== 'block') continue;
      this.#blocks = isShared(place, after) ? this.#blocks.with(place.key) : this.#blocks.without(place.key);
    }
    return ok(true);
  }

  /** Things in the order of their index keys, after `cursor`; `next` continues, if there is more. */
  async page(
    cursor: Bytes | undefined,
    limit: number,
    prefix: Bytes = indexPrefix(),
  ): Promise<{ readonly things: readonly HeldThing[]; readonly next: Bytes | undefined }> {
    const range = prefixRange(prefix, limit);
    const after = cursor === undefined ? range : { ...range, gte: concat(cursor, Uint8Array.of(0)) };
    const entries = await this.store.entries(after);
    const things: HeldThing[] = [];
    for (const [key, value] of entries) {
      const index = this.#decodeIndex(value);
      if (index) things.push({ place: placeOfIndexKey(key), index });
    }
    return { things, next: entries.length === limit ? entries[limit - 1]![0] : undefined };
  }

  async #readOrMark(place: Place): Promise<Bytes | undefined> {
    const found = await this.peek(place);
    if (found !== undefined) return found;
    const before = await this.index(place);
    if (before === undefined || before.damaged) return undefined;
    this.#counters.refused('storage', {
      code: 'damaged',
      reason: `a ${place.kind} on this disk that has changed since it was written`,
    });
    await this.write([{ place, before, after: { ...before, damaged: true } }]);
    return undefined;
  }

  #decodeIndex(bytes: Bytes): HeldIndex | undefined {
    const decoded = heldIndex.decode(bytes);
    if (decoded.ok) return decoded.value;
    this.#counters.refused('storage', { code: 'damaged', reason: `on this disk: ${decoded.reason}` });
    return undefined;
  }

  #tally(kind: HeldKind, index: HeldIndex, sign: 1 | -1): void {
    if (index.damaged) return;
    this.#count[kind] += sign;
    this.#bytes[kind] += sign * index.sizeBytes;
    assert(this.#count[kind] >= 0 && this.#bytes[kind] >= 0, 'no less than nothing is held');
  }
}

/** An own block that was never replicated is its sender's business; a damaged copy is none. */
function isShared({ kind }: Place, index: HeldIndex | undefined): boolean {
  return kind === 'block' && index !== undefined && index.inserted && !index.damaged;
}

/** The index entry of data that are written now. */
export async function freshIndex(
  data: Bytes,
  held: { readonly version: number; readonly held: Bytes },
  block?: { readonly pinned: boolean; readonly inserted: boolean },
): Promise<HeldIndex> {
  return {
    v: 1,
    sizeBytes: data.length,
    version: held.version,
    held: held.held,
    check: await sha256Of(data),
    pinned: block?.pinned ?? false,
    inserted: block?.inserted ?? true,
    damaged: false,
  };
}

function writesOf({ place, after, data }: Change): Write[] {
  if (after === undefined)
    return [
      { type: 'delete', key: indexKey(place) },
      { type: 'delete', key: dataKey(place) },
    ];
  const writes: Write[] = [{ type: 'put', key: indexKey(place), value: heldIndex.encode(after) }];
  if (data !== undefined) writes.push({ type: 'put', key: dataKey(place), value: data });
  return writes;
}
