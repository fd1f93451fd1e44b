/** Links fed with anything: no exception, bounded memory, at most one refusal and one end. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { concat, type Bytes } from '../../src/core/codec/bytes.ts';
import { encodeFrame, FrameDecoder, frameTypes, type FrameType } from '../../src/core/overlay/link/frame.ts';
import { FRAME_BYTES_MAX } from '../../src/core/overlay/link/limits.ts';
import { LinkPair } from '../support/link-pair.ts';

const types = Object.keys(frameTypes) as FrameType[];
const frame = fc
  .tuple(fc.constantFrom(...types), fc.uint8Array({ maxLength: 300 }))
  .map(([type, payload]) => encodeFrame(type, payload));
const cuts = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 20 });

function pieces(stream: Bytes, sizes: readonly number[]): Bytes[] {
  const out: Bytes[] = [];
  for (let offset = 0, i = 0; offset < stream.length; i++) {
    const size = sizes[i % sizes.length]!;
    out.push(stream.subarray(offset, offset + size));
    offset += size;
  }
  return out;
}

test('the decoder takes any bytes in any pieces, and finds the same frames', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5_000 }), cuts, (bytes, sizes) => {
      const stream = new Uint8Array(bytes);
      const whole = new FrameDecoder().push(stream);
      const decoder = new FrameDecoder();
      const found: number[] = [];
      let code: string | undefined;
      for (const piece of pieces(stream, sizes)) {
        const { frames, refusal } = decoder.push(piece);
        found.push(...frames.map(({ payload }) => payload.length));
        code = refusal?.code;
        if (code !== undefined) break;
      }
      expect(found).toEqual(whole.frames.map(({ payload }) => payload.length));
      expect(code).toBe(whole.refusal?.code);
      for (const { payload } of whole.frames) expect(payload.length).toBeLessThan(FRAME_BYTES_MAX);
    }),
  );
});

const hostile = fc.array(fc.oneof(frame, fc.uint8Array({ minLength: 1, maxLength: 200 })), { maxLength: 40 });

test.each(['greeting', 'up'] as const)('a machine in the state %s survives anything', async (state) => {
  await fc.assert(
    fc.asyncProperty(hostile, cuts, async (frames, sizes) => {
      const pair = state === 'up' ? await LinkPair.up() : await LinkPair.create();
      const end = pair.other;
      end.effects.length = 0;
      for (const bytes of pieces(concat(...frames), sizes)) {
        end.step({ type: 'received', bytes });
        end.step({ type: 'tick' });
        end.flush();
      }
      end.step({ type: 'ended' });
      expect(end.of('down')).toHaveLength(1);
      expect(end.of('refused').length).toBeLessThanOrEqual(1);
      if (state === 'greeting') expect(end.of('message')).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test('messages of all sizes in both lanes arrive whole and in order, however the bytes are cut', async () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 60_000 }), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(sizes, fc.infiniteStream(fc.boolean()), async (lengths, coins) => {
      const pair = await LinkPair.up();
      const lanes = lengths.map(() => (coins.next().value === true ? 'control' : 'bulk'));
      lengths.forEach((length, i) => pair.arbiter.send(new Uint8Array(length + 1).fill(i), lanes[i]!, i));
      await pair.settle();
      const received = pair.other.of('message').map(({ message }) => [message[0]!, message.length - 1]);
      for (const lane of ['control', 'bulk']) {
        const wanted = lengths.map((length, i) => [i, length]).filter(([i]) => lanes[i!] === lane);
        expect(received.filter(([i]) => lanes[i!] === lane)).toEqual(wanted);
      }
    }),
    { numRuns: 30 },
  );
});
