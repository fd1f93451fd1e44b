/** The predicate of a schema never takes what valibot would not, and takes what is right. */
import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { acceptorOf } from '../../../src/core/codec/acceptor.ts';
import { decodeCbor, encodeCbor } from '../../../src/core/codec/cbor.ts';
import {
  bytesMax,
  bytesOf,
  idSchema,
  listOf,
  taggedBy,
  text,
  timeSchema,
  whole,
} from '../../../src/core/codec/schema.ts';
import { mutated } from '../../fuzz/mutations.ts';

const inner = taggedBy('kind', [
  v.strictObject({ kind: v.literal('one'), list: listOf(whole(9), 2) }),
  v.strictObject({
    kind: v.literal('two'),
    id: v.nullable(idSchema),
    size: v.pipe(v.number(), v.safeInteger()),
  }),
]);
const schema = v.strictObject({
  v: v.literal(1),
  name: text(5),
  data: bytesMax(4),
  token: bytesOf(2),
  way: v.picklist(['up', 'down']),
  at: timeSchema,
  on: v.boolean(),
  both: v.strictTuple([whole(9), inner]),
  inner,
  pair: v.pipe(listOf(inner, 2), v.minLength(1)),
  even: v.pipe(
    v.array(whole()),
    v.check((numbers) => numbers.length % 2 === 0),
  ),
});

const one = { kind: 'one' as const, list: [1, 9] };
const two = { kind: 'two' as const, id: null, size: -3 };
const right: v.InferOutput<typeof schema> = {
  v: 1,
  name: 'five5',
  data: Uint8Array.of(1),
  token: Uint8Array.of(1, 2),
  way: 'up',
  at: 0,
  on: true,
  both: [3, two],
  inner: one,
  pair: [two, { ...two, id: new Uint8Array(32) }],
  even: [1, 2],
};

describe('the acceptor of a schema', () => {
  const accepts = acceptorOf(schema)!;

  it('takes what is right', () => {
    expect(accepts(right)).toBe(true);
    expect(accepts({ ...right, inner: two, pair: [one], even: [] })).toBe(true);
  });

  it.each([
    ['another literal', { v: 2 }],
    ['a text too long', { name: 'sixsix' }],
    ['bytes too long', { data: new Uint8Array(5) }],
    ['bytes too short', { token: new Uint8Array(1) }],
    ['a list for bytes', { data: [1] }],
    ['another choice', { way: 'left' }],
    ['a fraction', { at: 0.5 }],
    ['a negative time', { at: -1 }],
    ['a time too late', { at: 8.64e15 + 1 }],
    ['null for a boolean', { on: null }],
    ['an unknown tag', { inner: { ...one, kind: 'three' } }],
    ['null for an object', { inner: null }],
    ['a field of another tag', { inner: { ...one, id: null } }],
    ['a list too long', { inner: { ...one, list: [1, 2, 3] } }],
    ['a list too short', { pair: [] }],
    ['a list too long for the inner of two pipes', { pair: [one, one, one] }],
    ['a list that fails its check', { even: [1] }],
    ['an object for a list', { even: {} }],
    ['a field too many', { more: 1 }],
    ['a field of the prototype', { toString: 1 }],
  ])('does not take %s', (_, changes) => {
    expect(accepts({ ...right, ...changes })).toBe(false);
  });

  it('does not take a field too few, nor one that only the prototype has', () => {
    const { on: _, ...rest } = right;
    expect(accepts(rest)).toBe(false);
    expect(accepts(Object.assign(Object.create({ on: true }), rest))).toBe(false);
  });

  it('takes nothing that valibot would not take as it is', () => {
    const bytes = fc.oneof(mutated([encodeCbor(right)]), fc.constant(encodeCbor(right)));
    fc.assert(
      fc.property(bytes, (some) => {
        const decoded = decodeCbor(some);
        if (!decoded.ok || !accepts(decoded.value)) return;
        expect(v.parse(schema, decoded.value)).toEqual(decoded.value);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is missing where a schema changes values or has parts that it does not know', () => {
    for (const part of [v.pipe(v.string(), v.trim()), v.optional(v.string(), ''), v.date(), v.any()])
      expect(acceptorOf(v.strictObject({ v: v.literal(1), list: v.array(part) }))).toBeUndefined();
  });
});
