/**
 * The index on disk: each shard packed and sealed, under a key that the vault seals (`search-key.ts`). A shard that cannot be read is
 * none: its messages are indexed anew.
 */
import * as v from 'valibot';
import { concat, fromUtf8, utf8, type Bytes } from '../../core/codec/bytes.ts';
import { bytesMax, codec, listOf, text } from '../../core/codec/schema.ts';
import type { Random } from '../../core/crypto/random.ts';
import { seal, unseal } from '../../core/crypto/seal.ts';
import type { KeyValueStore, Write } from '../../core/storage/key-value-store.ts';
import { Shard, SHARD_MESSAGES_MAX, type ShardContent } from './shard.ts';

const PREFIX = 'shard/';
/** Of a packed shard when it is unpacked. */
const SHARD_BYTES_MAX = 512 * 1024 * 1024;

const shardCodec = codec(
  'shard',
  v.strictObject({
    v: v.literal(1),
    ids: listOf(text(128), SHARD_MESSAGES_MAX),
    heads: bytesMax(SHARD_BYTES_MAX),
    whole: bytesMax(SHARD_BYTES_MAX),
    /** One a line. */
    words: text(SHARD_BYTES_MAX),
    /** These and `heads`: 32-bit numbers, least significant byte first. */
    starts: bytesMax(SHARD_BYTES_MAX),
    sequence: bytesMax(SHARD_BYTES_MAX),
  }),
  SHARD_BYTES_MAX,
);

export class ShardStore {
  readonly #store: KeyValueStore;
  readonly #key: CryptoKey;
  readonly #random: Random;

  constructor(store: KeyValueStore, key: CryptoKey, random: Random) {
    this.#store = store;
    this.#key = key;
    this.#random = random;
  }

  /** Those that can be read. Rejects with StoreError. */
  async load(): Promise<readonly Shard[]> {
    const shards: Shard[] = [];
    for (const name of await this.#names()) {
      const sealed = await this.#store.get(keyOf(name));
      const content = sealed && (await this.#opened(name, sealed));
      if (content) shards.push(new Shard(name, content));
    }
    return shards;
  }

  /** Writes the shards that are not there yet, then deletes all others. Rejects with StoreError. */
  async save(shards: readonly Shard[]): Promise<void> {
    const there = new Set(await this.#names());
    for (const { name, content } of shards) {
      if (there.delete(name)) continue;
      const packed = await packedBytes(encoded(content));
      const value = await seal(this.#key, packed, contextOf(name), this.#random);
      await this.#store.write([{ type: 'put', key: keyOf(name), value }]);
    }
    const gone = [...there].map((name): Write => ({ type: 'delete', key: keyOf(name) }));
    if (gone.length > 0) await this.#store.write(gone);
  }

  async #names(): Promise<readonly string[]> {
    const range = { gte: utf8(PREFIX), lt: concat(utf8(PREFIX), new Uint8Array([0xff])) };
    return (await this.#store.keys(range)).map((key) => fromUtf8(key).slice(PREFIX.length));
  }

  async #opened(name: string, sealed: Bytes): Promise<ShardContent | undefined> {
    const opened = await unseal(this.#key, sealed, contextOf(name));
    return opened.ok ? decoded(await unpackedBytes(opened.value)) : undefined;
  }
}

function keyOf(name: string): Bytes {
  return utf8(PREFIX + name);
}

/** A shard in the place of another one is not opened. */
function contextOf(name: string): Bytes {
  return utf8(`epost/search-shard/${name}`);
}

function encoded({ ids, heads, whole, words, starts, sequence }: ShardContent): Bytes {
  return shardCodec.encode({
    v: 1,
    ids: [...ids],
    heads: bytesOfNumbers(heads),
    whole: concat(whole),
    words: words.join('\n'),
    starts: bytesOfNumbers(starts),
    sequence: bytesOfNumbers(sequence),
  });
}

/** Undefined when it is of another version, or its parts do not fit each other. */
function decoded(bytes: Bytes): ShardContent | undefined {
  const result = shardCodec.decode(bytes);
  if (!result.ok) return undefined;
  const { ids, whole } = result.value;
  const words = result.value.words.split('\n');
  const heads = numbersOfBytes(result.value.heads);
  const starts = numbersOfBytes(result.value.starts);
  const sequence = numbersOfBytes(result.value.sequence);
  const fits =
    heads.length === ids.length &&
    whole.length === ids.length &&
    starts.length === ids.length + 1 &&
    starts.every((start, i) => start >= (starts[i - 1] ?? 0)) &&
    starts.at(-1) === sequence.length &&
    sequence.every((word) => word < words.length);
  return fits ? { ids, heads, whole, words, starts, sequence } : undefined;
}

/** As the machine has them: there is no browser on one that puts the most significant byte first. */
function bytesOfNumbers(numbers: Uint32Array): Bytes {
  return new Uint8Array(numbers.slice().buffer);
}

function numbersOfBytes(bytes: Bytes): Uint32Array {
  return new Uint32Array(bytes.slice(0, bytes.length - (bytes.length % 4)).buffer);
}

function packedBytes(bytes: Bytes): Promise<Bytes> {
  return through(bytes, new CompressionStream('deflate-raw'));
}

function unpackedBytes(bytes: Bytes): Promise<Bytes> {
  return through(bytes, new DecompressionStream('deflate-raw'));
}

async function through(bytes: Bytes, stream: CompressionStream | DecompressionStream): Promise<Bytes> {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
}
