/** A log's entries and its place in the ring on this disk, so that an append is durable before the network hears of it. */
import * as v from 'valibot';
import { concat, utf8, type Bytes } from '../codec/bytes.ts';
import { codec, idSchema, whole } from '../codec/schema.ts';
import type { KeyValueStore, Write } from '../storage/key-value-store.ts';
import { namespace, prefixRange } from '../storage/namespace.ts';
import { assert } from '../codec/assert.ts';

const stateSchema = v.strictObject({
  v: v.literal(1),
  /** Version of the newest head that was begun to be written; never goes back. */
  version: whole(),
  /** The open cluster: its first entry, the chain before it, the cluster before it. */
  first: whole(),
  before: idSchema,
  previous: v.nullable(idSchema),
  /** Entries that the ring has. */
  published: whole(),
});
export type JournalState = v.InferOutput<typeof stateSchema>;
/** A log's place in the ring as kept on disk. */
export const journalStateCodec = codec('journal state', stateSchema, 1024);

const ENTRY = utf8('entry/');
const STATE = utf8('state');

export class LogJournal {
  readonly #store: KeyValueStore;
  readonly #prefix: Bytes;

  /** `name` tells the logs of one store apart. */
  constructor(store: KeyValueStore, name: string) {
    this.#store = namespace(store, name);
    this.#prefix = utf8(`${name}/`);
  }

  /** State and entries, oldest first; undefined before the first write. */
  async load(): Promise<{ state: JournalState | undefined; entries: Bytes[] }> {
    const [stored, entries] = await Promise.all([
      this.#store.get(STATE),
      this.#store.entries(prefixRange(ENTRY)),
    ]);
    if (stored === undefined) return { state: undefined, entries: entries.map(([, value]) => value) };
    const state = journalStateCodec.decode(stored);
    assert(state.ok, 'the journal of a log cannot be read');
    return { state: state.value, entries: entries.map(([, value]) => value) };
  }

  /** Writes in terms of the store that this journal lives in, to be put into one batch with others. */
  entryWrites(first: number, entries: readonly Bytes[]): Write[] {
    return entries.map((value, i) => this.#put(concat(ENTRY, sequenceBytes(first + i)), value));
  }

  stateWrite(state: JournalState): Write {
    return this.#put(STATE, journalStateCodec.encode(state));
  }

  #put(key: Bytes, value: Bytes): Write {
    return { type: 'put', key: concat(this.#prefix, key), value };
  }
}

/** Eight bytes, most significant first: keys in the order of the sequence. */
function sequenceBytes(sequence: number): Bytes {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, BigInt(sequence));
  return out;
}
