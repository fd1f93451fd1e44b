/** A seeded Random for tests and simulation: the same seed gives the same bytes. Not for keys of real people. */
import type { Bytes } from '../../core/codec/bytes.ts';
import type { Random } from '../../core/crypto/random.ts';

/** xoshiro128** 1.1 (Blackman & Vigna 2018), its state filled by splitmix32 from the seed. */
export class SeededRandom implements Random {
  readonly #state: Uint32Array;

  /** `seed`: any number, its low 32 bits count; or text, for named streams like `node-17`. */
  constructor(seed: number | string) {
    let x = typeof seed === 'number' ? seed >>> 0 : fnv1a(seed);
    this.#state = Uint32Array.from({ length: 4 }, () => {
      x = (x + 0x9e3779b9) >>> 0;
      let z = x;
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      return z ^ (z >>> 15);
    });
  }

  bytes(length: number): Bytes {
    const out = new Uint8Array(length);
    for (let offset = 0; offset < length; offset += 4) {
      let word = this.#next();
      for (let i = offset; i < Math.min(offset + 4, length); i++) {
        out[i] = word & 255;
        word >>>= 8;
      }
    }
    return out;
  }

  /** 0 ≤ number < 1, 32 bits of it random. */
  number(): number {
    return this.#next() / 2 ** 32;
  }

  /** A whole number, 0 ≤ n < limit ≤ 2^32. */
  below(limit: number): number {
    return Math.floor(this.number() * limit);
  }

  #next(): number {
    const s = this.#state;
    const result = Math.imul(rotateLeft(Math.imul(s[1]!, 5), 7), 9) >>> 0;
    const t = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= t;
    s[3] = rotateLeft(s[3]!, 11);
    return result;
  }
}

function rotateLeft(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}

/** FNV-1a, 32 bits, over UTF-16 units. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
