/**
 * The single-copy message store: bytes of any length become encrypted content blocks and a reference that opens them.
 * POST paper §3.2. Whatever is large is streamed: a few chunks are in memory at once.
 */
import { concat, type Bytes } from '../codec/bytes.ts';
import { idText, type Key, type RingId } from '../codec/id.ts';
import { CHUNK_BYTES_MAX } from '../codec/limits.ts';
import { decryptChunk, encryptChunk, type StoreMode } from '../crypto/convergent.ts';
import type { Random } from '../crypto/random.ts';
import type { Storage, Stored } from '../storage/storage.ts';
import { mapBounded } from './bounded.ts';
import { CHUNK_OVERHEAD_BYTES, CHUNKS_MAX, manifestCodec, type Chunk, type Manifest } from './manifest.ts';
import { PostError } from './post-error.ts';
import type { Reference } from './reference.ts';

/** Blocks that are written, replicated or fetched at once. */
export const BLOCKS_AT_ONCE = 4;

/** Bytes to be stored, read piece by piece. */
export interface Source {
  readonly sizeBytes: number;
  slice(start: number, end: number): Promise<Bytes>;
}

export function bytesSource(bytes: Bytes): Source {
  return { sizeBytes: bytes.length, slice: (start, end) => Promise.resolve(bytes.slice(start, end)) };
}

/** A content block of a message. `sizeBytes`: as stored, encrypted. */
export interface BlockInfo {
  readonly key: Key;
  readonly sizeBytes: number;
}

export interface Kept {
  readonly reference: Reference;
  /** All blocks, the manifest last. */
  readonly blocks: readonly BlockInfo[];
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
   * blocks. Rejects with PostError `too-large`, StorageError `full`.
   */
  async keep(source: Source, mode: StoreMode): Promise<Kept> {
    const count = Math.max(1, Math.ceil(source.sizeBytes / CHUNK_BYTES_MAX));
    if (count > CHUNKS_MAX)
      throw new PostError('too-large', `a message of ${source.sizeBytes} bytes is too large to be stored`);
    const starts = Array.from({ length: count }, (_, i) => i * CHUNK_BYTES_MAX);
    const chunks = await mapBounded(starts, BLOCKS_AT_ONCE, async (start) => {
      const end = Math.min(start + CHUNK_BYTES_MAX, source.sizeBytes);
      const plaintext = await source.slice(start, end);
      if (plaintext.length !== end - start)
        throw new PostError('damaged', 'a file changed while it was being read');
      return this.#keepChunk(plaintext, mode);
    });
    if (chunks.length === 1) return this.#kept(chunks[0]!, false, source.sizeBytes, []);
    const manifest = manifestCodec.encode({ v: 1, sizeBytes: source.sizeBytes, chunks });
    return this.#kept(await this.#keepChunk(manifest, mode), true, source.sizeBytes, chunks);
  }

  /** Replicates kept blocks; `onProgress` is called with the bytes done so far. Rejects with StorageError. */
  async insert(
    blocks: readonly BlockInfo[],
    onProgress: (doneBytes: number) => void = () => undefined,
  ): Promise<Stored[]> {
    let doneBytes = 0;
    return mapBounded(blocks, BLOCKS_AT_ONCE, async ({ key, sizeBytes }) => {
      const stored = await this.#ports.storage.insert(key);
      onProgress((doneBytes += sizeBytes));
      return stored;
    });
  }

  /**
   * The plaintext in order, each piece checked against its hash, a few fetched ahead. `keep`: copies stay on this disk.
   * Rejects with StorageError, or PostError `damaged`.
   */
  async *read(reference: Reference, keep = false): AsyncGenerator<Bytes> {
    const top = await this.#open(reference.key, reference.secret, reference.plaintextHash, keep);
    if (!reference.manifest) {
      if (top.length !== reference.sizeBytes) throw new PostError('damaged', 'a message of another length');
      yield top;
      return;
    }
    const { chunks } = decodeManifest(reference, top);
    const ahead: Promise<Bytes>[] = [];
    const fetchNext = (i: number): void => {
      const chunk = chunks[i];
      if (chunk === undefined) return;
      const opened = this.#openChunk(chunk, keep);
      opened.catch(() => undefined); // Awaited below, in order; this only keeps it from being reported before.
      ahead.push(opened);
    };
    for (let i = 0; i < BLOCKS_AT_ONCE; i++) fetchNext(i);
    for (let i = 0; i < chunks.length; i++) {
      const piece = await ahead.shift()!;
      fetchNext(i + BLOCKS_AT_ONCE);
      yield piece;
    }
  }

  /** The whole plaintext in memory: for messages, not for attachments. Rejects like `read`. */
  async readAll(reference: Reference, keep = false): Promise<Bytes> {
    const pieces: Bytes[] = [];
    for await (const piece of this.read(reference, keep)) pieces.push(piece);
    return pieces.length === 1 ? pieces[0]! : concat(...pieces);
  }

  /** The blocks behind a reference; fetches the manifest when there is one. Rejects like `read`. */
  async blocks(reference: Reference): Promise<readonly BlockInfo[]> {
    if (!reference.manifest)
      return [{ key: reference.key, sizeBytes: reference.sizeBytes + CHUNK_OVERHEAD_BYTES }];
    const top = await this.#open(reference.key, reference.secret, reference.plaintextHash, false);
    const { chunks } = decodeManifest(reference, top);
    return [
      ...distinct(chunks.map(blockOf)),
      { key: reference.key, sizeBytes: top.length + CHUNK_OVERHEAD_BYTES },
    ];
  }

  async #keepChunk(plaintext: Bytes, mode: StoreMode): Promise<Chunk> {
    const { storage, ringSecret, random } = this.#ports;
    const {
      key: secret,
      plaintextHash,
      ciphertext,
    } = await encryptChunk(plaintext, mode, ringSecret, random);
    return {
      key: await storage.keep(ciphertext),
      secret,
      plaintextHash: plaintextHash as Key,
      sizeBytes: plaintext.length,
    };
  }

  #kept(top: Chunk, manifest: boolean, sizeBytes: number, chunks: readonly Chunk[]): Kept {
    const { key, secret, plaintextHash } = top;
    return {
      reference: { v: 1, ring: this.#ports.ring, key, manifest, secret, plaintextHash, sizeBytes },
      blocks: [...distinct(chunks.map(blockOf)), blockOf(top)],
    };
  }

  async #open(key: Key, secret: Bytes, plaintextHash: Bytes, keep: boolean): Promise<Bytes> {
    const opened = await decryptChunk(await this.#ports.storage.fetch(key, { keep }), secret, plaintextHash);
    if (!opened.ok) throw new PostError('damaged', opened.reason);
    return opened.value;
  }

  async #openChunk(chunk: Chunk, keep: boolean): Promise<Bytes> {
    const piece = await this.#open(chunk.key, chunk.secret, chunk.plaintextHash, keep);
    if (piece.length !== chunk.sizeBytes) throw new PostError('damaged', 'a chunk of another length');
    return piece;
  }
}

function decodeManifest(reference: Reference, bytes: Bytes): Manifest {
  const decoded = manifestCodec.decode(bytes);
  if (!decoded.ok) throw new PostError('damaged', decoded.reason);
  const { chunks, sizeBytes } = decoded.value;
  const total = chunks.reduce((sum, chunk) => sum + chunk.sizeBytes, 0);
  if (sizeBytes !== reference.sizeBytes || total !== sizeBytes)
    throw new PostError('damaged', 'a manifest whose sizes do not add up');
  return decoded.value;
}

function blockOf(chunk: Chunk): BlockInfo {
  return { key: chunk.key, sizeBytes: chunk.sizeBytes + CHUNK_OVERHEAD_BYTES };
}

/** A message may hold the same chunk twice; it is one block. */
function distinct(blocks: readonly BlockInfo[]): BlockInfo[] {
  return [...new Map(blocks.map((block) => [idText(block.key), block])).values()];
}
