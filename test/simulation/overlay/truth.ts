/**
 * What an all-knowing observer would say: who the root of a key is, and who belongs into whose leaf set. Counted are nodes
 * that run, are awake and say that they are ready, in each group of a partition for itself.
 */
import type { Key, NodeId } from '../../../src/core/codec/id.ts';
import { placeOf, type Directory } from './directory.ts';

const NOBODY = -1;

/** Nodes in the order of their ids. */
export class SortedRing {
  readonly #directory: Directory;
  #nodes = new Int32Array(1_024);
  #count = 0;

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  get size(): number {
    return this.#count;
  }

  add(node: number): void {
    if (this.#count === this.#nodes.length) {
      const nodes = new Int32Array(2 * this.#count);
      nodes.set(this.#nodes);
      this.#nodes = nodes;
    }
    const at = this.#find(this.#directory.id(node));
    this.#nodes.copyWithin(at + 1, at, this.#count);
    this.#nodes[at] = node;
    this.#count++;
  }

  remove(node: number): void {
    const at = this.#find(this.#directory.id(node));
    if (this.#nodes[at] !== node || at === this.#count) return;
    this.#nodes.copyWithin(at, at + 1, this.#count);
    this.#count--;
  }

  /** The node at this place in the order, which wraps around. */
  at(place: number): number {
    return this.#nodes[(place + this.#count) % this.#count]!;
  }

  /** How many nodes come before this id. */
  placeIn(id: NodeId): number {
    return this.#find(id);
  }

  /** −1: the ring is empty. */
  closest(key: Key): number {
    if (this.#count === 0) return NOBODY;
    const at = this.#find(key);
    const [below, above] = [this.at(at - 1), this.at(at)];
    return this.#directory.compareCloseness(key, below, above) < 0 ? below : above;
  }

  /** The nearest others, up to `perSide` on each side, each once. */
  neighbours(node: number, perSide: number): number[] {
    const at = this.#find(this.#directory.id(node));
    const found = new Set<number>();
    for (let step = 1; step <= Math.min(perSide, this.#count - 1); step++) {
      found.add(this.at(at - step));
      found.add(this.at(at + step));
    }
    found.delete(node);
    return [...found];
  }

  /** Nodes closest to the key, closest first. */
  nearest(key: Key, count: number): number[] {
    const at = this.#find(key);
    const near = new Set<number>();
    for (let step = 0; step < Math.min(count, this.#count); step++) {
      near.add(this.at(at - 1 - step));
      near.add(this.at(at + step));
    }
    return [...near].sort((a, b) => this.#directory.compareCloseness(key, a, b)).slice(0, count);
  }

  /** The first place whose node's id is not below this one. */
  #find(id: NodeId): number {
    const wanted = placeOf(id);
    let [low, high] = [0, this.#count];
    while (low < high) {
      const middle = (low + high) >> 1;
      const node = this.#nodes[middle]!;
      const below = this.#directory.place(node) - wanted || this.#compare(node, id);
      if (below < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #compare(node: number, id: NodeId): number {
    const own = this.#directory.id(node);
    for (let i = 0; i < own.length; i++) if (own[i] !== id[i]) return own[i]! - id[i]!;
    return 0;
  }
}

/** A key that is being looked up, and who was its root since that began. */
export interface OpenKey {
  readonly key: Key;
  readonly asker: number;
  /** −1: nobody was ready. */
  root: number;
  /** All that were the root at some time, the present one last. */
  readonly roots: number[];
}

export class Truth {
  readonly #directory: Directory;
  readonly #groupOf: (node: number) => number;
  readonly #rings = new Map<number, SortedRing>();
  readonly #open = new Set<OpenKey>();

  constructor(directory: Directory, groupOf: (node: number) => number) {
    this.#directory = directory;
    this.#groupOf = groupOf;
  }

  /** Ready nodes of a group. */
  ring(group = 0): SortedRing {
    let ring = this.#rings.get(group);
    if (ring === undefined) this.#rings.set(group, (ring = new SortedRing(this.#directory)));
    return ring;
  }

  /** The node is ready. */
  enter(node: number): void {
    const group = this.#groupOf(node);
    this.ring(group).add(node);
    for (const open of this.#open) {
      if (this.#groupOf(open.asker) !== group) continue;
      if (open.root === NOBODY || this.#directory.compareCloseness(open.key, node, open.root) < 0)
        become(open, node);
    }
  }

  /** The node is not ready any more. */
  exit(node: number): void {
    const ring = this.ring(this.#groupOf(node));
    ring.remove(node);
    for (const open of this.#open) if (open.root === node) become(open, ring.closest(open.key));
  }

  /** Groups change: `change` changes them, `ready` are all nodes that are ready. */
  regroup(change: () => void, ready: Iterable<number>): void {
    this.#rings.clear();
    change();
    for (const node of ready) this.ring(this.#groupOf(node)).add(node);
    for (const open of this.#open) {
      const root = this.rootOf(open.key, open.asker);
      if (root !== open.root) become(open, root);
    }
  }

  /** The root of a key as far as `asker` can reach; −1: nobody is ready there. */
  rootOf(key: Key, asker: number): number {
    return this.ring(this.#groupOf(asker)).closest(key);
  }

  open(key: Key, asker: number): OpenKey {
    const root = this.rootOf(key, asker);
    const open: OpenKey = { key, asker, root, roots: root === NOBODY ? [] : [root] };
    this.#open.add(open);
    return open;
  }

  close(open: OpenKey): void {
    this.#open.delete(open);
  }
}

function become(open: OpenKey, root: number): void {
  open.root = root;
  if (root !== NOBODY && !open.roots.includes(root)) open.roots.push(root);
}
