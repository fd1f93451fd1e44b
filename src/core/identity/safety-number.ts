/** The number by which two people see that each has the other's true key: both of them read the same one. */
import { compareBytes, concat, utf8, type Bytes } from '../codec/bytes.ts';
import { sha256 } from '../crypto/hash.ts';

/** Decimal digits: 199 bits, more than anybody can search for two pairs of keys with one number. */
export const SAFETY_DIGITS = 60;
const GROUP_DIGITS = 5;
const PURPOSE = utf8('epost/safety-number/v1\0');

/**
 * 12 groups of five digits, the same in whichever order the two identity keys (32 bytes each) are given: SHA-256 of
 * "epost/safety-number/v1" 0x00, the lower key, the higher key, as a number (most significant byte first) modulo 10^60. A key that
 * somebody put in between gives two people different numbers.
 */
export function safetyNumber(one: Bytes, other: Bytes): readonly string[] {
  const [lower, higher] = compareBytes(one, other) <= 0 ? [one, other] : [other, one];
  let number = 0n;
  for (const byte of sha256(concat(PURPOSE, lower, higher))) number = (number << 8n) | BigInt(byte);
  const digits = String(number % 10n ** BigInt(SAFETY_DIGITS)).padStart(SAFETY_DIGITS, '0');
  return Array.from({ length: SAFETY_DIGITS / GROUP_DIGITS }, (_, i) =>
    digits.slice(i * GROUP_DIGITS, (i + 1) * GROUP_DIGITS),
  );
}
