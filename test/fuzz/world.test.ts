/** What a node reads of its own disk about the ring, and what relays say of it: arbitrary bytes and changed valid ones. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/adapters/memory/random.ts';
import type { Bytes } from '../../src/core/codec/bytes.ts';
import type { NodeId } from '../../src/core/codec/id.ts';
import type { Codec } from '../../src/core/codec/schema.ts';
import { differ, nearReply, nearRequest } from '../../src/core/node/near-service.ts';
import { worldCodec } from '../../src/core/node/world-memory.ts';
import { createTestRing } from '../support/ring.ts';
import { anyBytes, mutated } from './mutations.ts';

const codes = ['too-large', 'malformed', 'unknown-version', 'bad-schema'];
const ring = await createTestRing('fuzz world');
const { certificate } = (await ring.contact('ann')).contact;
const nodes = Array.from({ length: 5 }, (_, i) => new SeededRandom(i).bytes(32) as NodeId);
const peer = { certificate, firstSeenAt: 1, lastSeenAt: 2, sessions: 1 };
const world = worldCodec.encode({
  v: 1,
  peers: [peer],
  relays: [certificate],
  sizes: [{ slot: 3, size: 9, at: 1 }],
});

const formats: readonly (readonly [Codec<unknown>, Bytes])[] = [
  [worldCodec, world],
  [nearRequest, nearRequest.encode({ v: 1, key: nodes[0]! })],
  [nearReply, nearReply.encode({ v: 1, nodes })],
];

describe.each(formats.map(([codec, bytes]) => [codec.name, codec, bytes] as const))(
  '%s',
  (_, codec, bytes) => {
    it('is refused with a code, or read and written the same', () => {
      expect(codec.decode(bytes).ok).toBe(true);
      fc.assert(
        fc.property(fc.oneof(anyBytes, mutated([bytes])), (input) => {
          const decoded = codec.decode(input);
          if (!decoded.ok) expect(codes).toContain(decoded.code);
          else expect(codec.decode(codec.encode(decoded.value))).toEqual(decoded);
        }),
      );
    });
  },
);

it('two answers are compared whatever they name, the same both ways', () => {
  const list = fc.uniqueArray(fc.constantFrom(...nodes), { maxLength: 16 });
  fc.assert(fc.property(list, list, (a, b) => differ(a, b) === differ(b, a)));
});
