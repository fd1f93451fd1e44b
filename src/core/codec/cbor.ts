/**
 * DAG-CBOR (IPLD; RFC 8949, section 4.2.3), without links: whole and other finite numbers, texts, bytes, lists, objects,
 * true, false and null. One value has one form: the decoder takes nothing that the encoder would not have written.
 */
import { assert } from './assert.ts';
import { utf8, type Bytes } from './bytes.ts';
import { ok, refuse, type Result } from './result.ts';

/** Major types (RFC 8949, section 3.1). */
const WHOLE = 0;
const NEGATIVE = 1;
const BYTES = 2;
const TEXT = 3;
const LIST = 4;
const OBJECT = 5;
const SIMPLE = 7;

/** First bytes of what is not made of others (RFC 8949, section 3.3). */
const FALSE = 0xf4;
const TRUE = 0xf5;
const NULL = 0xf6;
const FLOAT64 = 0xfb;

/** Lists and objects in each other; formats have at most six. */
export const DEPTH_MAX = 64;
/** Texts up to this length are mostly names: read and written byte by byte, which is faster than the platform's way. */
const SHORT_TEXT_LENGTH = 24;
/** Where values are encoded before their length is known; larger ones get room of their own. */
const SCRATCH_BYTES = 16 * 1024;

/** The value's one form. What is not in the list above is our own mistake: InvariantError. */
export function encodeCbor(value: unknown): Bytes {
  const writer = new Writer(scratch);
  writer.value(value);
  return writer.taken();
}

/** Refusal: `malformed`, for all that is not the one form of a value. Never throws. */
export function decodeCbor(bytes: Uint8Array): Result<unknown> {
  const reader = new Reader(bytes);
  try {
    const value = reader.value(0);
    return reader.ended ? ok(value) : refuse('malformed', 'more bytes than a value has');
  } catch (error) {
    return refuse('malformed', error instanceof Error ? error.message : 'undecodable');
  }
}

const scratch = new Uint8Array(SCRATCH_BYTES);

class Writer {
  #bytes: Bytes;
  #at = 0;

  constructor(room: Bytes) {
    this.#bytes = room;
  }

  taken(): Bytes {
    return this.#bytes.slice(0, this.#at);
  }

  value(value: unknown): void {
    if (typeof value === 'string') this.#text(value);
    else if (typeof value === 'number') this.#number(value);
    else if (value instanceof Uint8Array) {
      this.#head(BYTES, value.length);
      this.#put(value);
    } else if (Array.isArray(value)) {
      this.#head(LIST, value.length);
      for (const item of value) this.value(item);
    } else if (value === null) this.#byte(NULL);
    else if (typeof value === 'boolean') this.#byte(value ? TRUE : FALSE);
    else this.#object(value);
  }

  #object(value: unknown): void {
    assert(isPlain(value), 'DAG-CBOR has no such value');
    const keys = Object.keys(value).sort(compareKeys);
    this.#head(OBJECT, keys.length);
    for (const key of keys) {
      this.#text(key);
      this.value(value[key]);
    }
  }

  #number(value: number): void {
    assert(Number.isFinite(value), 'DAG-CBOR has finite numbers only');
    if (!Number.isSafeInteger(value)) {
      this.#reserve(9);
      this.#bytes[this.#at] = FLOAT64;
      viewOf(this.#bytes).setFloat64(this.#at + 1, value);
      this.#at += 9;
    } else if (value >= 0) this.#head(WHOLE, value);
    else this.#head(NEGATIVE, -1 - value);
  }

  #text(text: string): void {
    const { length } = text;
    if (length < SHORT_TEXT_LENGTH && this.#ascii(text)) return;
    const encoded = utf8(text);
    this.#head(TEXT, encoded.length);
    this.#put(encoded);
  }

  /** False, with nothing written, when the text has other characters. */
  #ascii(text: string): boolean {
    const { length } = text;
    this.#reserve(1 + length);
    const start = this.#at + 1;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) return false;
      this.#bytes[start + i] = code;
    }
    this.#bytes[this.#at] = (TEXT << 5) | length;
    this.#at = start + length;
    return true;
  }

  /** Major type and argument, in as few bytes as it fits in. */
  #head(major: number, argument: number): void {
    this.#reserve(9);
    const type = major << 5;
    if (argument < 24) this.#bytes[this.#at++] = type | argument;
    else if (argument < 0x100) this.#argument(type | 24, argument, 1);
    else if (argument < 0x1_0000) this.#argument(type | 25, argument, 2);
    else if (argument < 0x1_0000_0000) this.#argument(type | 26, argument, 4);
    else this.#argument(type | 27, argument, 8);
  }

  #argument(head: number, argument: number, length: number): void {
    this.#bytes[this.#at] = head;
    let rest = argument;
    for (let i = length; i > 0; i--) {
      this.#bytes[this.#at + i] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    this.#at += 1 + length;
  }

  #byte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = byte;
  }

  #put(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #reserve(length: number): void {
    const needed = this.#at + length;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = grown;
  }
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Shorter keys first, then by their bytes (DAG-CBOR, strictness). */
function compareKeys(a: string, b: string): number {
  if (isAscii(a) && isAscii(b)) return a.length - b.length || (a < b ? -1 : 1);
  const left = utf8(a);
  const right = utf8(b);
  return left.length - right.length || compareRanges(left, 0, right, 0, left.length);
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= 0x80) return false;
  return true;
}

class Malformed extends Error {}

/** Keeps a byte order mark: it belongs to the text. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const ASCII = Array.from({ length: 0x80 }, (_, code) => String.fromCharCode(code));

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get ended(): boolean {
    return this.#at === this.#bytes.length;
  }

  value(depth: number): unknown {
    const head = this.#byte();
    const major = head >> 5;
    if (major === SIMPLE) return this.#simple(head);
    const argument = this.#argument(head & 31);
    switch (major) {
      case WHOLE:
        return argument;
      case NEGATIVE:
        if (argument === Number.MAX_SAFE_INTEGER) throw new Malformed('a number that is too large');
        return -1 - argument;
      case BYTES: {
        const start = this.#skip(argument);
        // A copy: a Buffer's `slice` is a view, and a view would keep the whole message.
        return new Uint8Array(this.#bytes.subarray(start, this.#at));
      }
      case TEXT:
        return this.#text(argument);
      case LIST:
        return this.#list(argument, depth);
      case OBJECT:
        return this.#object(argument, depth);
      default:
        throw new Malformed('a tag');
    }
  }

  #simple(head: number): unknown {
    if (head === FALSE) return false;
    if (head === TRUE) return true;
    if (head === NULL) return null;
    if (head !== FLOAT64) throw new Malformed('a simple value that DAG-CBOR does not have');
    const start = this.#skip(8);
    const number = viewOf(this.#bytes).getFloat64(start);
    if (!Number.isFinite(number) || Number.isSafeInteger(number))
      throw new Malformed('a float for a whole number, or not finite');
    return number;
  }

  /** RFC 8949, section 3: the number in or after the first byte; longer than it has to be is malformed. */
  #argument(info: number): number {
    if (info < 24) return info;
    if (info > 27) throw new Malformed('a length that is not definite');
    const length = 1 << (info - 24);
    const start = this.#skip(length);
    let argument = 0;
    for (let i = 0; i < length; i++) argument = argument * 256 + this.#bytes[start + i]!;
    const least = length === 1 ? 24 : 256 ** (length / 2);
    if (argument < least) throw new Malformed('a number that is longer than it has to be');
    if (argument > Number.MAX_SAFE_INTEGER) throw new Malformed('a number that is too large');
    return argument;
  }

  #list(length: number, depth: number): unknown[] {
    this.#enter(length, depth);
    const list: unknown[] = [];
    for (let i = 0; i < length; i++) list.push(this.value(depth + 1));
    return list;
  }

  #object(length: number, depth: number): Record<string, unknown> {
    this.#enter(2 * length, depth);
    const object: Record<string, unknown> = {};
    let lastStart = 0;
    let lastLength = -1;
    for (let i = 0; i < length; i++) {
      const head = this.#byte();
      if (head >> 5 !== TEXT) throw new Malformed('a key that is not text');
      const keyLength = this.#argument(head & 31);
      const start = this.#at;
      const key = this.#text(keyLength);
      const order =
        lastLength - keyLength || compareRanges(this.#bytes, lastStart, this.#bytes, start, keyLength);
      if (order >= 0) throw new Malformed('keys out of order');
      // As an object's key it would set the prototype.
      if (key === '__proto__') throw new Malformed('a key that no format has');
      object[key] = this.value(depth + 1);
      lastStart = start;
      lastLength = keyLength;
    }
    return object;
  }

  /** Each item takes at least a byte: an announced length costs nothing before its bytes are there. */
  #enter(items: number, depth: number): void {
    if (depth >= DEPTH_MAX) throw new Malformed('lists and objects that are too deep');
    if (items > this.#bytes.length - this.#at) throw new Malformed('fewer bytes than announced');
  }

  #text(length: number): string {
    const start = this.#skip(length);
    if (length < SHORT_TEXT_LENGTH) {
      let text = '';
      for (let i = start; i < this.#at; i++) {
        const byte = this.#bytes[i]!;
        if (byte >= 0x80) return this.#utf8(start);
        text += ASCII[byte]!;
      }
      return text;
    }
    return this.#utf8(start);
  }

  #utf8(start: number): string {
    try {
      return decoder.decode(this.#bytes.subarray(start, this.#at));
    } catch {
      throw new Malformed('a text that is not UTF-8');
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new Malformed('fewer bytes than announced');
    this.#at += 1;
    return byte;
  }

  /** Steps over so many bytes; where they start. */
  #skip(length: number): number {
    const start = this.#at;
    if (length > this.#bytes.length - start) throw new Malformed('fewer bytes than announced');
    this.#at = start + length;
    return start;
  }
}

/** Lexicographic order of two ranges of the same length. */
function compareRanges(a: Uint8Array, startA: number, b: Uint8Array, startB: number, length: number): number {
  for (let i = 0; i < length; i++) {
    const difference = a[startA + i]! - b[startB + i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
