/** What the world knows of each node beside its machine: numbers in flat arrays. */
import { assert } from '../../../src/core/codec/assert.ts';

/** Later than anything. */
export const NEVER = 2 ** 31 - 1;

export class Population {
  /** 1: it runs, though it may sleep. */
  alive = new Uint8Array(1_024);
  /** How many do. */
  aliveCount = 0;
  /** 1: its machine says that it is ready. */
  ready = new Uint8Array(1_024);
  relay = new Uint8Array(1_024);
  /** Lives so far: what was meant for an earlier one does not arrive. */
  lives = new Uint16Array(1_024);
  /** Only nodes of one group reach each other. */
  groups = new Uint8Array(1_024);
  /** When it wakes; 0: it is awake. */
  wakesAt = new Int32Array(1_024);
  /** When it woke, or came to life, last; and when it died. */
  wokeAt = new Int32Array(1_024);
  diedAt = new Int32Array(1_024);
  /** When its machine wants the timer. */
  timerAt = new Int32Array(1_024).fill(NEVER);
  /** The earliest timer event of this node in the queue; NEVER: none. */
  timerQueued = new Int32Array(1_024).fill(NEVER);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.alive.length * 26;
  }

  add(isRelay: boolean): void {
    if (this.#size === this.alive.length) this.#grow(2 * this.#size);
    this.relay[this.#size] = isRelay ? 1 : 0;
    this.#size++;
  }

  isAwake(node: number): boolean {
    return this.alive[node] === 1 && this.wakesAt[node] === 0;
  }

  reaches(a: number, b: number): boolean {
    return this.groups[a] === this.groups[b];
  }

  #grow(length: number): void {
    assert(length < 2 ** 24, 'a world of a bounded number of nodes');
    this.alive = grown(this.alive, new Uint8Array(length));
    this.ready = grown(this.ready, new Uint8Array(length));
    this.relay = grown(this.relay, new Uint8Array(length));
    this.lives = grown(this.lives, new Uint16Array(length));
    this.groups = grown(this.groups, new Uint8Array(length));
    this.wakesAt = grown(this.wakesAt, new Int32Array(length));
    this.wokeAt = grown(this.wokeAt, new Int32Array(length));
    this.diedAt = grown(this.diedAt, new Int32Array(length));
    this.timerAt = grown(this.timerAt, new Int32Array(length).fill(NEVER));
    this.timerQueued = grown(this.timerQueued, new Int32Array(length).fill(NEVER));
  }
}

function grown<T extends Int32Array | Uint16Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
