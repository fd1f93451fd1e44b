/**
 * How a message that is longer than one chunk is found again: a manifest lists its chunks; of a message longer than one manifest
 * can list, an index lists its manifests. Each is encrypted and stored like a chunk.
 */
import * as v from 'valibot';
import { BLOCK_BYTES_MAX, CHUNK_BYTES_MAX } from '../codec/limits.ts';
import type { Result } from '../codec/result.ts';
import { ok, refuse } from '../codec/result.ts';
import { bytesOf, codec, idSchema, listOf, whole } from '../codec/schema.ts';
import { paddedLength } from './padding.ts';

/** Chunks of one manifest. */
export const CHUNKS_MAX = 256;
/** What one manifest covers: 64 MiB of plaintext. */
export const MANIFEST_SPAN_BYTES = CHUNKS_MAX * CHUNK_BYTES_MAX;
/** Manifests of one index. */
export const MANIFESTS_MAX = 256;
/** The longest message: 16 GiB. */
export const MESSAGE_SPAN_BYTES = MANIFESTS_MAX * MANIFEST_SPAN_BYTES;
/** AES-GCM's tag: what encryption adds to a chunk. */
export const CHUNK_OVERHEAD_BYTES = 16;

const stored = {
  key: idSchema,
  /** 32 bytes: opens the block. */
  secret: bytesOf(32),
  /** H of what was encrypted, padding included. */
  plaintextHash: idSchema,
};
const chunkSchema = v.strictObject({
  ...stored,
  /** Plaintext bytes, padding not counted. */
  sizeBytes: whole(CHUNK_BYTES_MAX),
});
export type Chunk = v.InferOutput<typeof chunkSchema>;

const manifestSchema = v.strictObject({
  v: v.literal(1),
  sizeBytes: whole(MANIFEST_SPAN_BYTES),
  chunks: listOf(chunkSchema, CHUNKS_MAX),
});
export type Manifest = v.InferOutput<typeof manifestSchema>;
export const manifestCodec = codec('manifest', manifestSchema, BLOCK_BYTES_MAX);

const indexSchema = v.strictObject({
  v: v.literal(1),
  sizeBytes: whole(MESSAGE_SPAN_BYTES),
  /** Each with the plaintext bytes that it covers. */
  manifests: listOf(v.strictObject({ ...stored, sizeBytes: whole(MANIFEST_SPAN_BYTES) }), MANIFESTS_MAX),
});
export type Index = v.InferOutput<typeof indexSchema>;
export const indexCodec = codec('index of manifests', indexSchema, BLOCK_BYTES_MAX);

/** Whether a message of this length has an index above its manifests. */
export function isIndexed(sizeBytes: number): boolean {
  return sizeBytes > MANIFEST_SPAN_BYTES;
}

/** Bytes of a chunk as it is stored: padded and encrypted. */
export function storedChunkBytes(sizeBytes: number): number {
  return paddedLength(sizeBytes) + CHUNK_OVERHEAD_BYTES;
}

/** Refusals: those of the format, `bad-sizes`. */
export function openManifest(bytes: Uint8Array, sizeBytes: number): Result<readonly Chunk[]> {
  const decoded = manifestCodec.decode(bytes);
  if (!decoded.ok) return decoded;
  const { chunks } = decoded.value;
  return decoded.value.sizeBytes === sizeBytes && isFull(chunks, CHUNK_BYTES_MAX, sizeBytes)
    ? ok(chunks)
    : refuse('bad-sizes', 'a manifest whose sizes do not add up');
}

/** Refusals: those of the format, `bad-sizes`. */
export function openIndex(bytes: Uint8Array, sizeBytes: number): Result<Index['manifests']> {
  const decoded = indexCodec.decode(bytes);
  if (!decoded.ok) return decoded;
  const { manifests } = decoded.value;
  return decoded.value.sizeBytes === sizeBytes && isFull(manifests, MANIFEST_SPAN_BYTES, sizeBytes)
    ? ok(manifests)
    : refuse('bad-sizes', 'an index whose sizes do not add up');
}

/** Whether all but the last are full and nothing is missing: so that a place in the message names its chunk. */
function isFull(items: readonly { readonly sizeBytes: number }[], span: number, sizeBytes: number): boolean {
  return (
    items.length === Math.ceil(sizeBytes / span) &&
    items.every((item, i) => item.sizeBytes === Math.min(span, sizeBytes - i * span))
  );
}
