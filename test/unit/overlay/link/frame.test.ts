/** Frames: encoding, decoding in pieces of any size, and every way to get them wrong. */
import { describe, expect, test } from 'vitest';
import { concat } from '../../../../src/core/codec/bytes.ts';
import {
  encodeFrame,
  FrameDecoder,
  frameTypes,
  type FrameType,
} from '../../../../src/core/overlay/link/frame.ts';
import { FRAGMENT_BYTES_MAX, FRAME_BYTES_MAX } from '../../../../src/core/overlay/link/limits.ts';

const types = Object.keys(frameTypes) as FrameType[];

describe('frames', () => {
  test.each([0, 1, 126, 127, 128, 16_000, FRAGMENT_BYTES_MAX])(
    'a payload of %i bytes comes back',
    (length) => {
      const payload = new Uint8Array(length).map((_, i) => i % 256);
      const { frames, refusal } = new FrameDecoder().push(encodeFrame('bulk-end', payload));
      expect(refusal).toBeUndefined();
      expect(frames).toEqual([{ type: 'bulk-end', payload }]);
    },
  );

  test('the longest fragment makes a frame that WebRTC does not cut', () => {
    expect(encodeFrame('bulk-end', new Uint8Array(FRAGMENT_BYTES_MAX)).length).toBeLessThan(FRAME_BYTES_MAX);
  });

  test('frames come back from a stream cut anywhere', () => {
    const stream = concat(...types.map((type, i) => encodeFrame(type, new Uint8Array(70 * i).fill(i))));
    for (const size of [1, 2, 3, 64, 1000, stream.length]) {
      const decoder = new FrameDecoder();
      const found: string[] = [];
      for (let offset = 0; offset < stream.length; offset += size)
        for (const { type, payload } of decoder.push(stream.subarray(offset, offset + size)).frames)
          found.push(`${type} ${payload.length}`);
      expect(found).toEqual(types.map((type, i) => `${type} ${70 * i}`));
      expect(decoder.truncated).toBe(false);
    }
  });

  test('knows when the stream stops inside a frame', () => {
    const decoder = new FrameDecoder();
    decoder.push(encodeFrame('ping', new Uint8Array(8)).subarray(0, 5));
    expect(decoder.truncated).toBe(true);
  });

  test.each([
    ['too-long', Uint8Array.of(0x80, 0x80, 0x80, 0x01)],
    ['too-long', Uint8Array.of(0xff, 0xff, 0x01)],
    ['malformed', Uint8Array.of(0)],
    ['malformed', Uint8Array.of(0x81, 0x00, 0)],
    ['unknown-frame', Uint8Array.of(1, 99)],
  ])('refuses with %s', (code, bytes) => {
    expect(new FrameDecoder().push(bytes).refusal).toMatchObject({ code });
  });

  test('frames before a bad one are given out', () => {
    const { frames, refusal } = new FrameDecoder().push(
      concat(encodeFrame('accept', new Uint8Array(0)), Uint8Array.of(1, 99)),
    );
    expect(frames.map(({ type }) => type)).toEqual(['accept']);
    expect(refusal?.code).toBe('unknown-frame');
  });
});
