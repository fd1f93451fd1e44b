/** Frames of a link: unsigned varint length, one byte of type, payload. Encoding and an incremental decoder. */
import { assert } from '../../codec/assert.ts';
import { concat, type Bytes } from '../../codec/bytes.ts';
import { ok, refuse, type Refusal, type Result } from '../../codec/result.ts';
import { FRAME_BYTES_MAX } from './limits.ts';

/** `part` frames are followed by more of the same message, `end` frames finish it. */
export const frameTypes = {
  hello: 0,
  accept: 1,
  refuse: 2,
  close: 3,
  ping: 4,
  pong: 5,
  credit: 6,
  'control-part': 7,
  'control-end': 8,
  'bulk-part': 9,
  'bulk-end': 10,
} as const;
export type FrameType = keyof typeof frameTypes;

const names = new Map(Object.entries(frameTypes).map(([name, code]) => [code as number, name as FrameType]));

export interface Frame {
  readonly type: FrameType;
  /** A view: copy what is kept. */
  readonly payload: Bytes;
}

/** Length prefixes have at most 3 bytes: 2^21 − 1 is more than any frame. */
const PREFIX_BYTES_MAX = 3;

/** Encodes one frame; its payload has at most FRAME_BYTES_MAX − 4 bytes. */
export function encodeFrame(type: FrameType, payload: Uint8Array): Bytes {
  const length = payload.length + 1;
  const prefixBytes = length < 0x80 ? 1 : length < 0x4000 ? 2 : 3;
  const out = room(prefixBytes + length);
  assert(out.length <= FRAME_BYTES_MAX, 'a frame is not too long');
  let rest = length;
  for (let i = 0; i < prefixBytes; i++) {
    out[i] = (rest & 0x7f) | (i === prefixBytes - 1 ? 0 : 0x80);
    rest >>>= 7;
  }
  out[prefixBytes] = frameTypes[type];
  out.set(payload, prefixBytes + 1);
  return out;
}

/** Frames go to the transport at once and are forgotten there: many share one piece of memory. */
const SLAB_BYTES = 64 * 1024;
let slab = new Uint8Array(SLAB_BYTES);
let used = 0;

function room(length: number): Bytes {
  assert(length <= SLAB_BYTES, 'a frame fits');
  if (used + length > SLAB_BYTES) {
    slab = new Uint8Array(SLAB_BYTES);
    used = 0;
  }
  used += length;
  return slab.subarray(used - length, used);
}

const nothing = new Uint8Array(0);

/** Cuts a byte stream into frames; holds at most one incomplete frame. */
export class FrameDecoder {
  #rest: Bytes = nothing;

  /**
   * The frames that `bytes` completes. Refusals, after which the stream is unusable: `too-long`, `unknown-frame`,
   * `malformed`; frames before the bad one are in `frames`.
   */
  push(bytes: Bytes): { readonly frames: readonly Frame[]; readonly refusal?: Refusal } {
    const input = this.#rest.length === 0 ? bytes : concat(this.#rest, bytes);
    const frames: Frame[] = [];
    let offset = 0;
    while (offset < input.length) {
      const head = readPrefix(input, offset);
      if (!head.ok) return { frames, refusal: head };
      if (head.value === undefined) break;
      const { start, length } = head.value;
      if (start + length > input.length) break;
      const type = names.get(input[start]!);
      if (type === undefined)
        return { frames, refusal: refuse('unknown-frame', `a frame of unknown type ${input[start]!}`) };
      frames.push({ type, payload: input.subarray(start + 1, start + length) });
      offset = start + length;
    }
    this.#rest = offset === input.length ? nothing : input.slice(offset);
    return { frames };
  }

  /** Whether the stream stopped in the middle of a frame. */
  get truncated(): boolean {
    return this.#rest.length > 0;
  }
}

/** Undefined when the prefix is incomplete. */
function readPrefix(
  input: Uint8Array,
  offset: number,
): Result<{ readonly start: number; readonly length: number } | undefined> {
  let length = 0;
  for (let i = 0; i < PREFIX_BYTES_MAX; i++) {
    const byte = input[offset + i];
    if (byte === undefined) return ok(undefined);
    length += (byte & 0x7f) * 2 ** (7 * i);
    if (byte >= 0x80) continue;
    if (length === 0 || (byte === 0 && i > 0)) return refuse('malformed', 'a frame with a bad length');
    const start = offset + i + 1;
    if (i + 1 + length > FRAME_BYTES_MAX) return tooLong();
    return ok({ start, length });
  }
  return tooLong();
}

function tooLong(): Refusal {
  return refuse('too-long', `a frame that is longer than ${FRAME_BYTES_MAX} bytes`);
}
