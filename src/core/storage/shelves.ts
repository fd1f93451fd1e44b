/** Index entries and data on the disk port: written together or not at all, checked on every read, counted. */
import { assert } from '../codec/assert.ts';
import { concat, equalBytes, type Bytes } from '../codec/bytes.ts';
import type { Counters } from '../codec/counters.ts';
import { idText, type Id, type Key } from '../codec/id.ts';
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
  /** The other blocks that have an index entry here, by their keys: our own user's that the ring has not, and damaged ones (true). */
  readonly #apart = new Map<string, boolean>();

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
        if (place.kind !== 'block') continue;
        if (isShared(index)) keys.push(place.key);
        else shelves.#apart.set(idText(place.key), index.damaged);
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

  /** What blocks are here is known without the disk: a new one costs no read before its write. */
  async index(place: Place): Promise<HeldIndex | undefined> {
    if (place.kind === 'block' && this.#stateOf(place.key) === 'absent') return undefined;
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
    if (place.kind === 'block') return this.#peekBlock(place);
    const [index, data] = await Promise.all([this.index(place), this.store.get(dataKey(place))]);
    if (index === undefined || data === undefined || index.damaged) return undefined;
    return equalBytes(await sha256Of(data), index.check) ? data : undefined;
  }

  /** A block's key is its hash: it proves itself, without its index entry. */
  async #peekBlock(place: Place): Promise<Bytes | undefined> {
    if (this.#stateOf(place.key) !== 'whole') return undefined;
    const data = await this.store.get(dataKey(place));
    return data && equalBytes(await sha256Of(data), place.key) ? data : undefined;
  }

  #stateOf(key: Key): 'whole' | 'damaged' | 'absent' {
    if (this.#blocks.has(key)) return 'whole';
    const damaged = this.#apart.get(idText(key));
    return damaged === undefined ? 'absent' : damaged ? 'damaged' : 'whole';
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
      if (place.kind === 'block') this.#file(place.key, before, after);
    }
    return ok(true);
  }

  /** Keeps what is known of the blocks here in step with the disk. */
  #file(key: Key, before: HeldIndex | undefined, after: HeldIndex | undefined): void {
    const shared = isShared(after);
    if (shared) this.#blocks = this.#blocks.with(key);
    else if (isShared(before)) this.#blocks = this.#blocks.without(key);
    if (after !== undefined && !shared) this.#apart.set(idText(key), after.damaged);
    else if (before !== undefined) this.#apart.delete(idText(key));
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
function isShared(index: HeldIndex | undefined): boolean {
  return index !== undefined && index.inserted && !index.damaged;
}

/** The index entry of data that are written now. */
export async function freshIndex(
  data: Bytes,
  { version, held }: { readonly version: number; readonly held: Id },
): Promise<HeldIndex> {
  const check = await sha256Of(data);
  return {
    v: 1,
    sizeBytes: data.length,
    version,
    held,
    check,
    pinned: false,
    inserted: true,
    damaged: false,
  };
}

/** The index entry of a block that is written now: its key is the hash of its data. */
export function blockIndex(
  key: Key,
  data: Bytes,
  { pinned, inserted }: Pick<HeldIndex, 'pinned' | 'inserted'>,
): HeldIndex {
  return {
    v: 1,
    sizeBytes: data.length,
    version: 0,
    held: key,
    check: key,
    pinned,
    inserted,
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
