/**
 * Nodes of the key tree: a radix tree of 16 branches whose form depends on its entries alone, so that equal sets have equal
 * hashes. Nodes never change: an edit copies the path to it and shares the rest.
 */
import { compareBytes, equalBytes, type Bytes } from '../../codec/bytes.ts';
import { digitOf, ID_BYTES, type Id, type Key } from '../../codec/id.ts';
import { sha256 } from '../../crypto/hash.ts';
import { inArc, type Arc } from './arc.ts';

/** A key, for what never changes; or a key and the hash of its present state, 64 bytes in all. */
export type Entry = Bytes;

/** More entries than this are branched out. */
export const LEAF_ENTRIES_MAX = 16;
/** Branches of a node: one for each digit. */
export const BRANCHES = 16;

interface Leaf {
  readonly kind: 'leaf';
  /** Sorted by key; never empty. */
  readonly entries: readonly Entry[];
  readonly count: number;
  hash?: Id;
}

interface Branch {
  readonly kind: 'branch';
  readonly children: readonly (TreeNode | undefined)[];
  /** Over LEAF_ENTRIES_MAX. */
  readonly count: number;
  hash?: Id;
}

/** Undefined where there is nothing. */
export type TreeNode = Leaf | Branch;

const NOTHING: Id = new Uint8Array(ID_BYTES);

export function keyOf(entry: Entry): Key {
  return entry.length === ID_BYTES ? entry : entry.subarray(0, ID_BYTES);
}

/** `node`, at `depth` digits, with the entry in the place of an entry of the same key. */
export function withEntry(node: TreeNode | undefined, depth: number, entry: Entry): TreeNode {
  if (node === undefined) return leafOf([entry]);
  if (node.kind === 'leaf') {
    const others = node.entries.filter((other) => !sameKey(other, entry));
    const at = others.findIndex((other) => compareBytes(other, entry) > 0);
    const sorted = at < 0 ? [...others, entry] : [...others.slice(0, at), entry, ...others.slice(at)];
    return build(sorted, depth);
  }
  const digit = digitOf(keyOf(entry), depth);
  return branchOf(replaced(node.children, digit, withEntry(node.children[digit], depth + 1, entry)));
}

export function withoutKey(node: TreeNode | undefined, depth: number, key: Key): TreeNode | undefined {
  if (node === undefined) return undefined;
  if (node.kind === 'leaf') {
    const entries = node.entries.filter((entry) => !equalBytes(keyOf(entry), key));
    if (entries.length === node.entries.length) return node;
    return entries.length === 0 ? undefined : leafOf(entries);
  }
  const digit = digitOf(key, depth);
  const before = node.children[digit];
  const after = withoutKey(before, depth + 1, key);
  return after === before ? node : joined(replaced(node.children, digit, after));
}

export function entryOf(node: TreeNode | undefined, depth: number, key: Key): Entry | undefined {
  if (node === undefined) return undefined;
  if (node.kind === 'leaf') return node.entries.find((entry) => equalBytes(keyOf(entry), key));
  return entryOf(node.children[digitOf(key, depth)], depth + 1, key);
}

/** What lies under a prefix of digits, one to a byte. */
export function nodeAt(root: TreeNode | undefined, prefix: Bytes): TreeNode | undefined {
  let node = root;
  for (let depth = 0; depth < prefix.length && node !== undefined; depth++) {
    if (node.kind === 'leaf') {
      const entries = node.entries.filter((entry) => hasPrefix(keyOf(entry), prefix));
      return entries.length === 0 ? undefined : leafOf(entries);
    }
    node = node.children[prefix[depth]!];
  }
  return node;
}

/** The 16 parts of a node at `depth`. */
export function childrenOf(node: TreeNode | undefined, depth: number): readonly (TreeNode | undefined)[] {
  if (node === undefined) return new Array<undefined>(BRANCHES).fill(undefined);
  return node.kind === 'branch' ? node.children : split(node.entries, depth);
}

/** What of a node lies in the arc; `lowest` is the lowest key that may be under it. */
export function restricted(
  node: TreeNode | undefined,
  depth: number,
  lowest: Id,
  arc: Arc,
): TreeNode | undefined {
  if (node === undefined) return undefined;
  if (!isCut(lowest, depth, arc)) return inArc(arc, lowest) ? node : undefined;
  if (node.kind === 'leaf') {
    const entries = node.entries.filter((entry) => inArc(arc, keyOf(entry)));
    return entries.length === 0 ? undefined : leafOf(entries);
  }
  return joined(
    node.children.map((child, digit) => restricted(child, depth + 1, extended(lowest, depth, digit), arc)),
  );
}

/** In the order of keys. */
export function entriesOf(node: TreeNode | undefined): readonly Entry[] {
  if (node === undefined) return [];
  if (node.kind === 'leaf') return node.entries;
  const all: Entry[] = [];
  collect(node, all);
  return all;
}

function collect(node: TreeNode, all: Entry[]): void {
  if (node.kind === 'leaf') for (const entry of node.entries) all.push(entry);
  else for (const child of node.children) if (child !== undefined) collect(child, all);
}

/** What two lists in the order of keys have in common. */
export function inBoth(a: readonly Entry[], b: readonly Entry[]): readonly Entry[] {
  const both: Entry[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const order = a[i] === b[j] ? 0 : compareBytes(a[i]!, b[j]!);
    if (order === 0) both.push(a[i]!);
    if (order <= 0) i += 1;
    if (order >= 0) j += 1;
  }
  return both;
}

/** Of a list in the order of keys: index of the first entry, not before `from`, whose key is `id` or follows it. */
export function firstNotBefore(sorted: readonly Entry[], id: Key, from = 0): number {
  let [low, high] = [from, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareBytes(sorted[middle]!, id) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What of a list in the order of keys lies in the arc. */
export function sliced(sorted: readonly Entry[], { from, to }: Arc): readonly Entry[] {
  if (equalBytes(from, to)) return sorted;
  const [start, end] = [firstNotBefore(sorted, from), firstNotBefore(sorted, to)];
  if (compareBytes(from, to) < 0) return sorted.slice(start, end);
  return [...sorted.slice(0, end), ...sorted.slice(start)];
}

/** A list in the order of keys without `removed` and with `added`, in any order; what is added replaces an entry of its key. */
export function spliced(
  list: readonly Entry[],
  removed: readonly Key[],
  added: readonly Entry[],
): readonly Entry[] {
  const changes: Change[] = [...removed.map((key) => ({ key, entry: undefined })), ...keyed(added)];
  changes.sort((a, b) => compareBytes(a.key, b.key));
  if (changes.length <= FEW_CHANGES) return edited(list, changes);
  const out: Entry[] = [];
  let at = 0;
  for (const { key, entry } of changes) {
    const place = firstNotBefore(list, key, at);
    while (at < place) out.push(list[at++]!);
    if (at < list.length && equalBytes(keyOf(list[at]!), key)) at += 1;
    if (entry !== undefined) out.push(entry);
  }
  while (at < list.length) out.push(list[at++]!);
  return out;
}

interface Change {
  readonly key: Key;
  /** Undefined: it goes. */
  readonly entry: Entry | undefined;
}

function keyed(entries: readonly Entry[]): Change[] {
  return entries.map((entry) => ({ key: keyOf(entry), entry }));
}

/** So few changes are made one by one in a copy, which is quicker than to make the list anew. */
const FEW_CHANGES = 8;

function edited(list: readonly Entry[], changes: readonly Change[]): readonly Entry[] {
  const out = list.slice();
  for (const { key, entry } of changes) {
    const place = firstNotBefore(out, key);
    const isThere = place < out.length && equalBytes(keyOf(out[place]!), key);
    out.splice(place, isThere ? 1 : 0, ...(entry === undefined ? [] : [entry]));
  }
  return out;
}

/** SHA-256 over a leaf's entries, or over the hashes of a branch's parts; 32 zeros where there is nothing. */
export function hashOf(node: TreeNode | undefined): Id {
  if (node === undefined) return NOTHING;
  node.hash ??= node.kind === 'leaf' ? hashAll(0, node.entries) : hashAll(1, node.children.map(hashOf));
  return node.hash;
}

/** The node of these entries, sorted by key. */
export function build(entries: readonly Entry[], depth: number): TreeNode {
  return entries.length <= LEAF_ENTRIES_MAX ? leafOf(entries) : branchOf(split(entries, depth));
}

function split(entries: readonly Entry[], depth: number): readonly (TreeNode | undefined)[] {
  const parts: Entry[][] = Array.from({ length: BRANCHES }, () => []);
  for (const entry of entries) parts[digitOf(keyOf(entry), depth)]!.push(entry);
  return parts.map((part) => (part.length === 0 ? undefined : build(part, depth + 1)));
}

/** A branch, or a leaf where so little is left. */
function joined(children: readonly (TreeNode | undefined)[]): TreeNode | undefined {
  const branch = branchOf(children);
  if (branch.count > LEAF_ENTRIES_MAX) return branch;
  return branch.count === 0 ? undefined : leafOf(entriesOf(branch));
}

function leafOf(entries: readonly Entry[]): Leaf {
  return { kind: 'leaf', entries, count: entries.length };
}

function branchOf(children: readonly (TreeNode | undefined)[]): Branch {
  return {
    kind: 'branch',
    children,
    count: children.reduce((sum, child) => sum + (child?.count ?? 0), 0),
  };
}

/** Whether one of the arc's ends parts the keys under a prefix: not if both lie below, at the lowest, or above. */
function isCut(lowest: Id, depth: number, { from, to }: Arc): boolean {
  if (equalBytes(from, to)) return false;
  const parts = (end: Id): boolean => sharesDigits(lowest, end, depth) && compareBytes(lowest, end) < 0;
  return parts(from) || parts(to);
}

function sharesDigits(a: Id, b: Id, digits: number): boolean {
  for (let i = 0; i < digits; i++) if (digitOf(a, i) !== digitOf(b, i)) return false;
  return true;
}

function extended(lowest: Id, depth: number, digit: number): Id {
  const out = lowest.slice();
  out[depth >> 1]! |= depth % 2 === 0 ? digit << 4 : digit;
  return out;
}

function hasPrefix(key: Key, prefix: Bytes): boolean {
  return prefix.every((digit, i) => digitOf(key, i) === digit);
}

function sameKey(a: Entry, b: Entry): boolean {
  return equalBytes(keyOf(a), keyOf(b));
}

function replaced<T>(list: readonly T[], at: number, item: T): T[] {
  const copy = [...list];
  copy[at] = item;
  return copy;
}

/** The first byte keeps leaves and branches apart; entries say their length, so that no two lists read the same. */
function hashAll(kind: 0 | 1, parts: readonly Bytes[]): Id {
  const out = new Uint8Array(1 + parts.reduce((sum, part) => sum + 1 + part.length, 0));
  out[0] = kind;
  let offset = 1;
  for (const part of parts) {
    out[offset] = part.length;
    out.set(part, offset + 1);
    offset += 1 + part.length;
  }
  return sha256(out);
}
