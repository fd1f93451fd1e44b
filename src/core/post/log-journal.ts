/** A log's entries and its place in the ring on this disk, so that an append is durable before the network hears of it. */
import * as v from 'valibot';
import { concat, utf8, type Bytes } from '../codec/bytes.ts';
import { codec, idSchema, whole, type Codec } from '../codec/schema.ts';
import type { KeyValueStore, Write } from '../storage/key-value-store.ts';
import { namespace, prefixRange } from '../storage/namespace.ts';
import { logLevelsSchema, snapshotSchema } from './log-head.ts';
import { PostError } from './post-error.ts';

const stateSchema = v.strictObject({
  v: v.literal(2),
  /** Version of the newest head that was begun to be written; never goes back. */
  version: whole(),
  /** The open cluster: its first entry, the chain before it, the blocks before it. */
  first: whole(),
  before: idSchema,
  levels: logLevelsSchema,
  snapshot: v.nullable(snapshotSchema),
  /** Entries that the ring has. */
  published: whole(),
});
export type JournalState = v.InferOutput<typeof stateSchema>;
/** An own log's place in the ring as kept on disk. */
export const journalStateCodec = codec('journal state', stateSchema, 24 * 1024);

const ENTRY = utf8('entry/');
const PART = utf8('part/');
const STATE = utf8('state');

/** `S`: what is kept beside the entries. */
export class LogJournal<S> {
  readonly #store: KeyValueStore;
  readonly #prefix: Bytes;
  readonly #codec: Codec<S>;

  /** `name` tells the logs of one store apart. */
  constructor(store: KeyValueStore, name: string, state: Codec<S>) {
    this.#store = namespace(store, name);
    this.#prefix = utf8(`${name}/`);
    this.#codec = state;
  }

  /** What was written last; undefined before the first write. Rejects with PostError `damaged`: of another version too. */
  async state(): Promise<S | undefined> {
    const stored = await this.#store.get(STATE);
    if (stored === undefined) return undefined;
    const state = this.#codec.decode(stored);
    if (!state.ok)
      throw new PostError('damaged', `The mailbox on this disk cannot be read: ${state.reason}.`);
    return state.value;
  }

  /** All entries that are here, oldest first. */
  async entries(): Promise<Bytes[]> {
    return (await this.#store.entries(prefixRange(ENTRY))).map(([, value]) => value);
  }

  /** Entries first ≤ n < end, as far as they are here. */
  async range(first: number, end: number): Promise<Bytes[]> {
    const range = { gte: entryKey(first), lt: entryKey(end) };
    return (await this.#store.entries(range)).map(([, value]) => value);
  }

  /** Parts of snapshots, those of older ones first. */
  async parts(): Promise<Bytes[]> {
    return (await this.#store.entries(prefixRange(PART))).map(([, value]) => value);
  }

  /** Writes in terms of the store that this journal lives in, to be put into one batch with others. */
  entryWrites(first: number, entries: readonly Bytes[]): Write[] {
    return entries.map((value, i) => this.#put(entryKey(first + i), value));
  }

  /** Parts of the snapshot of the first `next` entries. */
  partWrites(next: number, parts: readonly Bytes[]): Write[] {
    const key = (i: number): Bytes => concat(PART, sequenceBytes(next), sequenceBytes(i));
    return parts.map((value, i) => this.#put(key(i), value));
  }

  stateWrite(state: S): Write {
    return this.#put(STATE, this.#codec.encode(state));
  }

  #put(key: Bytes, value: Bytes): Write {
    return { type: 'put', key: concat(this.#prefix, key), value };
  }
}

function entryKey(sequence: number): Bytes {
  return concat(ENTRY, sequenceBytes(sequence));
}

/** Eight bytes, most significant first: keys in the order of the sequence. */
function sequenceBytes(sequence: number): Bytes {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, BigInt(sequence));
  return out;
}
