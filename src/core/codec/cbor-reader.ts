/** Reads values of DAG-CBOR; whatever is not the one form of a value throws Malformed. */
import {
  BYTES,
  compareRanges,
  FALSE,
  FLOAT64,
  LIST,
  NEGATIVE,
  NULL,
  OBJECT,
  SHORT_TEXT_LENGTH,
  SIMPLE,
  TEXT,
  TRUE,
  viewOf,
  WHOLE,
} from './cbor-form.ts';

/** Lists and objects in each other; formats have at most six. */
export const DEPTH_MAX = 64;

/** The sentence of the refusal. */
export class Malformed extends Error {}

/** Keeps a byte order mark: it belongs to the text. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** Keys that are remembered; ASCII only. */
const NAMES_MAX = 256;
const names = new Array<string>(NAMES_MAX).fill('');
const ASCII = Array.from({ length: 0x80 }, (_, code) => String.fromCharCode(code));

export class CborReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get ended(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** The next value; `depth`: how many lists and objects it is in. Throws Malformed. */
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
      const key = this.#key(keyLength);
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

  /** Formats have few names: mostly it is the one that was last remembered in its place, and no text is made. */
  #key(length: number): string {
    const start = this.#skip(length);
    if (length === 0 || length >= SHORT_TEXT_LENGTH) return this.#textAt(start);
    const place = (31 * length + 7 * this.#bytes[start]! + this.#bytes[this.#at - 1]!) % NAMES_MAX;
    const known = names[place]!;
    if (known.length === length && this.#holds(known, start)) return known;
    const key = this.#textAt(start);
    if (key.length === length) names[place] = key;
    return key;
  }

  #holds(ascii: string, start: number): boolean {
    for (let i = 0; i < ascii.length; i++) if (ascii.charCodeAt(i) !== this.#bytes[start + i]) return false;
    return true;
  }

  #text(length: number): string {
    return this.#textAt(this.#skip(length));
  }

  #textAt(start: number): string {
    if (this.#at - start < SHORT_TEXT_LENGTH) {
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
