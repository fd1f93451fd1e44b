/** Arithmetic on the ring of ids, against big integers. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../../src/core/codec/bytes.ts';
import {
  asId,
  clockwise,
  compareDistance,
  comparePlaceDistance,
  comparePlacesUp,
  digitOf,
  ID_BYTES,
  ID_DIGITS,
  placeOf,
  ringDistance,
  sharedDigits,
  type Id,
} from '../../../src/core/codec/id.ts';

const RING = 2n ** 256n;
const big = (id: Id): bigint => BigInt(`0x${toHex(id)}`);
const modulo = (n: bigint): bigint => ((n % RING) + RING) % RING;
const fromBig = (n: bigint): Id => asId(fromHex(modulo(n).toString(16).padStart(64, '0')));

/** Random ids, and ids close to the ends of the ring where borrows and wraps happen. */
const anyId: fc.Arbitrary<Id> = fc.oneof(
  fc.uint8Array({ minLength: ID_BYTES, maxLength: ID_BYTES }).map((bytes) => asId(new Uint8Array(bytes))),
  fc.bigInt({ min: -300n, max: 300n }).map(fromBig),
  fc.bigInt({ min: -3n, max: 3n }).map((n) => fromBig(RING / 2n + n)),
);

describe('ids', () => {
  it('subtract and measure distance like integers modulo 2^256', () => {
    fc.assert(
      fc.property(anyId, anyId, (a, b) => {
        const up = modulo(big(b) - big(a));
        expect(big(clockwise(a, b))).toBe(up);
        expect(big(ringDistance(a, b))).toBe(up < RING - up ? up : modulo(-up));
      }),
    );
  });

  it('are told apart by their places only where those agree with all bytes', () => {
    fc.assert(
      fc.property(anyId, anyId, anyId, (from, a, b) => {
        const [place, atA, atB] = [placeOf(from), placeOf(a), placeOf(b)];
        const closer = comparePlaceDistance(place, atA, atB);
        const exactly = big(ringDistance(from, a)) - big(ringDistance(from, b));
        if (closer !== 0) expect(Math.sign(closer)).toBe(exactly < 0n ? -1 : 1);
        const first = comparePlacesUp(place, atA, atB);
        const upwards = big(clockwise(from, a)) - big(clockwise(from, b));
        if (first !== 0) expect(Math.sign(first)).toBe(upwards < 0n ? -1 : 1);
      }),
      { numRuns: 1_000 },
    );
  });

  it('have one closest of any two: compareDistance is 0 only for equal ids, and antisymmetric', () => {
    fc.assert(
      fc.property(anyId, anyId, anyId, (key, a, b) => {
        const order = Math.sign(compareDistance(key, a, b));
        expect(order).toBe(-Math.sign(compareDistance(key, b, a)) + 0);
        expect(order === 0).toBe(big(a) === big(b));
        if (big(ringDistance(key, a)) < big(ringDistance(key, b))) expect(order).toBe(-1);
      }),
    );
  });

  it('give the smaller of two ids at the same distance to be closer', () => {
    const key = fromBig(1000n);
    expect(compareDistance(key, fromBig(990n), fromBig(1010n))).toBeLessThan(0);
  });

  it('read digits from the most significant, and share a prefix as their text does', () => {
    fc.assert(
      fc.property(anyId, anyId, (a, b) => {
        const [left, right] = [toHex(a), toHex(b)];
        for (let i = 0; i < ID_DIGITS; i++) expect(digitOf(a, i)).toBe(parseInt(left[i]!, 16));
        let shared = 0;
        while (shared < ID_DIGITS && left[shared] === right[shared]) shared++;
        expect(sharedDigits(a, b)).toBe(shared);
      }),
    );
  });

  it('have 32 bytes', () => {
    expect(() => asId(new Uint8Array(31))).toThrow('an id has 32 bytes, not 31');
  });
});
