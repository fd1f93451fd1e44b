/** Stored lengths that tell little: an observer of blocks learns a size class, not the length of what somebody wrote. */
import type { Bytes } from '../codec/bytes.ts';
import { CHUNK_BYTES_MAX } from '../codec/limits.ts';

/** The smallest class: nearly all letters are alike. */
const SMALLEST_BYTES = 1024;
/** Up to here classes double; above it they grow by at most 1/16 (Padmé, Nikitin et al., PETS 2019, §4). */
const DOUBLING_BYTES_MAX = 64 * 1024;

/** The class of a chunk of `lengthBytes` ≤ CHUNK_BYTES_MAX; never above CHUNK_BYTES_MAX. */
export function paddedLength(lengthBytes: number): number {
  if (lengthBytes <= SMALLEST_BYTES) return SMALLEST_BYTES;
  const exponent = Math.ceil(Math.log2(lengthBytes));
  if (lengthBytes <= DOUBLING_BYTES_MAX) return 2 ** exponent;
  const step = 2 ** (Math.floor(Math.log2(lengthBytes)) - 4);
  return Math.min(CHUNK_BYTES_MAX, Math.ceil(lengthBytes / step) * step);
}

/** Zeros up to the class: the length itself is in the reference. Equal chunks stay equal. */
export function padChunk(chunk: Bytes): Bytes {
  const length = paddedLength(chunk.length);
  if (length === chunk.length) return chunk;
  const padded = new Uint8Array(length);
  padded.set(chunk);
  return padded;
}

/** The chunk of `lengthBytes`; undefined when this is no padded form of one. A writer may have left the padding out. */
export function unpadChunk(padded: Bytes, lengthBytes: number): Bytes | undefined {
  if (padded.length === lengthBytes) return padded;
  if (lengthBytes > padded.length || padded.length !== paddedLength(lengthBytes)) return undefined;
  return padded.subarray(lengthBytes).every((byte) => byte === 0) ? padded.slice(0, lengthBytes) : undefined;
}
