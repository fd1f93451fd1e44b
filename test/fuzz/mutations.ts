/** What a hostile peer does to a valid message: arbitraries for the tests of decoders. */
import fc from 'fast-check';
import type { Bytes } from '../../src/core/codec/bytes.ts';

/** Arbitrary bytes, short mostly: few get past the first header. */
export const anyBytes: fc.Arbitrary<Bytes> = fc
  .uint8Array({ maxLength: 300 })
  .map((bytes) => new Uint8Array(bytes));

type Mutation = (bytes: Bytes) => Bytes;

const at = fc.nat({ max: 1_000_000 });

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ at, bits: fc.integer({ min: 1, max: 255 }) }).map(
    (change): Mutation =>
      (bytes) =>
        bytes.map((byte, i) => (i === change.at % bytes.length ? byte ^ change.bits : byte)),
  ),
  at.map(
    (end): Mutation =>
      (bytes) =>
        bytes.slice(0, end % (bytes.length + 1)),
  ),
  fc.record({ at, insert: fc.uint8Array({ minLength: 1, maxLength: 12 }) }).map(
    ({ at: place, insert }): Mutation =>
      (bytes) =>
        splice(bytes, place % (bytes.length + 1), 0, insert),
  ),
  fc.record({ at, length: fc.integer({ min: 1, max: 40 }) }).map(
    (cut): Mutation =>
      (bytes) =>
        splice(bytes, cut.at % (bytes.length + 1), cut.length, new Uint8Array(0)),
  ),
);

/** One of the valid messages, changed one to four times. */
export function mutated(valid: readonly Bytes[]): fc.Arbitrary<Bytes> {
  const mutations = fc.array(mutation, { minLength: 1, maxLength: 4 });
  return fc
    .tuple(fc.constantFrom(...valid), mutations)
    .map(([bytes, list]) =>
      list.reduce((changed, mutate) => (changed.length > 0 ? mutate(changed) : changed), bytes),
    );
}

function splice(bytes: Bytes, place: number, remove: number, insert: Uint8Array): Bytes {
  return Uint8Array.from([...bytes.subarray(0, place), ...insert, ...bytes.subarray(place + remove)]);
}
