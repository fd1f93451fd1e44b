/**
 * The single-copy message store: bytes of any length become encrypted content blocks and a reference that opens them.
 * POST paper §3.2. Whatever is large is streamed, in both directions: a few chunks are in memory at once.
 */
import { assert } from '../codec/assert.ts';
import { concat, type Bytes } from '../codec/bytes.ts';
import { idText, type Key, type RingId } from '../codec/id.ts';
import { CHUNK_BYTES_MAX } from '../codec/limits.ts';
import type { Result } from '../codec/result.ts';
import { decryptChunk, encryptChunk, type StoreMode } from '../crypto/convergent.ts';
import type { Random } from '../crypto/random.ts';
import type { Storage, Stored } from '../storage/storage.ts';
import { mapBounded } from './bounded.ts';
import {
  CHUNK_OVERHEAD_BYTES,
  CHUNKS_MAX,
  indexCodec,
  isIndexed,
  MANIFEST_SPAN_BYTES,
  manifestCodec,
  MESSAGE_SPAN_BYTES,
  openIndex,
  openManifest,
  storedChunkBytes,
  type Chunk,
} from './manifest.ts';
import { padChunk, unpadChunk } from './padding.ts';
import { inOrder } from './pipeline.ts';
import { PostError } from './post-error.ts';
import type { Reference } from './reference.ts';
import { chunksOf, type ByteStream, type Source } from './source.ts';

/** Blocks that are written, replicated or fetched at once: with 256 KiB each, what is in memory of a message. */
export const BLOCKS_AT_ONCE = 4;

/** A content block of a message. `sizeBytes`: as stored, encrypted. */
export interface BlockInfo {
  readonly key: Key;
  readonly sizeBytes: number;
}

export interface Kept {
  readonly reference: Reference;
  /** All blocks, what opens the others last. */
  readonly blocks: readonly BlockInfo[];
}

/** Which part of a message is read, and whether copies stay on this disk. */
export interface ReadOptions {
  readonly keep?: boolean;
  /** Plaintext bytes, from `start` (0) to before `end` (the message's). */
  readonly start?: number;
  readonly end?: number;
}

export interface MessageStorePorts {
  readonly storage: Storage;
  readonly ring: RingId;
  /** 32 bytes that only members know. */
  readonly ringSecret: Bytes;
  readonly random: Random;
}

export class MessageStore {
  readonly #ports: MessageStorePorts;

  constructor(ports: MessageStorePorts) {
    this.#ports = ports;
  }

  /**
   * Encrypts and puts everything on the own disk; durable when resolved. Equal bytes in a convergent mode give equal
   * blocks. `onProgress`: plaintext bytes that are on disk. Rejects with PostError `too-large`, `damaged` (a file that
   * changed meanwhile), StorageError `full`.
   */
  async keep(
    source: Source | ByteStream,
    mode: StoreMode,
    onProgress: (doneBytes: number) => void = () => undefined,
  ): Promise<Kept> {
    const keeping = new Keeping((bytes) => this.#keepBlock(bytes, mode));
    if ('slice' in source) assertFits(source.sizeBytes);
    const chunks = inOrder(chunksOf(source), BLOCKS_AT_ONCE, async (plaintext) => {
      const block = await this.#keepBlock(padChunk(plaintext), mode);
      return { ...block, sizeBytes: plaintext.length };
    });
    for await (const chunk of chunks) {
      assertFits(keeping.sizeBytes + chunk.sizeBytes);
      await keeping.add(chunk);
      onProgress(keeping.sizeBytes);
    }
    const { top, blocks } = await keeping.end();
    const { key, secret, plaintextHash } = top;
    const { sizeBytes } = keeping;
    const manifest = sizeBytes > CHUNK_BYTES_MAX;
    const { ring } = this.#ports;
    return { reference: { v: 1, ring, key, manifest, secret, plaintextHash, sizeBytes }, blocks };
  }

  /**
   * Replicates kept blocks, a few at once; `onStored` is told of each as it comes, by its place. Rejects with StorageError when
   * those under way have ended.
   */
  async insert(
    blocks: readonly BlockInfo[],
    onStored: (place: number, stored: Stored) => void = () => undefined,
  ): Promise<Stored[]> {
    let failure: { readonly error: unknown } | undefined;
    const inserted = await mapBounded(blocks, BLOCKS_AT_ONCE, async ({ key }, place) => {
      if (failure !== undefined) return undefined;
      try {
        const stored = await this.#ports.storage.insert(key);
        onStored(place, stored);
        return stored;
      } catch (error) {
        failure ??= { error };
        return undefined;
      }
    });
    if (failure !== undefined) throw failure.error;
    return inserted.filter((stored) => stored !== undefined);
  }

  /**
   * The plaintext in order, each piece checked against its hash, a few fetched ahead from whoever holds them. What is on this
   * disk is not fetched: with `keep`, a reading that was interrupted goes on where it was. Rejects with StorageError, or
   * PostError `damaged`.
   */
  async *read(reference: Reference, options: ReadOptions = {}): AsyncGenerator<Bytes> {
    const { keep = false, start = 0, end = reference.sizeBytes } = options;
    assert(0 <= start && start <= end && end <= reference.sizeBytes, 'a part within the message');
    const chunks = this.#chunks(reference, start, end, keep);
    const pieces = inOrder(chunks, BLOCKS_AT_ONCE, async ({ chunk, at }) => ({
      at,
      piece: await this.#openChunk(chunk, keep),
    }));
    for await (const { at, piece } of pieces)
      yield at >= start && at + piece.length <= end
        ? piece
        : piece.slice(Math.max(0, start - at), Math.min(piece.length, end - at));
  }

  /** The plaintext, or a part of it, in memory: for what is small. Rejects like `read`. */
  async readAll(reference: Reference, options: ReadOptions = {}): Promise<Bytes> {
    const pieces: Bytes[] = [];
    for await (const piece of this.read(reference, options)) pieces.push(piece);
    return pieces.length === 1 ? pieces[0]! : concat(...pieces);
  }

  /** The blocks behind a reference; fetches index and manifests where there are any. Rejects like `read`. */
  async blocks(reference: Reference): Promise<readonly BlockInfo[]> {
    const { key, sizeBytes, manifest } = reference;
    if (!manifest) return [{ key, sizeBytes: storedChunkBytes(sizeBytes) }];
    const blocks: BlockInfo[] = [];
    for await (const { chunks, block } of this.#manifests(reference, 0, sizeBytes, false))
      blocks.push(...chunks.map(blockOf), block);
    if (isIndexed(sizeBytes)) {
      const index = await this.#open(reference, false);
      blocks.push({ key, sizeBytes: index.length + CHUNK_OVERHEAD_BYTES });
    }
    return distinct(blocks);
  }

  /** The chunks that have bytes from `start` to before `end`, with where they begin. */
  async *#chunks(
    reference: Reference,
    start: number,
    end: number,
    keep: boolean,
  ): AsyncGenerator<{ chunk: Chunk; at: number }> {
    if (!reference.manifest) {
      yield { chunk: reference, at: 0 };
      return;
    }
    for await (const { chunks, at } of this.#manifests(reference, start, end, keep))
      for (const [i, chunk] of chunks.entries()) {
        const chunkAt = at + i * CHUNK_BYTES_MAX;
        if (chunkAt < end && chunkAt + chunk.sizeBytes > start) yield { chunk, at: chunkAt };
      }
  }

  /** The manifests that cover bytes from `start` to before `end`, with where they begin. */
  async *#manifests(
    reference: Reference,
    start: number,
    end: number,
    keep: boolean,
  ): AsyncGenerator<{ chunks: readonly Chunk[]; at: number; block: BlockInfo }> {
    const { sizeBytes } = reference;
    const indexed = isIndexed(sizeBytes);
    const manifests = indexed ? value(openIndex(await this.#open(reference, keep), sizeBytes)) : [reference];
    for (const [i, manifest] of manifests.entries()) {
      const at = i * MANIFEST_SPAN_BYTES;
      if (at >= end || at + manifest.sizeBytes <= start) continue;
      const bytes = await this.#open(manifest, keep);
      const chunks = value(openManifest(bytes, manifest.sizeBytes));
      yield { chunks, at, block: { key: manifest.key, sizeBytes: bytes.length + CHUNK_OVERHEAD_BYTES } };
    }
  }

  async #keepBlock(bytes: Bytes, mode: StoreMode): Promise<Omit<Chunk, 'sizeBytes'>> {
    const { storage, ringSecret, random } = this.#ports;
    const { key: secret, plaintextHash, ciphertext } = await encryptChunk(bytes, mode, ringSecret, random);
    return { key: await storage.keep(ciphertext), secret, plaintextHash: plaintextHash as Key };
  }

  async #open(
    { key, secret, plaintextHash }: Omit<Chunk, 'sizeBytes'>,
    keep: boolean,
    sizeBytes?: number,
  ): Promise<Bytes> {
    const known = sizeBytes === undefined ? {} : { sizeBytes };
    const block = await this.#ports.storage.fetch(key, { keep, ...known });
    return value(await decryptChunk(block, secret, plaintextHash));
  }

  async #openChunk(chunk: Chunk, keep: boolean): Promise<Bytes> {
    const block = await this.#open(chunk, keep, storedChunkBytes(chunk.sizeBytes));
    const piece = unpadChunk(block, chunk.sizeBytes);
    if (piece === undefined) throw new PostError('damaged', 'a chunk of another length');
    return piece;
  }
}

/** Gathers the chunks of one message, in their order, and keeps a manifest whenever one is full. */
class Keeping {
  sizeBytes = 0;
  readonly #keepBlock: (bytes: Bytes) => Promise<Omit<Chunk, 'sizeBytes'>>;
  readonly #blocks: BlockInfo[] = [];
  readonly #manifests: Chunk[] = [];
  #chunks: Chunk[] = [];

  constructor(keepBlock: (bytes: Bytes) => Promise<Omit<Chunk, 'sizeBytes'>>) {
    this.#keepBlock = keepBlock;
  }

  async add(chunk: Chunk): Promise<void> {
    if (this.#chunks.length === CHUNKS_MAX) await this.#endManifest();
    this.#chunks.push(chunk);
    this.#blocks.push(blockOf(chunk));
    this.sizeBytes += chunk.sizeBytes;
  }

  /** What opens the whole, and all blocks with it last. */
  async end(): Promise<{ top: Omit<Chunk, 'sizeBytes'>; blocks: readonly BlockInfo[] }> {
    const { sizeBytes } = this;
    if (sizeBytes <= CHUNK_BYTES_MAX) return { top: this.#chunks[0]!, blocks: distinct(this.#blocks) };
    await this.#endManifest();
    let top = this.#manifests[0]!;
    if (isIndexed(sizeBytes))
      top = await this.#keepList(
        sizeBytes,
        indexCodec.encode({ v: 1, sizeBytes, manifests: this.#manifests }),
      );
    return { top, blocks: distinct(this.#blocks) };
  }

  async #endManifest(): Promise<void> {
    const chunks = this.#chunks;
    this.#chunks = [];
    const sizeBytes = chunks.reduce((sum, chunk) => sum + chunk.sizeBytes, 0);
    this.#manifests.push(await this.#keepList(sizeBytes, manifestCodec.encode({ v: 1, sizeBytes, chunks })));
  }

  async #keepList(sizeBytes: number, encoded: Bytes): Promise<Chunk> {
    const block = await this.#keepBlock(encoded);
    this.#blocks.push({ key: block.key, sizeBytes: encoded.length + CHUNK_OVERHEAD_BYTES });
    return { ...block, sizeBytes };
  }
}

function assertFits(sizeBytes: number): void {
  if (sizeBytes > MESSAGE_SPAN_BYTES)
    throw new PostError('too-large', `a message of ${sizeBytes} bytes is too large to be stored`);
}

/** What a block said, if it is sound. Throws PostError `damaged`. */
function value<T>(opened: Result<T>): T {
  if (!opened.ok) throw new PostError('damaged', opened.reason);
  return opened.value;
}

function blockOf({ key, sizeBytes }: Chunk): BlockInfo {
  return { key, sizeBytes: storedChunkBytes(sizeBytes) };
}

/** A message may hold the same chunk twice; it is one block. */
function distinct(blocks: readonly BlockInfo[]): BlockInfo[] {
  return [...new Map(blocks.map((block) => [idText(block.key), block])).values()];
}
