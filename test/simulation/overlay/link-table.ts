/**
 * Who is linked with whom, as the two ends see it: one small hash table a node inside flat arrays, so that 100,000 nodes
 * with 48 links each fit into 80 MB. A link has a number, the same at both ends; an end that has another one is stale.
 */
import { assert } from '../../../src/core/codec/assert.ts';

const EMPTY = -1;
/** 16 slots at first. */
const BITS_MIN = 4;
/** Slots of a node with 48 links. */
const SLOTS_EXPECTED = 64;

export class LinkTable {
  #bits: Uint8Array;
  #offsets: Int32Array;
  #counts: Uint16Array;
  #peers: Int32Array;
  #numbers: Int32Array;
  /** When the last message sent over this end arrives. */
  #arrivals: Int32Array;
  #used = 0;
  /** Blocks that nobody uses, by their size in bits. */
  readonly #spare: number[][] = Array.from({ length: 24 }, () => []);
  #lastNumber = 0;

  /** `nodes`: as many as are expected; more are taken. */
  constructor(nodes = 1_024) {
    this.#bits = new Uint8Array(nodes);
    this.#offsets = new Int32Array(nodes);
    this.#counts = new Uint16Array(nodes);
    this.#peers = new Int32Array(nodes * SLOTS_EXPECTED).fill(EMPTY);
    this.#numbers = new Int32Array(nodes * SLOTS_EXPECTED);
    this.#arrivals = new Int32Array(nodes * SLOTS_EXPECTED);
  }

  get bytes(): number {
    return this.#bits.length * 7 + this.#peers.length * 12;
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
      const found = this.#peers[offset + slot]!;
      if (found === peer) return offset + slot;
      if (found === EMPTY) return EMPTY;
    }
  }

  /** The number of the link from node to peer as node sees it; 0: there is none. */
  numberOf(node: number, peer: number): number {
    const at = this.find(node, peer);
    return at === EMPTY ? 0 : this.#numbers[at]!;
  }

  numberAt(at: number): number {
    return this.#numbers[at]!;
  }

  /** Whether both ends know of the same link. */
  isWhole(a: number, b: number): boolean {
    const number = this.numberOf(a, b);
    return number !== 0 && number === this.numberOf(b, a);
  }

  /** When a message arrives that leaves now: not before those that left earlier, unless it overtakes them. */
  arrivalAt(at: number, wanted: number, overtakes: boolean): number {
    if (overtakes) return wanted;
    const arrival = Math.max(wanted, this.#arrivals[at]!);
    this.#arrivals[at] = arrival;
    return arrival;
  }

  /** One end of a link; replaces an older one with the same peer. */
  put(node: number, peer: number, number: number): void {
    const known = this.find(node, peer);
    if (known !== EMPTY) {
      this.#numbers[known] = number;
      return;
    }
    this.#makeRoom(node);
    this.#insert(node, peer, number, 0);
    this.#counts[node]!++;
  }

  /** Takes one end away; whether it was there. */
  remove(node: number, peer: number): boolean {
    let hole = this.find(node, peer);
    if (hole === EMPTY) return false;
    const [offset, bits] = [this.#offsets[node]!, this.#bits[node]!];
    const mask = (1 << bits) - 1;
    // Entries that follow without a gap move back, so that no search ends too early (Knuth, 6.4, algorithm R).
    for (
      let slot = (hole - offset + 1) & mask;
      this.#peers[offset + slot] !== EMPTY;
      slot = (slot + 1) & mask
    ) {
      const wanted = home(this.#peers[offset + slot]!, bits);
      if (((slot - wanted) & mask) < ((slot - (hole - offset)) & mask)) continue;
      this.#move(offset + slot, hole);
      hole = offset + slot;
    }
    this.#peers[hole] = EMPTY;
    this.#counts[node]!--;
    return true;
  }

  /** All peers of a node, in an order that depends only on what happened to it. */
  peersOf(node: number): number[] {
    const peers: number[] = [];
    const bits = this.#bits[node] ?? 0;
    if (bits === 0) return peers;
    const offset = this.#offsets[node]!;
    for (let slot = 0; slot < 1 << bits; slot++)
      if (this.#peers[offset + slot] !== EMPTY) peers.push(this.#peers[offset + slot]!);
    return peers;
  }

  /** Takes away all ends of a node, not those of its peers. */
  clear(node: number): void {
    const bits = this.#bits[node] ?? 0;
    if (bits === 0) return;
    const offset = this.#offsets[node]!;
    this.#peers.fill(EMPTY, offset, offset + (1 << bits));
    this.#spare[bits]!.push(offset);
    this.#bits[node] = 0;
    this.#counts[node] = 0;
  }

  #makeRoom(node: number): void {
    if (node >= this.#bits.length) this.#growNodes(node);
    const bits = this.#bits[node]!;
    if (bits === 0) return this.#giveBlock(node, BITS_MIN);
    // At most four fifths full: 48 links, and a few more while some are closed, fit into 64 slots.
    if (5 * (this.#counts[node]! + 1) <= 4 << bits) return;
    const offset = this.#offsets[node]!;
    const entries: [number, number, number][] = [];
    for (let at = offset; at < offset + (1 << bits); at++)
      if (this.#peers[at] !== EMPTY)
        entries.push([this.#peers[at]!, this.#numbers[at]!, this.#arrivals[at]!]);
    this.#peers.fill(EMPTY, offset, offset + (1 << bits));
    this.#spare[bits]!.push(offset);
    this.#giveBlock(node, bits + 1);
    for (const [peer, number, arrival] of entries) this.#insert(node, peer, number, arrival);
  }

  #giveBlock(node: number, bits: number): void {
    let offset = this.#spare[bits]!.pop();
    if (offset === undefined) {
      offset = this.#used;
      this.#used += 1 << bits;
      if (this.#used > this.#peers.length) this.#growSlots();
    }
    this.#offsets[node] = offset;
    this.#bits[node] = bits;
  }

  #insert(node: number, peer: number, number: number, arrival: number): void {
    const [offset, bits] = [this.#offsets[node]!, this.#bits[node]!];
    const mask = (1 << bits) - 1;
    let slot = home(peer, bits);
    while (this.#peers[offset + slot] !== EMPTY) slot = (slot + 1) & mask;
    this.#peers[offset + slot] = peer;
    this.#numbers[offset + slot] = number;
    this.#arrivals[offset + slot] = arrival;
  }

  #move(from: number, to: number): void {
    this.#peers[to] = this.#peers[from]!;
    this.#numbers[to] = this.#numbers[from]!;
    this.#arrivals[to] = this.#arrivals[from]!;
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
    const length = Math.max(this.#used, Math.ceil(1.5 * this.#peers.length));
    const peers = new Int32Array(length).fill(EMPTY);
    peers.set(this.#peers);
    const numbers = new Int32Array(length);
    numbers.set(this.#numbers);
    const arrivals = new Int32Array(length);
    arrivals.set(this.#arrivals);
    [this.#peers, this.#numbers, this.#arrivals] = [peers, numbers, arrivals];
  }
}

function home(peer: number, bits: number): number {
  return Math.imul(peer, 0x9e3779b1) >>> (32 - bits);
}
