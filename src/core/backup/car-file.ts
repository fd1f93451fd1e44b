/**
 * Back-ups as CAR files (IPLD's content-addressable archive, version 1): blocks with their CIDs behind a header that names the
 * root. Content blocks are CIDv1 raw/sha2-256, whose digest is the block's key in the ring; the root is dag-cbor. Written and
 * read piece by piece; the library is loaded when the first file is.
 */
import type { readBlockHead } from '@ipld/car/decoder';
import { CID } from 'multiformats/cid';
import * as Digest from 'multiformats/hashes/digest';
import { concat, equalBytes, type Bytes } from '../codec/bytes.ts';
import type { Id } from '../codec/id.ts';
import { BLOCK_BYTES_MAX } from '../codec/limits.ts';
import { sha256Of } from '../crypto/hash.ts';
import { MANIFEST_BYTES_MAX } from './manifest.ts';

/** Multicodec codes: what a block is, and the hash in its CID. */
const RAW = 0x55;
const DAG_CBOR = 0x71;
const SHA2_256 = 0x12;
/** The header names one root; some room for what other tools write. */
const HEADER_BYTES_MAX = 4096;
/** What is read of a file at a time. */
const PIECE_BYTES = 1024 * 1024;
const BLOCK_MAX = Math.max(BLOCK_BYTES_MAX, MANIFEST_BYTES_MAX);

export type CarKind = 'raw' | 'dag-cbor';

type BytesReader = Parameters<typeof readBlockHead>[0];

/** A block as it was read. */
export type CarItem =
  | { readonly kind: CarKind; readonly key: Id; readonly bytes: Bytes; readonly isRoot: boolean }
  /** Its bytes are not those of its CID, or its kind is none of ours; reading goes on behind it. */
  | { readonly kind: 'damaged'; readonly cid: string; readonly reason: string }
  /** From here on nothing can be read: always the last item. */
  | { readonly kind: 'broken'; readonly atByte: number; readonly reason: string };

/** The CID under which a block stands in the file. */
export function cidOf(key: Id, kind: CarKind): CID {
  return CID.createV1(kind === 'raw' ? RAW : DAG_CBOR, Digest.create(SHA2_256, key));
}

/** The bytes of a file with this root and these blocks behind it; one block is in memory. A failure of `blocks` rejects. */
export async function* writeCar(root: Bytes, blocks: AsyncIterable<Bytes>): AsyncGenerator<Bytes> {
  const { CarWriter } = await import('@ipld/car/writer');
  const cid = cidOf(await sha256Of(root), 'dag-cbor');
  const { writer, out } = CarWriter.create([cid]);
  let stopped = false;
  const feed = async (): Promise<void> => {
    try {
      await writer.put({ cid, bytes: root });
      for await (const bytes of blocks) {
        await writer.put({ cid: cidOf(await sha256Of(bytes), 'raw'), bytes });
        if (stopped) return;
      }
    } finally {
      await writer.close();
    }
  };
  const pieces = out[Symbol.asyncIterator]();
  const feeding = feed();
  feeding.catch(() => undefined); // Told below, when what was written before it has been handed on.
  try {
    for (let next = await pieces.next(); next.done !== true; next = await pieces.next())
      yield concat(next.value);
    await feeding;
  } finally {
    // Whoever stops early lets the writer come to its end, so that nothing waits for ever.
    stopped = true;
    while ((await pieces.next()).done !== true);
  }
}

/** Pieces of a file or of any other Blob. */
export async function* piecesOfBlob(blob: Blob): AsyncGenerator<Bytes> {
  for (let start = 0; start < blob.size; start += PIECE_BYTES)
    yield new Uint8Array(await blob.slice(start, start + PIECE_BYTES).arrayBuffer());
}

/** What is in a file, in its order, each block checked against its CID; a file that is none is `broken` at once. Never rejects but for `pieces`. */
export async function* readCar(pieces: AsyncIterable<Bytes>): AsyncGenerator<CarItem> {
  const { asyncIterableReader, readBlockHead, readHeader } = await import('@ipld/car/decoder');
  let failure: { readonly cause: unknown } | undefined;
  const reader = bounded(asyncIterableReader(watched(pieces, (cause) => (failure = { cause }))));
  try {
    const { roots } = await reader.limitedTo(HEADER_BYTES_MAX, () => readHeader(reader, 1));
    const root = roots.length === 1 ? roots[0]!.toString() : undefined;
    while ((await reader.upTo(8)).length > 0) {
      const { cid, blockLength } = await reader.limitedTo(HEADER_BYTES_MAX, () => readBlockHead(reader));
      if (!(blockLength >= 0 && blockLength <= BLOCK_MAX))
        throw new RangeError('a block of a length that none has');
      yield await checked(cid, concat(await reader.exactly(blockLength, true)), root);
    }
  } catch (error) {
    if (failure !== undefined) throw failure.cause;
    yield {
      kind: 'broken',
      atByte: reader.pos,
      reason: error instanceof Error ? error.message : String(error),
    };
  }
}

async function checked(cid: CID, bytes: Bytes, root: string | undefined): Promise<CarItem> {
  const text = cid.toString();
  const kind = cid.code === RAW ? 'raw' : cid.code === DAG_CBOR ? 'dag-cbor' : undefined;
  if (cid.version !== 1 || kind === undefined || cid.multihash.code !== SHA2_256)
    return { kind: 'damaged', cid: text, reason: 'a block of a kind that back-ups do not have' };
  const key = await sha256Of(bytes);
  if (!equalBytes(key, cid.multihash.digest))
    return { kind: 'damaged', cid: text, reason: 'a block whose hash is not its name' };
  return { kind, key, bytes, isRoot: text === root };
}

/** A reader of the library that does not gather more than a block, whatever length the file claims. */
function bounded(reader: BytesReader) {
  let limit = BLOCK_MAX;
  return {
    upTo: (length: number) => reader.upTo(Math.min(length, limit)),
    exactly: (length: number, seek?: boolean) => {
      if (!(length >= 0 && length <= limit)) throw new RangeError('a length over the limit');
      return reader.exactly(length, seek);
    },
    seek: (length: number) => reader.seek(length),
    get pos() {
      return reader.pos;
    },
    async limitedTo<T>(max: number, read: () => Promise<T>): Promise<T> {
      limit = max;
      try {
        return await read();
      } finally {
        limit = BLOCK_MAX;
      }
    },
  };
}

/** A disk that fails while it is read is no damage of the file. */
async function* watched(
  pieces: AsyncIterable<Bytes>,
  failed: (cause: unknown) => void,
): AsyncGenerator<Bytes> {
  try {
    yield* pieces;
  } catch (error) {
    failed(error);
    throw error;
  }
}
