/** What writing and reading DAG-CBOR have in common: the first bytes of values, and the order of bytes. */

/** Major types (RFC 8949, section 3.1). */
export const WHOLE = 0;
export const NEGATIVE = 1;
export const BYTES = 2;
export const TEXT = 3;
export const LIST = 4;
export const OBJECT = 5;
export const SIMPLE = 7;

/** First bytes of what is not made of others (RFC 8949, section 3.3). */
export const FALSE = 0xf4;
export const TRUE = 0xf5;
export const NULL = 0xf6;
export const FLOAT64 = 0xfb;

/** Shorter texts are mostly names: read and written byte by byte, which is faster than the platform's way. */
export const SHORT_TEXT_LENGTH = 24;

/** Lexicographic order of two ranges of the same length. */
export function compareRanges(
  a: Uint8Array,
  startA: number,
  b: Uint8Array,
  startB: number,
  length: number,
): number {
  for (let i = 0; i < length; i++) {
    const difference = a[startA + i]! - b[startB + i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** For numbers of several bytes. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
