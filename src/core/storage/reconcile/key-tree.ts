/** A set of keys (with their states) that tells for any range of the ring a fingerprint of what it holds there. */
import { compareBytes, concat, equalBytes, type Bytes } from '../../codec/bytes.ts';
import { ID_BYTES, type Key } from '../../codec/id.ts';
import { sha256 } from '../../crypto/hash.ts';
import type { Arc } from './arc.ts';
import {
  build,
  childrenOf,
  entriesOf,
  entryOf,
  hashOf,
  keyOf,
  LEAF_ENTRIES_MAX,
  nodeAt,
  restricted,
  withEntry,
  withoutKey,
  withoutKeys,
  type Entry,
  type TreeNode,
} from './tree-node.ts';

/** Bytes of a fingerprint on the wire. */
export const FINGERPRINT_BYTES = 8;
/** Where more than one entry in so many changes, a new tree is quicker than edits. */
const EDIT_COST = 8;
/** Bytes of a session's nonce. */
export const NONCE_BYTES = 16;

/**
 * Never changes: `with` and `without` give a new tree that shares all but one path, so that a remembered copy of a big tree
 * costs only what differs.
 */
export class KeyTree {
  static readonly EMPTY = new KeyTree(undefined, []);
  /** Undefined: not built yet, or empty. */
  #built: TreeNode | undefined;
  /** All entries, once they were asked for; what a tree is built from. Invariant: this or `#built` is known. */
  #sorted: readonly Entry[] | undefined;

  private constructor(built: TreeNode | undefined, sorted?: readonly Entry[]) {
    this.#built = built;
    this.#sorted = built === undefined ? (sorted ?? []) : sorted;
  }

  /** Of entries with distinct keys, in any order. */
  static of(entries: Iterable<Entry>): KeyTree {
    return KeyTree.#ofSorted([...entries].sort(compareBytes));
  }

  /** The tree itself is built when somebody needs it: to count copies the list is enough. */
  static #ofSorted(sorted: readonly Entry[]): KeyTree {
    return sorted.length === 0 ? KeyTree.EMPTY : new KeyTree(undefined, sorted);
  }

  get #root(): TreeNode | undefined {
    if (this.#built === undefined && this.#sorted!.length > 0) this.#built = build(this.#sorted!, 0);
    return this.#built;
  }

  get size(): number {
    return this.#built?.count ?? this.#sorted!.length;
  }

  /** Replaces an entry of the same key. */
  with(entry: Entry): KeyTree {
    return this.has(entry) ? this : new KeyTree(withEntry(this.#root, 0, entry));
  }

  without(key: Key): KeyTree {
    const root = withoutKey(this.#root, 0, key);
    return root === this.#root ? this : new KeyTree(root);
  }

  get(key: Key): Entry | undefined {
    return entryOf(this.#root, 0, key);
  }

  has(entry: Entry): boolean {
    const found = this.get(keyOf(entry));
    return found !== undefined && equalBytes(found, entry);
  }

  /** In the order of keys. */
  entries(prefix: Bytes = new Uint8Array(0)): readonly Entry[] {
    return entriesOf(nodeAt(this.#root, prefix));
  }

  /** The entries of an arc, in the order of keys: after the first time two searches and a copy. */
  entriesWithin({ from, to }: Arc): readonly Entry[] {
    const sorted = (this.#sorted ??= entriesOf(this.#built));
    if (equalBytes(from, to)) return sorted;
    const [start, end] = [firstNotBefore(sorted, from), firstNotBefore(sorted, to)];
    if (compareBytes(from, to) < 0) return sorted.slice(start, end);
    return [...sorted.slice(0, end), ...sorted.slice(start)];
  }

  /** The part in the arc without `removed` and with `added`: entries of distinct keys, each list in any order. */
  changedWithin(arc: Arc, removed: readonly Entry[], added: readonly Entry[]): KeyTree {
    if ((removed.length + added.length) * EDIT_COST < this.size) {
      let tree = this.within(arc);
      for (const entry of removed) tree = tree.without(keyOf(entry));
      for (const entry of added) tree = tree.with(entry);
      return tree;
    }
    const kept = withoutKeys(withoutKeys(this.entriesWithin(arc), removed), added);
    return KeyTree.of([...kept, ...added]);
  }

  /** What lies in the arc: costs two paths, not a walk. */
  within(arc: Arc): KeyTree {
    return new KeyTree(restricted(this.#root, 0, new Uint8Array(ID_BYTES), arc));
  }

  /** The entries under a prefix, if they are few enough for a list. */
  listed(prefix: Bytes): readonly Entry[] | undefined {
    const node = nodeAt(this.#root, prefix);
    if (node !== undefined && node.count > LEAF_ENTRIES_MAX) return undefined;
    return entriesOf(node);
  }

  /**
   * Fingerprints of the 16 parts under a prefix, one after another. The tree's own hashes are whole SHA-256, so nobody can
   * choose blocks that make different sets alike; cut to 8 bytes they are hashed with the session's fresh nonce first, so
   * nobody can aim at the cut either: a difference is overlooked by chance alone, once in 2^64.
   */
  fingerprints(prefix: Bytes, nonce: Bytes): Bytes {
    const parts = childrenOf(nodeAt(this.#root, prefix), prefix.length);
    return concat(...parts.map((part) => cut(nonce, part)));
  }
}

/** Index of the first entry whose key is `id` or follows it. */
function firstNotBefore(sorted: readonly Entry[], id: Key): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareBytes(sorted[middle]!, id) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The fingerprint of nothing. */
export function emptyFingerprint(nonce: Bytes): Bytes {
  return cut(nonce, undefined);
}

function cut(nonce: Bytes, node: TreeNode | undefined): Bytes {
  return sha256(concat(nonce, hashOf(node))).subarray(0, FINGERPRINT_BYTES) as Bytes;
}
