/** Where a message's bytes come from: a file that can be read anywhere, or a stream that is read once; cut into full chunks. */
import { concat, type Bytes } from '../codec/bytes.ts';
import { CHUNK_BYTES_MAX } from '../codec/limits.ts';
import { PostError } from './post-error.ts';

/** Bytes of a known length, read piece by piece. */
export interface Source {
  readonly sizeBytes: number;
  slice(start: number, end: number): Promise<Bytes>;
}

/** Bytes whose length shows at their end, in pieces of any length. */
export type ByteStream = AsyncIterable<Bytes>;

export function bytesSource(bytes: Bytes): Source {
  return { sizeBytes: bytes.length, slice: (start, end) => Promise.resolve(bytes.slice(start, end)) };
}

/** A File or any other Blob: nothing of it is in memory but the piece that is read. */
export function blobSource(blob: Blob): Source {
  return {
    sizeBytes: blob.size,
    slice: async (start, end) => new Uint8Array(await blob.slice(start, end).arrayBuffer()),
  };
}

/** The pieces of a web stream, which not every browser iterates over by itself; cancelled when they are not read to the end. */
export async function* streamed(stream: ReadableStream<Bytes>): AsyncGenerator<Bytes> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel();
  }
}

/** Chunks of CHUNK_BYTES_MAX, the last one of what is left; of nothing one empty chunk. Rejects with PostError `damaged`. */
export function chunksOf(source: Source | ByteStream): AsyncGenerator<Bytes> {
  return 'slice' in source ? slices(source) : joined(source);
}

async function* slices({ sizeBytes, slice }: Source): AsyncGenerator<Bytes> {
  let start = 0;
  do {
    const end = Math.min(start + CHUNK_BYTES_MAX, sizeBytes);
    const chunk = await slice(start, end);
    if (chunk.length !== end - start)
      throw new PostError('damaged', 'a file changed while it was being read');
    yield chunk;
    start = end;
  } while (start < sizeBytes);
}

async function* joined(stream: ByteStream): AsyncGenerator<Bytes> {
  let chunk = new Uint8Array(CHUNK_BYTES_MAX);
  let filled = 0;
  let some = false;
  for await (const piece of stream)
    for (let at = 0; at < piece.length;) {
      const part = piece.subarray(at, at + CHUNK_BYTES_MAX - filled);
      chunk.set(part, filled);
      at += part.length;
      filled += part.length;
      if (filled < CHUNK_BYTES_MAX) continue;
      yield chunk;
      some = true;
      chunk = new Uint8Array(CHUNK_BYTES_MAX);
      filled = 0;
    }
  if (filled > 0 || !some) yield concat(chunk.subarray(0, filled));
}
