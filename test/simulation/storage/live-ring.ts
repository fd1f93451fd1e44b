/** The overlay below as an oracle: who is live, in the order of the ring. */
import { compareBytes } from '../../../src/core/codec/bytes.ts';
import { compareDistance, type Key } from '../../../src/core/codec/id.ts';
import type { SimulatedNode } from './tab.ts';

/** Half of Pastry's leaf set, l = 16. */
const SIDE = 8;

export class LiveRing {
  readonly #live: SimulatedNode[] = [];

  get size(): number {
    return this.#live.length;
  }

  at(index: number): SimulatedNode {
    return this.#live[index]!;
  }

  add(node: SimulatedNode): void {
    this.#live.splice(this.#place(node.nodeId), 0, node);
  }

  remove(node: SimulatedNode): void {
    this.#live.splice(this.#place(node.nodeId), 1);
  }

  /** Up to 8 live nodes on each side of the place where the node is or would be. */
  leafSet(node: SimulatedNode): readonly SimulatedNode[] {
    const found = this.#around(node.nodeId, SIDE);
    found.delete(node);
    return [...found];
  }

  /** The live nodes closest to the key. */
  closest(key: Key, count: number): readonly SimulatedNode[] {
    const near = [...this.#around(key, count)];
    return near.sort((a, b) => compareDistance(key, a.nodeId, b.nodeId)).slice(0, count);
  }

  #around(id: Key, side: number): Set<SimulatedNode> {
    const { length } = this.#live;
    const found = new Set<SimulatedNode>();
    const at = this.#place(id);
    if (length > 0)
      for (let i = at - side; i <= at + side; i++) found.add(this.#live[((i % length) + length) % length]!);
    return found;
  }

  /** Where an id is, or belongs. */
  #place(id: Key): number {
    let [low, high] = [0, this.#live.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareBytes(this.#live[middle]!.nodeId, id) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
