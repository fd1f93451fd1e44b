/** Base64 in lines (RFC 2045, 6.8), piece by piece: a file of any size is encoded in the memory of one piece. */
import { utf8, type Bytes } from '../codec/bytes.ts';

const ALPHABET = utf8('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const PADDING = 61; // =
const CR = 13;
const LF = 10;

/** Encodes pieces in order; lines of `lineLength` characters (a multiple of 4) are parted by CRLF, none follows the last. */
export class Base64Lines {
  readonly #lineBytes: number;
  #rest: Bytes = new Uint8Array(0);
  #begun = false;

  constructor(lineLength: number) {
    this.#lineBytes = (lineLength / 4) * 3;
  }

  /** The lines that are complete with this piece. */
  push(piece: Bytes): Bytes {
    const all = new Uint8Array(this.#rest.length + piece.length);
    all.set(this.#rest);
    all.set(piece, this.#rest.length);
    const whole = all.length - (all.length % this.#lineBytes);
    this.#rest = all.slice(whole);
    return this.#lines(all.subarray(0, whole));
  }

  /** The last, shorter line. */
  end(): Bytes {
    const last = this.#lines(this.#rest);
    this.#rest = new Uint8Array(0);
    return last;
  }

  #lines(bytes: Bytes): Bytes {
    const lines = Math.ceil(bytes.length / this.#lineBytes);
    const breaks = lines === 0 ? 0 : this.#begun ? lines : lines - 1;
    const out = new Uint8Array(Math.ceil(bytes.length / 3) * 4 + 2 * breaks);
    let at = 0;
    for (let start = 0; start < bytes.length; start += this.#lineBytes) {
      if (this.#begun) {
        out[at++] = CR;
        out[at++] = LF;
      }
      this.#begun = true;
      at = encodeInto(out, at, bytes.subarray(start, start + this.#lineBytes));
    }
    return out;
  }
}

/** Length of `sizeBytes` bytes encoded in lines of `lineLength` characters. */
export function base64LinesLength(sizeBytes: number, lineLength: number): number {
  const characters = Math.ceil(sizeBytes / 3) * 4;
  return characters + 2 * Math.max(0, Math.ceil(characters / lineLength) - 1);
}

function encodeInto(out: Bytes, at: number, bytes: Bytes): number {
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const triple = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    out[at++] = ALPHABET[triple >> 18]!;
    out[at++] = ALPHABET[(triple >> 12) & 63]!;
    out[at++] = left > 1 ? ALPHABET[(triple >> 6) & 63]! : PADDING;
    out[at++] = left > 2 ? ALPHABET[triple & 63]! : PADDING;
  }
  return at;
}
