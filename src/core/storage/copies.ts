/** Counts the live copies of each key of an arc: who holds it, of this node and its neighbours. */
import { equalBytes } from '../codec/bytes.ts';
import { ID_BYTES, type Key, type NodeId } from '../codec/id.ts';
import type { Entry } from './reconcile/tree-node.ts';

/** Each key that somebody holds, and by whom. Of thousands of keys few are looked at closer, so little is made for each. */
export class Copies {
  /** Whose holdings were counted. */
  readonly counted: readonly NodeId[];
  /** In no order. */
  readonly keys: readonly Key[];
  /** For each key so many words, with a bit for each of those counted. */
  readonly #bits: Uint32Array;
  readonly #words: number;

  constructor(counted: readonly NodeId[], keys: readonly Key[], bits: Uint32Array, words: number) {
    this.counted = counted;
    this.keys = keys;
    this.#bits = bits;
    this.#words = words;
  }

  /** How many hold the key of this index. */
  count(index: number): number {
    let count = 0;
    for (let word = 0; word < this.#words; word++) count += ones(this.#bits[index * this.#words + word]!);
    return count;
  }

  /** Who holds the key of this index, each once. */
  holders(index: number): readonly NodeId[] {
    return this.counted.filter((_, at) => this.isHeldBy(index, at));
  }

  /** Whether the one at `holder` of those counted has the key of this index. */
  isHeldBy(index: number, holder: number): boolean {
    return ((this.#bits[index * this.#words + (holder >> 5)]! >>> (holder & 31)) & 1) === 1;
  }
}

/** Only content blocks: keys without a state, of those that each holder names. Every key that somebody holds, in no order. */
export function countCopies(holdings: readonly (readonly [NodeId, readonly Entry[]])[]): Copies {
  const words = Math.ceil(holdings.length / 32);
  const entriesMax = holdings.reduce((sum, [, entries]) => sum + entries.length, 0);
  const keys: Key[] = [];
  const bits = new Uint32Array(entriesMax * words);
  // Open addressing by the last 30 bits of a key, at most half full; a slot has a key's index and one.
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * entriesMax + 1)));
  const mask = slots.length - 1;
  for (const [holder, [, entries]] of holdings.entries())
    for (const entry of entries) {
      if (entry.length !== ID_BYTES) continue;
      let slot = endOf(entry) & mask;
      while (slots[slot] !== 0 && !isSame(keys[slots[slot]! - 1]!, entry)) slot = (slot + 1) & mask;
      if (slots[slot] === 0) slots[slot] = keys.push(entry);
      bits[(slots[slot]! - 1) * words + (holder >> 5)]! |= 1 << (holder & 31);
    }
  return new Copies(
    holdings.map(([nodeId]) => nodeId),
    keys,
    bits,
    words,
  );
}

/**
 * The last 30 bits: keys of one arc begin alike. Who claims thousands of keys that end alike makes a count slow (the square of
 * their number), until it is asked for them and named.
 */
function endOf(key: Key): number {
  return (key[28]! << 22) | (key[29]! << 14) | (key[30]! << 6) | (key[31]! >> 2);
}

function isSame(a: Key, b: Key): boolean {
  return a === b || equalBytes(a, b);
}

/** How many bits are set. */
function ones(word: number): number {
  let left = word - ((word >>> 1) & 0x55555555);
  left = (left & 0x33333333) + ((left >>> 2) & 0x33333333);
  return Math.imul((left + (left >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
