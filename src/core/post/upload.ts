/** How far a message's blocks have come into the ring, on this disk: an upload that was cut off goes on where it was. */
import * as v from 'valibot';
import { assert } from '../codec/assert.ts';
import { concat, utf8, type Bytes } from '../codec/bytes.ts';
import { bytesMax, codec, timeSchema, whole } from '../codec/schema.ts';
import type { KeyValueStore, Write } from '../storage/key-value-store.ts';

/** Blocks of one upload. */
export const UPLOAD_BLOCKS_MAX = 64 * 1024;
/** After so long replicas may have gone their ways: all blocks are asked for again, which sends only what is missing. */
export const UPLOAD_TRUST_MS = 24 * 60 * 60 * 1000;
const PREFIX = utf8('upload/');

/** The state of an upload, as kept on disk. */
export const uploadCodec = codec(
  'upload',
  v.strictObject({
    v: v.literal(1),
    startedAt: timeSchema,
    /** One bit a block, the first in the lowest bit of the first byte: whether the ring has it. */
    stored: bytesMax(UPLOAD_BLOCKS_MAX / 8),
    /** Of those blocks: the fewest nodes that hold one, and the most copies that the ring asked for. */
    holders: whole(),
    wanted: whole(),
  }),
  UPLOAD_BLOCKS_MAX / 8 + 256,
);

/** How well the blocks so far are held. */
export interface UploadHeld {
  readonly holders: number;
  readonly wanted: number;
}

export class Upload {
  readonly #store: KeyValueStore;
  readonly #id: string;
  readonly #count: number;
  readonly #startedAt: number;
  readonly #stored: Bytes;
  #held: UploadHeld | undefined;
  #dirty = false;
  #writing: Promise<void> | undefined;

  private constructor(store: KeyValueStore, id: string, count: number, startedAt: number) {
    assert(count <= UPLOAD_BLOCKS_MAX, 'as many blocks as a message can have');
    this.#store = store;
    this.#id = id;
    this.#count = count;
    this.#startedAt = startedAt;
    this.#stored = new Uint8Array(Math.ceil(count / 8));
  }

  /** What this disk knows of the upload `id` of `count` blocks; nothing when that is too old. Rejects with StoreError. */
  static async resume(store: KeyValueStore, id: string, count: number, now: number): Promise<Upload> {
    const bytes = await store.get(keyOf(id));
    const known = bytes && uploadCodec.decode(bytes);
    if (!known?.ok || now >= known.value.startedAt + UPLOAD_TRUST_MS)
      return new Upload(store, id, count, now);
    const { startedAt, stored, holders, wanted } = known.value;
    const upload = new Upload(store, id, count, startedAt);
    if (stored.length !== upload.#stored.length) return upload;
    upload.#stored.set(stored);
    upload.#held = { holders, wanted };
    return upload;
  }

  /** Takes the state off the disk. */
  static removal(id: string): Write {
    return { type: 'delete', key: keyOf(id) };
  }

  /** Places of the blocks that the ring is not known to have. */
  missing(): readonly number[] {
    return Array.from({ length: this.#count }, (_, place) => place).filter((place) => !this.#has(place));
  }

  /** Undefined while there is none. */
  get held(): UploadHeld | undefined {
    return this.#held;
  }

  /** The ring has the block at `place`: on disk soon, several together. */
  note(place: number, { holders, wanted }: UploadHeld): void {
    this.#stored[place >> 3]! |= 1 << (place & 7);
    this.#held = {
      holders: Math.min(holders, this.#held?.holders ?? Infinity),
      wanted: Math.max(wanted, this.#held?.wanted ?? 0),
    };
    this.#dirty = true;
    if (this.#writing !== undefined) return;
    this.#writing = this.#write();
    this.#writing.catch(() => undefined); // `saved` tells of it.
  }

  /** What was noted is on disk. Rejects with StoreError. */
  async saved(): Promise<void> {
    await this.#writing;
    if (this.#dirty) await this.#write();
  }

  async #write(): Promise<void> {
    try {
      while (this.#dirty && this.#held !== undefined) {
        this.#dirty = false;
        const state = {
          v: 1 as const,
          startedAt: this.#startedAt,
          stored: this.#stored.slice(),
          ...this.#held,
        };
        await this.#store.write([{ type: 'put', key: keyOf(this.#id), value: uploadCodec.encode(state) }]);
      }
      this.#writing = undefined;
    } catch (error) {
      // The failure stays until `saved` has told of it; the same write would fail again meanwhile.
      this.#dirty = true;
      throw error;
    }
  }

  #has(place: number): boolean {
    return (this.#stored[place >> 3]! & (1 << (place & 7))) !== 0;
  }
}

function keyOf(id: string): Bytes {
  return concat(PREFIX, utf8(id));
}
