/** The encoding against its standard (RFC 8949; DAG-CBOR, strictness) and against IPLD's own implementation. */
import * as dagCbor from '@ipld/dag-cbor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../../src/core/codec/assert.ts';
import { fromHex, toHex, utf8 } from '../../../src/core/codec/bytes.ts';
import { decodeCbor, encodeCbor } from '../../../src/core/codec/cbor.ts';
import { DEPTH_MAX } from '../../../src/core/codec/cbor-reader.ts';
import { mutated } from '../../fuzz/mutations.ts';

/** A key of an object; the one that would set its prototype is refused, see below. */
const key = fc.string({ unit: 'grapheme', maxLength: 30 }).filter((name) => name !== '__proto__');

/** What DAG-CBOR can say, without links. */
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(fc.maxSafeInteger(), fc.nat(300), fc.double({ noNaN: true, noDefaultInfinity: true })),
    fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ maxLength: 300 })),
    fc.oneof(fc.boolean(), fc.constant(null)),
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie('any'), { maxLength: 30 }),
    fc.dictionary(key, tie('any'), { noNullPrototype: true }),
  ),
})).any;

/** RFC 8949, appendix A: the examples that have a form in DAG-CBOR. */
const examples: readonly (readonly [unknown, string])[] = [
  [0, '00'],
  [23, '17'],
  [24, '1818'],
  [100, '1864'],
  [1000, '1903e8'],
  [1000000, '1a000f4240'],
  [1000000000000, '1b000000e8d4a51000'],
  [-1, '20'],
  [-100, '3863'],
  [-1000, '3903e7'],
  [1.1, 'fb3ff199999999999a'],
  [1.0e300, 'fb7e37e43c8800759c'],
  [-4.1, 'fbc010666666666666'],
  [false, 'f4'],
  [true, 'f5'],
  [null, 'f6'],
  [fromHex('01020304'), '4401020304'],
  ['', '60'],
  ['IETF', '6449455446'],
  ['"\\', '62225c'],
  ['\u00fc', '62c3bc'],
  ['\u6c34', '63e6b0b4'],
  ['\ud800\udd51', '64f0908591'],
  [[], '80'],
  [[1, [2, 3], [4, 5]], '8301820203820405'],
  [{}, 'a0'],
  [{ '': 1, ü: 2 }, 'a2600162c3bc02'],
  [{ a: 1, b: [2, 3] }, 'a26161016162820203'],
];

describe('a value', () => {
  it.each(examples)('%j is %s', (example, hex) => {
    expect(toHex(encodeCbor(example))).toBe(hex);
    expect(decodeCbor(fromHex(hex))).toEqual({ ok: true, value: example });
  });

  it('has the form that IPLD gives it, and comes back', () => {
    fc.assert(
      fc.property(value, (some) => {
        const bytes = encodeCbor(some);
        expect(toHex(bytes)).toBe(toHex(dagCbor.encode(some)));
        const decoded = decodeCbor(bytes);
        expect(decoded.ok).toBe(true);
        if (decoded.ok) expect(encodeCbor(decoded.value)).toEqual(bytes);
      }),
      { numRuns: 500 },
    );
  });

  it('of 1 MiB comes back', () => {
    const large = { block: new Uint8Array(1024 * 1024).fill(7), text: 'ü'.repeat(100_000) };
    expect(decodeCbor(encodeCbor(large))).toEqual({ ok: true, value: large });
  });

  it('does not share memory with what it was decoded from', () => {
    const bytes = Buffer.from(encodeCbor({ id: Uint8Array.of(1, 2) }));
    const decoded = decodeCbor(bytes);
    bytes.fill(9);
    expect(decoded).toEqual({ ok: true, value: { id: Uint8Array.of(1, 2) } });
  });

  it.each([
    ['undefined', undefined],
    ['not a number', NaN],
    ['infinity', Infinity],
    ['a big integer', 1n],
    ['a map', new Map()],
    ['a date', new Date(0)],
    ['a function', () => 1],
    ['an undefined field', { a: undefined }],
  ])('is not %s: that is our own mistake', (_, other) => {
    expect(() => encodeCbor(other)).toThrow(InvariantError);
  });
});

describe('bytes', () => {
  it.each([
    ['no bytes', ''],
    ['bytes after a value', '0000'],
    ['a number that is longer than it has to be', '1817'],
    ['a length that is longer than it has to be', '580100'],
    ['a number in 8 bytes that 4 would hold', '1b00000000ffffffff'],
    ['a number over 2^53', '1b0020000000000000'],
    ['a negative number under −2^53', '3b001fffffffffffff'],
    ['a float for a whole number', 'fb3ff0000000000000'],
    ['a float for −0', 'fb8000000000000000'],
    ['a half float', 'f93e00'],
    ['a single float', 'fa3fc00000'],
    ['infinity', 'fb7ff0000000000000'],
    ['not a number', 'fb7ff8000000000000'],
    ['undefined', 'f7'],
    ['a simple value', 'f0'],
    ['a break', 'ff'],
    ['an indefinite list', '9f01ff'],
    ['an indefinite text', '7f6161ff'],
    ['a tag', 'c101'],
    ['a link', 'd82a4100'],
    ['a reserved length', '1c'],
    ['a text that is not UTF-8', '61ff'],
    ['a surrogate', '63eda080'],
    ['keys out of order', 'a2616201616101'],
    ['a longer key first', 'a262616101616201'],
    ['a key twice', 'a2616101616102'],
    ['a key that is not text', 'a10101'],
    ['a key that sets the prototype', `a169${toHex(utf8('__proto__'))}a0`],
    ['fewer items than announced', '8201'],
    ['fewer fields than announced', 'a161'],
    ['fewer bytes than announced', '4401'],
    ['an announcement of 2^53 items', '9b001fffffffffffff'],
    ['half a number', '19'],
    ['lists that are too deep', '81'.repeat(DEPTH_MAX + 1) + '00'],
    ['lists that would fill the stack', '81'.repeat(100_000)],
  ])('that hold %s are malformed', (_, hex) => {
    expect(decodeCbor(fromHex(hex))).toMatchObject({ ok: false, code: 'malformed' });
  });

  it('may have a byte order mark in a text, and lists of the greatest depth', () => {
    expect(decodeCbor(fromHex('64efbbbf61'))).toEqual({ ok: true, value: '\ufeffa' });
    expect(decodeCbor(fromHex(`${'81'.repeat(DEPTH_MAX)}00`)).ok).toBe(true);
  });

  it('are taken exactly when IPLD would have written them', () => {
    const valid = fc.sample(value, { numRuns: 200, seed: 1 }).map((some) => encodeCbor(some));
    fc.assert(
      fc.property(fc.oneof(mutated(valid), fc.uint8Array({ maxLength: 20 })), (bytes) => {
        const decoded = decodeCbor(bytes);
        if (decoded.ok) expect(toHex(encodeCbor(decoded.value))).toBe(toHex(bytes));
        expect(decoded.ok).toBe(isWrittenByIpld(bytes));
      }),
      { numRuns: 2_000 },
    );
  });
});

/** Decoded and encoded again it is the same; links and numbers over 2^53 are none of ours. */
function isWrittenByIpld(bytes: Uint8Array): boolean {
  try {
    const decoded: unknown = dagCbor.decode(bytes);
    return !hasOthers(decoded) && toHex(dagCbor.encode(decoded)) === toHex(bytes);
  } catch {
    return false;
  }
}

function hasOthers(decoded: unknown): boolean {
  if (typeof decoded === 'bigint') return true;
  if (decoded === null || typeof decoded !== 'object' || decoded instanceof Uint8Array) return false;
  return 'asCID' in decoded || Object.values(decoded).some(hasOthers);
}
