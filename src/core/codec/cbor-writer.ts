/** Writes values in their one form of DAG-CBOR. */
import { assert } from './assert.ts';
import { utf8, type Bytes } from './bytes.ts';
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
  TEXT,
  TRUE,
  viewOf,
  WHOLE,
} from './cbor-form.ts';

/** Up to so many keys are sorted by insertion. */
const FEW_KEYS = 16;

export class CborWriter {
  #bytes: Bytes;
  #at = 0;

  /** `room` is written over; what does not fit gets room of its own. */
  constructor(room: Bytes) {
    this.#bytes = room;
  }

  /** A copy of all that was written. */
  taken(): Bytes {
    return this.#bytes.slice(0, this.#at);
  }

  /** InvariantError when DAG-CBOR has no such value. */
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
    const keys = inOrder(Object.keys(value));
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

/** Insertion sort: objects have a handful of keys. */
function inOrder(keys: string[]): readonly string[] {
  if (keys.length > FEW_KEYS) return keys.sort(compareKeys);
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i]!;
    let place = i;
    for (; place > 0 && compareKeys(keys[place - 1]!, key) > 0; place--) keys[place] = keys[place - 1]!;
    keys[place] = key;
  }
  return keys;
}

/** Shorter keys first, then by their bytes (DAG-CBOR, strictness). */
function compareKeys(a: string, b: string): number {
  if (isAscii(a) && isAscii(b)) {
    if (a.length !== b.length) return a.length - b.length;
    return a < b ? -1 : 1;
  }
  const left = utf8(a);
  const right = utf8(b);
  return left.length - right.length || compareRanges(left, 0, right, 0, left.length);
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= 0x80) return false;
  return true;
}
