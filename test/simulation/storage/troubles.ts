/** What goes wrong between nodes and on their disks, drawn from the seed: the overlay's faults, torn writes, full disks. */
import { SeededRandom } from '../../../src/adapters/memory/random.ts';
import type { SimulatedNode } from './tab.ts';

const HOUR_MS = 60 * 60_000;
/** Share of exchanges of which a message is lost for good; of writes that leave other bytes than were meant. */
const LOSS = 0.02;
const TORN = 0.01;
/** In each spell of 6 h: in the first hour the ring is in two halves; a tenth of the nodes sleeps, and a tenth has full disks. */
const SPELL_MS = 6 * HOUR_MS;
const ASIDE = 10;

export class Troubles {
  readonly #random: SeededRandom;
  readonly #areOn: boolean;

  constructor(seed: string, areOn: boolean) {
    this.#random = new SeededRandom(`storage troubles ${seed}`);
    this.#areOn = areOn;
  }

  /** Whether nothing comes of what one asks the other now. */
  cuts(a: SimulatedNode, b: SimulatedNode, now: number): boolean {
    if (!this.#areOn) return false;
    const isParted = now % SPELL_MS < HOUR_MS && (a.nodeId[31]! ^ b.nodeId[31]!) % 2 === 1;
    return isParted || isAside(a, 1, now) || isAside(b, 1, now) || this.#random.number() < LOSS;
  }

  isFull(node: SimulatedNode, now: number): boolean {
    return this.#areOn && isAside(node, 2, now);
  }

  /** Asked once for each write. */
  tears(): boolean {
    return this.#areOn && this.#random.number() < TORN;
  }
}

/** Another tenth in each spell, for all of it. */
function isAside({ nodeId }: SimulatedNode, byte: number, now: number): boolean {
  return (nodeId[byte]! + Math.floor(now / SPELL_MS)) % ASIDE === 0;
}
