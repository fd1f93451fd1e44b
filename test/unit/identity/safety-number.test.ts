/** The safety number: a golden vector (computed apart, by Python's hashlib), and what two people rely on. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SAFETY_DIGITS, safetyNumber } from '../../../src/core/identity/safety-number.ts';

const key = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => new Uint8Array(bytes));

describe('the safety number', () => {
  it('is fixed for two keys: otherwise people with two versions would not read the same', () => {
    const one = Uint8Array.from({ length: 32 }, (_, i) => i);
    expect(safetyNumber(one, new Uint8Array(32).fill(255)).join(' ')).toBe(
      '14139 16150 72558 44624 88827 29457 35493 89300 80145 66265 81003 66096',
    );
  });

  it('is 60 digits, the same for both, and another one for any other key', () => {
    fc.assert(
      fc.property(key, key, key, (ada, bob, eve) => {
        const number = safetyNumber(ada, bob);
        expect(number.join('')).toMatch(new RegExp(`^\\d{${SAFETY_DIGITS}}$`));
        expect(safetyNumber(bob, ada)).toEqual(number);
        fc.pre(!bob.every((byte, i) => byte === eve[i]));
        expect(safetyNumber(ada, eve)).not.toEqual(number);
      }),
    );
  });
});
