/** The list of the chunks of a large message; it is itself encrypted and stored like a chunk. */
import * as v from 'valibot';
import { BLOCK_BYTES_MAX, CHUNK_BYTES_MAX } from '../codec/limits.ts';
import { bytesOf, codec, idSchema, listOf, whole } from '../codec/schema.ts';

/** Most chunks of one message: 64 MiB of plaintext. */
export const CHUNKS_MAX = 256;
/** AES-GCM's tag: what encryption adds to a chunk. */
export const CHUNK_OVERHEAD_BYTES = 16;

const chunkSchema = v.strictObject({
  key: idSchema,
  /** 32 bytes: opens the chunk. */
  secret: bytesOf(32),
  plaintextHash: idSchema,
  /** Plaintext bytes. */
  sizeBytes: whole(CHUNK_BYTES_MAX),
});
export type Chunk = v.InferOutput<typeof chunkSchema>;

const manifestSchema = v.strictObject({
  v: v.literal(1),
  sizeBytes: whole(),
  chunks: listOf(chunkSchema, CHUNKS_MAX),
});
export type Manifest = v.InferOutput<typeof manifestSchema>;

export const manifestCodec = codec('manifest', manifestSchema, BLOCK_BYTES_MAX);
