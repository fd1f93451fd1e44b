/** Streaming in both directions (design, POST services): a window of chunks in memory, whatever the length; any part on its own. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import { concat, equalBytes, type Bytes } from '../../../src/core/codec/bytes.ts';
import { idText } from '../../../src/core/codec/id.ts';
import { CHUNK_BYTES_MAX } from '../../../src/core/codec/limits.ts';
import { sha256 } from '../../../src/core/crypto/hash.ts';
import {
  CHUNKS_MAX,
  indexCodec,
  manifestCodec,
  MANIFEST_SPAN_BYTES,
  openIndex,
  openManifest,
} from '../../../src/core/post/manifest.ts';
import { BLOCKS_AT_ONCE, MessageStore } from '../../../src/core/post/message-store.ts';
import { padChunk, paddedLength, unpadChunk } from '../../../src/core/post/padding.ts';
import { inOrder } from '../../../src/core/post/pipeline.ts';
import { blobSource, bytesSource, chunksOf, streamed } from '../../../src/core/post/source.ts';
import type { Storage } from '../../../src/core/storage/storage.ts';
import { BlockShelf } from './block-shelf.ts';

function storeOn(shelf: BlockShelf): MessageStore {
  return new MessageStore({
    storage: shelf as unknown as Storage,
    ring: sha256(new Uint8Array(1)) as never,
    ringSecret: new Uint8Array(32).fill(1),
    random: new SeededRandom('streaming'),
  });
}

/** Chunk `i` begins with its number, so that no two are alike. */
function numbered(i: number, length = CHUNK_BYTES_MAX): Bytes {
  const chunk = new Uint8Array(length);
  new DataView(chunk.buffer).setUint32(0, i);
  return chunk;
}

async function all(pieces: AsyncIterable<Bytes>): Promise<Bytes> {
  const list: Bytes[] = [];
  for await (const piece of pieces) list.push(piece);
  return concat(...list);
}

describe('sources', () => {
  test('a file, its stream, and its bytes in any pieces are the same blocks', async () => {
    const bytes = new SeededRandom('file').bytes(3 * CHUNK_BYTES_MAX + 77);
    const store = storeOn(new BlockShelf());
    const keyOf = async (source: Parameters<MessageStore['keep']>[0]): Promise<string> =>
      idText((await store.keep(source, 'convergent-ring')).reference.key);
    const expected = await keyOf(bytesSource(bytes));
    const blob = new Blob([bytes]);
    expect(await keyOf(blobSource(blob))).toBe(expected);
    expect(await keyOf(streamed(blob.stream()))).toBe(expected);
    async function* pieces(): AsyncGenerator<Bytes> {
      for (let at = 0; at < bytes.length; at += 100_001) yield bytes.subarray(at, at + 100_001);
    }
    expect(await keyOf(pieces())).toBe(expected);
  });

  test('chunks are full but for the last; nothing is one empty chunk', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: CHUNK_BYTES_MAX * 1.5 }), { maxLength: 6 }),
        async (lengths) => {
          async function* stream(): AsyncGenerator<Bytes> {
            for (const length of lengths) yield new Uint8Array(length);
          }
          const total = lengths.reduce((sum, length) => sum + length, 0);
          const sizes: number[] = [];
          for await (const chunk of chunksOf(stream())) sizes.push(chunk.length);
          expect(sizes).toHaveLength(Math.max(1, Math.ceil(total / CHUNK_BYTES_MAX)));
          expect(sizes.slice(0, -1).every((size) => size === CHUNK_BYTES_MAX)).toBe(true);
          expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(total);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('a file that shrinks while it is read is not stored', async () => {
    const store = storeOn(new BlockShelf());
    const shrinking = { sizeBytes: 1000, slice: () => Promise.resolve(new Uint8Array(999)) };
    await expect(store.keep(shrinking, 'random')).rejects.toMatchObject({ code: 'damaged' });
  });
});

describe('the window', () => {
  test('keeping reads no further ahead than it writes', async () => {
    const shelf = new BlockShelf();
    let read = 0;
    let ahead = 0;
    async function* stream(): AsyncGenerator<Bytes> {
      for (; read < 40; read++) {
        ahead = Math.max(ahead, read - shelf.blocks.size);
        yield numbered(read);
      }
    }
    await storeOn(shelf).keep(stream(), 'random');
    expect(ahead).toBeLessThanOrEqual(BLOCKS_AT_ONCE);
    expect(shelf.underWayMax).toBeLessThanOrEqual(BLOCKS_AT_ONCE);
    expect(shelf.blocks.size).toBe(41);
  });

  test('reading fetches a few at once, and waits for a slow reader', async () => {
    const shelf = new BlockShelf();
    const store = storeOn(shelf);
    const { reference } = await store.keep(
      bytesSource(new SeededRandom(1).bytes(20 * CHUNK_BYTES_MAX)),
      'random',
    );
    shelf.underWayMax = 0;
    let taken = 0;
    for await (const piece of store.read(reference)) {
      expect(piece).toHaveLength(CHUNK_BYTES_MAX);
      taken += 1;
      await new Promise((resolve) => setImmediate(resolve));
      // The manifest comes first.
      expect(shelf.fetched.length - 1 - taken).toBeLessThanOrEqual(BLOCKS_AT_ONCE);
    }
    expect(taken).toBe(20);
    expect(shelf.underWayMax).toBe(BLOCKS_AT_ONCE);
  });

  test('results come in order, the first failure in that order ends it', async () => {
    const finish: (() => void)[] = [];
    const results = inOrder([0, 1, 2, 3], 3, async (i) => {
      await new Promise<void>((resolve) => (finish[i] = resolve));
      if (i === 2) throw new Error('two');
      return i;
    });
    const seen: number[] = [];
    const reading = (async () => {
      for await (const i of results) seen.push(i);
    })();
    const failed = expect(reading).rejects.toThrow('two');
    await new Promise((resolve) => setImmediate(resolve));
    for (const i of [2, 1, 0]) finish[i]!();
    await failed;
    expect(seen).toEqual([0, 1]);
  });
});

describe('a message longer than one manifest lists', { timeout: 60_000 }, () => {
  const chunks = CHUNKS_MAX + 3;
  async function* long(): AsyncGenerator<Bytes> {
    for (let i = 0; i < chunks; i++) yield numbered(i, i === chunks - 1 ? 500 : CHUNK_BYTES_MAX);
  }

  test('has an index; a part is read without the rest; all of it comes back', async () => {
    const shelf = new BlockShelf();
    const store = storeOn(shelf);
    const progress: number[] = [];
    const { reference, blocks } = await store.keep(long(), 'convergent-ring', (bytes) =>
      progress.push(bytes),
    );
    expect(reference.sizeBytes).toBe((chunks - 1) * CHUNK_BYTES_MAX + 500);
    expect(progress.at(-1)).toBe(reference.sizeBytes);
    // All chunks, two manifests, the index that opens them last.
    expect(blocks).toHaveLength(chunks + 3);
    expect(idText(blocks.at(-1)!.key)).toBe(idText(reference.key));
    expect(blocks.map(({ key, sizeBytes }) => [idText(key), sizeBytes]).toSorted()).toEqual(
      [...shelf.blocks].map(([key, block]) => [key, block.length]).toSorted(),
    );
    expect((await store.blocks(reference)).map(({ key }) => idText(key)).toSorted()).toEqual(
      [...shelf.blocks.keys()].toSorted(),
    );

    shelf.fetched.length = 0;
    const start = MANIFEST_SPAN_BYTES + CHUNK_BYTES_MAX - 2;
    const part = await store.readAll(reference, { start, end: start + 6 });
    expect([...part]).toEqual([0, 0, ...numbered(CHUNKS_MAX + 1).subarray(0, 4)]);
    expect(shelf.fetched).toHaveLength(4);

    let i = 0;
    for await (const piece of store.read(reference)) {
      expect(new DataView(piece.buffer, piece.byteOffset).getUint32(0)).toBe(i);
      i += 1;
    }
    expect(i).toBe(chunks);
  });
});

test('any part of a message is what lies there', async () => {
  const bytes = new SeededRandom('parts').bytes(3 * CHUNK_BYTES_MAX + 1000);
  const store = storeOn(new BlockShelf());
  const { reference } = await store.keep(bytesSource(bytes), 'random');
  const place = fc.integer({ min: 0, max: bytes.length });
  await fc.assert(
    fc.asyncProperty(place, place, async (a, b) => {
      const [start, end] = [Math.min(a, b), Math.max(a, b)];
      const part = await all(store.read(reference, { start, end }));
      expect(equalBytes(part, bytes.slice(start, end))).toBe(true);
    }),
    { numRuns: 25 },
  );
});

describe('manifests', () => {
  const entry = {
    key: sha256(numbered(1, 4)) as never,
    secret: new Uint8Array(32),
    plaintextHash: sha256(numbered(1, 4)) as never,
  };

  test.each([
    ['a gap', [CHUNK_BYTES_MAX - 1, 6], CHUNK_BYTES_MAX + 5],
    ['too few', [CHUNK_BYTES_MAX], CHUNK_BYTES_MAX + 5],
    ['too many', [CHUNK_BYTES_MAX, 5, 0], CHUNK_BYTES_MAX + 5],
    ['another sum', [CHUNK_BYTES_MAX, 4], CHUNK_BYTES_MAX + 5],
  ])('with %s are refused', (_, sizes, sizeBytes) => {
    const chunks = sizes.map((size) => ({ ...entry, sizeBytes: size }));
    expect(openManifest(manifestCodec.encode({ v: 1, sizeBytes, chunks }), sizeBytes)).toMatchObject({
      code: 'bad-sizes',
    });
  });

  test('an index is held to the same', () => {
    const sizeBytes = MANIFEST_SPAN_BYTES + 5;
    const indexOf = (...sizes: number[]): Bytes =>
      indexCodec.encode({ v: 1, sizeBytes, manifests: sizes.map((size) => ({ ...entry, sizeBytes: size })) });
    expect(openIndex(indexOf(MANIFEST_SPAN_BYTES, 5), sizeBytes).ok).toBe(true);
    expect(openIndex(indexOf(MANIFEST_SPAN_BYTES, 5), sizeBytes + 1)).toMatchObject({ code: 'bad-sizes' });
    expect(openIndex(indexOf(MANIFEST_SPAN_BYTES - 1, 6), sizeBytes)).toMatchObject({ code: 'bad-sizes' });
    expect(openIndex(indexOf(MANIFEST_SPAN_BYTES), sizeBytes)).toMatchObject({ code: 'bad-sizes' });
  });
});

describe('padding', () => {
  test.each([
    [0, 1024],
    [1, 1024],
    [1025, 2048],
    [65_536, 65_536],
    [65_537, 69_632],
    [CHUNK_BYTES_MAX - 1, CHUNK_BYTES_MAX],
    [CHUNK_BYTES_MAX, CHUNK_BYTES_MAX],
  ])('%i bytes are stored as %i', (length, padded) => expect(paddedLength(length)).toBe(padded));

  test('large chunks grow by a sixteenth at most, and every chunk comes back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: CHUNK_BYTES_MAX }), (length) => {
        const padded = paddedLength(length);
        expect(padded).toBeGreaterThanOrEqual(length);
        if (length > 65_536) expect(padded - length).toBeLessThanOrEqual(length / 16);
        expect(paddedLength(padded)).toBe(padded);
        const chunk = new Uint8Array(length).fill(7);
        expect(equalBytes(unpadChunk(padChunk(chunk), length)!, chunk)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test('what is no padded form of a chunk of that length is nothing', () => {
    const padded = padChunk(new Uint8Array(10).fill(1));
    expect(unpadChunk(padded, 9)).toBeUndefined();
    expect(unpadChunk(padded, 2000)).toBeUndefined();
    expect(unpadChunk(new Uint8Array(CHUNK_BYTES_MAX), 5 * CHUNK_BYTES_MAX)).toBeUndefined();
    expect(unpadChunk(padded, 10)).toHaveLength(10);
    expect(unpadChunk(padded.subarray(0, 10), 10)).toHaveLength(10);
  });
});
