/** Byte strings: the one representation used for ids, keys, signatures and encoded messages. */
import { base32 } from 'multiformats/bases/base32';

/** Bytes over an ArrayBuffer of their own kind, as WebCrypto wants them (never a SharedArrayBuffer). */
export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

export function utf8(text: string): Bytes {
  return encoder.encode(text) as Bytes;
}

/** Throws TypeError when `bytes` is not well-formed UTF-8. */
export function fromUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

export function concat(...parts: readonly Uint8Array[]): Bytes {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Lexicographic order: negative, zero or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

const HEX_DIGITS = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
/** Bytes whose digits are made into text at a time: their number of arguments to a function is small. */
const HEX_PIECE_BYTES = 256;

/** Makes names for maps out of ids, millions of times: one flat string, not one of many small ones. */
export function toHex(bytes: Uint8Array): string {
  if (bytes.length <= HEX_PIECE_BYTES) return hexOf(bytes);
  let text = '';
  for (let start = 0; start < bytes.length; start += HEX_PIECE_BYTES)
    text += hexOf(bytes.subarray(start, start + HEX_PIECE_BYTES));
  return text;
}

function hexOf(bytes: Uint8Array): string {
  const codes = new Array<number>(2 * bytes.length);
  for (let i = 0; i < bytes.length; i++) {
    codes[2 * i] = HEX_DIGITS[bytes[i]! >> 4]!;
    codes[2 * i + 1] = HEX_DIGITS[bytes[i]! & 15]!;
  }
  return String.fromCharCode(...codes);
}

/** Throws TypeError when `text` is not an even number of hexadecimal digits. */
export function fromHex(text: string): Bytes {
  if (!/^([0-9a-f]{2})*$/i.test(text)) throw new TypeError('not hexadecimal');
  const out = new Uint8Array(text.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return out;
}

/** Multibase base32 (RFC 4648 lower case, prefix `b`). */
export function toBase32(bytes: Uint8Array): string {
  return base32.encode(bytes);
}

/** Throws when `text` is not multibase base32. */
export function fromBase32(text: string): Bytes {
  return new Uint8Array(base32.decode(text));
}
