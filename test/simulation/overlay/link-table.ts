/**
 * Who is linked with whom, as the two ends see it: one small hash table a node inside flat arrays, so that 100,000 nodes
 * with 48 links each fit into 80 MB. A link has a number, the same at both ends; an end that has another one is stale.
 */
import { assert } from '../../../src/core/codec/assert.ts';

const EMPTY = -1;
/** A slot: the peer, the link's number, when the last message sent over this end arrives. Side by side: they are read together. */
const SLOT = 3;
const NUMBER = 1;
const ARRIVAL = 2;
/** 16 slots at first. */
const BITS_MIN = 4;
/** Slots of a node with 48 links. */
const SLOTS_EXPECTED = 64;

export class LinkTable {
  #bits: Uint8Array;
  #offsets: Int32Array;
  #counts: Uint16Array;
  #slots: Int32Array;
  /** Slots given away so far. */
  #used = 0;
  /** Blocks that nobody uses, by their size in bits. */
  readonly #spare: number[][] = Array.from({ length: 24 }, () => []);
  #lastNumber = 0;

  /** `nodes`: as many as are expected; more are taken. */
  constructor(nodes = 1_024) {
    this.#bits = new Uint8Array(nodes);
    this.#offsets = new Int32Array(nodes);
    this.#counts = new Uint16Array(nodes);
    this.#slots = new Int32Array(nodes * SLOTS_EXPECTED * SLOT).fill(EMPTY);
  }

  get bytes(): number {
    return this.#bits.length * 7 + this.#slots.length * 4;
  }

  /** Links of a node, as it sees them. */
  count(node: number): number {
    return this.#counts[node] ?? 0;
  }

  /** A number for a new link. */
  nextNumber(): number {
    return ++this.#lastNumber;
  }

  /** Where the link is; −1: there is none. Good until the next change. */
  find(node: number, peer: number): number {
    const bits = this.#bits[node] ?? 0;
    if (bits === 0) return EMPTY;
    const [offset, mask] = [this.#offsets[node]!, (1 << bits) - 1];
    for (let slot = home(peer, bits); ; slot = (slot + 1) & mask) {
      const at = (offset + slot) * SLOT;
      const found = this.#slots[at]!;
      if (found === peer) return at;
      if (found === EMPTY) return EMPTY;
    }
  }

  /** The number of the link from node to peer as node sees it; 0: there is none. */
  numberOf(node: number, peer: number): number {
    const at = this.find(node, peer);
    return at === EMPTY ? 0 : this.#slots[at + NUMBER]!;
  }

  numberAt(at: number): number {
    return this.#slots[at + NUMBER]!;
  }

  /** Whether both ends know of the same link. */
  isWhole(a: number, b: number): boolean {
    const number = this.numberOf(a, b);
    return number !== 0 && number === this.numberOf(b, a);
  }

  /** When a message arrives that leaves now: not before those that left earlier, unless it overtakes them. */
  arrivalAt(at: number, wanted: number, overtakes: boolean): number {
    if (overtakes) return wanted;
    const arrival = Math.max(wanted, this.#slots[at + ARRIVAL]!);
    this.#slots[at + ARRIVAL] = arrival;
    return arrival;
  }

  /** One end of a link; replaces an older one with the same peer. */
  put(node: number, peer: number, number: number): void {
    const known = this.find(node, peer);
    if (known !== EMPTY) {
      this.#slots[known + NUMBER] = number;
      return;
    }
    this.#makeRoom(node);
    this.#insert(node, peer, number, 0);
    this.#counts[node]!++;
  }

  /** Takes one end away; whether it was there. */
  remove(node: number, peer: number): boolean {
    const found = this.find(node, peer);
    if (found === EMPTY) return false;
    const [offset, bits] = [this.#offsets[node]!, this.#bits[node]!];
    const mask = (1 << bits) - 1;
    // Entries that follow without a gap move back, so that no search ends too early (Knuth, 6.4, algorithm R).
    let hole = found / SLOT - offset;
    for (let slot = (hole + 1) & mask; this.#peerAt(offset + slot) !== EMPTY; slot = (slot + 1) & mask) {
      const wanted = home(this.#peerAt(offset + slot), bits);
      if (((slot - wanted) & mask) < ((slot - hole) & mask)) continue;
      const from = (offset + slot) * SLOT;
      this.#slots.copyWithin((offset + hole) * SLOT, from, from + SLOT);
      hole = slot;
    }
    this.#slots[(offset + hole) * SLOT] = EMPTY;
    this.#counts[node]!--;
    return true;
  }

  /** All peers of a node, in an order that depends only on what happened to it. */
  peersOf(node: number): number[] {
    const peers: number[] = [];
    const bits = this.#bits[node] ?? 0;
    if (bits === 0) return peers;
    const offset = this.#offsets[node]!;
    for (let slot = offset; slot < offset + (1 << bits); slot++) {
      const peer = this.#peerAt(slot);
      if (peer !== EMPTY) peers.push(peer);
    }
    return peers;
  }

  /** Takes away all ends of a node, not those of its peers. */
  clear(node: number): void {
    const bits = this.#bits[node] ?? 0;
    if (bits === 0) return;
    const offset = this.#offsets[node]!;
    this.#free(offset, bits);
    this.#bits[node] = 0;
    this.#counts[node] = 0;
  }

  #peerAt(slot: number): number {
    return this.#slots[slot * SLOT]!;
  }

  #free(offset: number, bits: number): void {
    this.#slots.fill(EMPTY, offset * SLOT, (offset + (1 << bits)) * SLOT);
    this.#spare[bits]!.push(offset);
  }

  #makeRoom(node: number): void {
    if (node >= this.#bits.length) this.#growNodes(node);
    const bits = this.#bits[node]!;
    if (bits === 0) return this.#giveBlock(node, BITS_MIN);
    // At most four fifths full: 48 links, and a few more while some are closed, fit into 64 slots.
    if (5 * (this.#counts[node]! + 1) <= 4 << bits) return;
    const offset = this.#offsets[node]!;
    const old = this.#slots.slice(offset * SLOT, (offset + (1 << bits)) * SLOT);
    this.#free(offset, bits);
    this.#giveBlock(node, bits + 1);
    for (let at = 0; at < old.length; at += SLOT)
      if (old[at] !== EMPTY) this.#insert(node, old[at]!, old[at + NUMBER]!, old[at + ARRIVAL]!);
  }

  #giveBlock(node: number, bits: number): void {
    let offset = this.#spare[bits]!.pop();
    if (offset === undefined) {
      offset = this.#used;
      this.#used += 1 << bits;
      if (this.#used * SLOT > this.#slots.length) this.#growSlots();
    }
    this.#offsets[node] = offset;
    this.#bits[node] = bits;
  }

  #insert(node: number, peer: number, number: number, arrival: number): void {
    const [offset, bits] = [this.#offsets[node]!, this.#bits[node]!];
    const mask = (1 << bits) - 1;
    let slot = home(peer, bits);
    while (this.#peerAt(offset + slot) !== EMPTY) slot = (slot + 1) & mask;
    const at = (offset + slot) * SLOT;
    this.#slots[at] = peer;
    this.#slots[at + NUMBER] = number;
    this.#slots[at + ARRIVAL] = arrival;
  }

  #growNodes(node: number): void {
    const length = Math.max(node + 1, 2 * this.#bits.length);
    assert(length < 2 ** 24, 'a world of a bounded number of nodes');
    const [bits, offsets, counts] = [new Uint8Array(length), new Int32Array(length), new Uint16Array(length)];
    bits.set(this.#bits);
    offsets.set(this.#offsets);
    counts.set(this.#counts);
    [this.#bits, this.#offsets, this.#counts] = [bits, offsets, counts];
  }

  #growSlots(): void {
    const length = Math.max(this.#used * SLOT, SLOT * Math.ceil((1.5 * this.#slots.length) / SLOT));
    const slots = new Int32Array(length).fill(EMPTY);
    slots.set(this.#slots);
    this.#slots = slots;
  }
}

function home(peer: number, bits: number): number {
  return Math.imul(peer, 0x9e3779b1) >>> (32 - bits);
}
