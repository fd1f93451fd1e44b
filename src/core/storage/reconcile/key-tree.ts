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
  firstNotBefore,
  hashOf,
  keyOf,
  LEAF_ENTRIES_MAX,
  nodeAt,
  restricted,
  withEntry,
  sliced,
  spliced,
  withoutKey,
  type Entry,
  type TreeNode,
} from './tree-node.ts';

/** Bytes of a fingerprint on the wire. */
export const FINGERPRINT_BYTES = 8;
/** Where more than one entry in so many changes, a new tree is quicker than edits. */
const EDIT_COST = 8;
/** A longer list of entries is not copied for an edit, but made from the tree when it is asked for again. */
const SORTED_KEPT_MAX = 16_384;
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
  /** All entries in the order of keys, once they were asked for. Invariant: this or `#built` is known. */
  #sorted: readonly Entry[] | undefined;

  private constructor(built: TreeNode | undefined, sorted: readonly Entry[] | undefined) {
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
    return this.has(entry) ? this : this.#edited([], [entry]);
  }

  without(key: Key): KeyTree {
    return this.get(key) === undefined ? this : this.#edited([key], []);
  }

  get(key: Key): Entry | undefined {
    if (this.#built !== undefined) return entryOf(this.#built, 0, key);
    const found = this.#sorted![firstNotBefore(this.#sorted!, key)];
    return found !== undefined && equalBytes(keyOf(found), key) ? found : undefined;
  }

  has(entry: Entry): boolean {
    const found = this.get(keyOf(entry));
    return found !== undefined && (found === entry || equalBytes(found, entry));
  }

  /** In the order of keys. */
  entries(prefix: Bytes = new Uint8Array(0)): readonly Entry[] {
    return entriesOf(nodeAt(this.#root, prefix));
  }

  /** The entries of an arc, in the order of keys: after the first time two searches and a copy. */
  entriesWithin(arc: Arc): readonly Entry[] {
    return sliced((this.#sorted ??= entriesOf(this.#built)), arc);
  }

  /** The part in the arc without `removed` and with `added`: entries of distinct keys, each list in any order. */
  changedWithin(arc: Arc, removed: readonly Entry[], added: readonly Entry[]): KeyTree {
    const part = this.within(arc);
    if (removed.length + added.length === 0) return part;
    return part.#edited(removed.map(keyOf), added);
  }

  /** What lies in the arc: costs two paths, not a walk. */
  within(arc: Arc): KeyTree {
    if (equalBytes(arc.from, arc.to)) return this;
    const sorted = this.#sorted && this.entriesWithin(arc);
    if (this.#built === undefined) return sorted?.length === this.size ? this : KeyTree.#ofSorted(sorted!);
    return new KeyTree(restricted(this.#built, 0, new Uint8Array(ID_BYTES), arc), sorted);
  }

  /** The list and the tree are both kept up, where they are known and that is quicker than to make them anew. */
  #edited(removed: readonly Key[], added: readonly Entry[]): KeyTree {
    const isRebuilt = (removed.length + added.length) * EDIT_COST >= this.size;
    if (this.#built === undefined || isRebuilt)
      return KeyTree.#ofSorted(spliced(this.#sorted ?? entriesOf(this.#built), removed, added));
    let root: TreeNode | undefined = this.#built;
    for (const key of removed) root = withoutKey(root, 0, key);
    for (const entry of added) root = withEntry(root, 0, entry);
    const list = this.size <= SORTED_KEPT_MAX ? this.#sorted : undefined;
    return new KeyTree(root, list && spliced(list, removed, added));
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

/** The fingerprint of nothing. */
export function emptyFingerprint(nonce: Bytes): Bytes {
  return cut(nonce, undefined);
}

function cut(nonce: Bytes, node: TreeNode | undefined): Bytes {
  return sha256(concat(nonce, hashOf(node))).subarray(0, FINGERPRINT_BYTES) as Bytes;
}
