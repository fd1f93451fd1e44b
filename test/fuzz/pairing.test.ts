/** What a relay or a stranger could hand to a device that is being paired: a refusal with a code, no throw. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/adapters/memory/random.ts';
import { fromHex, type Bytes } from '../../src/core/codec/bytes.ts';
import { asId } from '../../src/core/codec/id.ts';
import type { Codec } from '../../src/core/codec/schema.ts';
import { identityBlockCodec } from '../../src/core/identity/identity-block.ts';
import { parseCode } from '../../src/core/identity/pairing-code.ts';
import { givenCodec, helloCodec, openMessage, takenCodec } from '../../src/core/identity/pairing-messages.ts';
import { slots } from '../../src/core/identity/rendezvous.ts';
import { RendezvousTable } from '../../src/core/identity/rendezvous-table.ts';
import { expulsionsCodec } from '../../src/core/node/expulsions.ts';
import pinned from '../vectors/devices.json' with { type: 'json' };
import { anyBytes, mutated } from './mutations.ts';

const codes = ['too-large', 'malformed', 'unknown-version', 'bad-schema'];
const RUNS = 300;
const key: Bytes = new SeededRandom('fuzz').bytes(32);
const account = { address: 'ada@example.org', identityKey: key };
const sealed = { encapsulated: key, ciphertext: key };

const formats: readonly (readonly [Codec<unknown>, readonly Bytes[]])[] = [
  [
    helloCodec as Codec<unknown>,
    [helloCodec.encode({ v: 1, label: 'a', account }), helloCodec.encode({ v: 1, label: 'b', key })],
  ],
  [
    givenCodec as Codec<unknown>,
    [givenCodec.encode({ v: 1, sealed }), givenCodec.encode({ v: 1, not: 'declined' })],
  ],
  [takenCodec as Codec<unknown>, [takenCodec.encode({ v: 1, done: true })]],
  [
    expulsionsCodec as Codec<unknown>,
    [expulsionsCodec.encode({ v: 1, nodes: [{ nodeId: asId(key), label: 'Tab' }] })],
  ],
  [identityBlockCodec as Codec<unknown>, [fromHex(pinned['identity block with removed devices'])]],
];

describe('messages of pairing, and what removal stores', () => {
  for (const [format, valid] of formats)
    it(`${format.name}: decodes or refuses`, () => {
      for (const bytes of valid) expect(format.decode(bytes)).toMatchObject({ ok: true });
      fc.assert(
        fc.property(fc.oneof(anyBytes, mutated(valid)), (bytes) => {
          const decoded = format.decode(bytes);
          if (!decoded.ok) expect(codes).toContain(decoded.code);
        }),
        { numRuns: RUNS },
      );
    });

  it('that nobody sealed with the code are refused', async () => {
    await fc.assert(
      fc.asyncProperty(anyBytes, fc.constantFrom(...slots), async (bytes, slot) => {
        expect(await openMessage(helloCodec, bytes as Bytes, slot, key)).toMatchObject({
          code: 'wrong-code',
        });
      }),
      { numRuns: 100 },
    );
  });
});

describe('codes and places', () => {
  it('of any text are read or refused', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (typed) => {
        const parsed = parseCode(typed);
        if (!parsed.ok) expect(['code-length', 'code-character']).toContain(parsed.code);
      }),
      { numRuns: RUNS },
    );
  });

  it('in any order of requests leave the table within its limits', () => {
    const step = fc.record({
      place: fc.constantFrom('0'.repeat(32), '1'.repeat(32), '2'.repeat(31), ''),
      slot: fc.constantFrom(...slots),
      bytes: fc.uint8Array({ maxLength: 8 }),
      read: fc.boolean(),
      now: fc.nat(30 * 60 * 1000),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const table = new RendezvousTable();
        for (const { place, slot, bytes, read, now } of steps)
          if (read) table.read(place, slot, now);
          else table.post(place, slot, bytes as Bytes, 'a', now);
        expect(table.size).toBeLessThanOrEqual(2);
      }),
      { numRuns: RUNS },
    );
  });
});
