/**
 * All that the overlay machine knows of other nodes: contacts, links, dials and their failures. Bounded, and compact: figures
 * lie in typed arrays, so that a process can hold very many machines. They lie by columns, since most questions are about one
 * property of all links: so those touch few lines of the processor's cache.
 */
import { assert } from '../codec/assert.ts';
import { equalBytes } from '../codec/bytes.ts';
import { placeOf, type NodeId } from '../codec/id.ts';
import type { Contact, Introduction } from './contact.ts';

/** Nodes that a machine remembers beyond those it may be linked with; who is of no use is forgotten first. */
export const UNLINKED_PEERS_MAX = 512;

/** Row of a peer in the table; another node may get it after the peer was forgotten. */
export type PeerIndex = number;

/** What is so of a peer: bits. */
export const LINKED = 1;
/** Bytes do not pass through a circuit. */
export const DIRECT = 1 << 1;
/** The contact's certificate was checked: it may be passed on. */
export const CHECKED = 1 << 2;
/** A bootstrap contact or an always-on node: tried for ever. */
export const REMEMBERED = 1 << 3;
/** Was linked, and nobody knows where it went: worth a try after a partition. */
export const MET = 1 << 4;
/** A live node says that it is live. */
export const WANTED = 1 << 5;
/** Something waits for a link to it. */
export const DEMANDED = 1 << 6;
export const DIALLING = 1 << 7;
/** Linked, but it did not acknowledge something: routes avoid it until it is heard from. */
export const SUSPECTED = 1 << 8;
/** It told us whom it is linked with, since we asked all. */
export const ANNOUNCED = 1 << 9;
/** Its link is not closed for want of room. */
export const PROTECTED = 1 << 10;
/** In the routing table. */
export const ROUTE = 1 << 11;
/** In the constrained routing table. */
export const CONSTRAINED = 1 << 12;
/** In the leaf set. */
export const LEAF = 1 << 13;

/** Whoever has none of these is of no use any more. */
const USES = LINKED | REMEMBERED | MET | WANTED | DEMANDED | DIALLING | ROUTE | CONSTRAINED;

const GROWTH = 8;
/** Columns of whole numbers and times, of round-trip figures, and of small numbers. */
const NUMBER_COLUMNS = 3;
const ROUND_TRIP_COLUMNS = 2;
const SMALL_COLUMNS = 3;
/** Bytes of all columns of one row. */
const ROW_BYTES = NUMBER_COLUMNS * 8 + ROUND_TRIP_COLUMNS * 4 + SMALL_COLUMNS * 2;
/** Smoothing of round-trip times, RFC 6298, section 2. */
const ALPHA = 1 / 8;
const BETA = 1 / 4;
/** A link that was not measured yet is taken for this slow: a wide-area round trip with a margin. */
const RTO_MS_UNMEASURED = 1_000;
/** Nobody is suspected sooner. */
export const RTO_MS_MIN = 200;
const RTO_MS_MAX = 3_000;

export class PeerTable {
  /** Linked peers in no particular order. */
  readonly linked: PeerIndex[] = [];
  readonly dialling: PeerIndex[] = [];
  readonly #max: number;
  #capacity = 0;
  #top = 0;
  #count = 0;
  #free: PeerIndex[] = [];
  #contacts: (Contact | undefined)[] = [];
  /** Their ids, which are asked for far more often than the rest of a contact. */
  #nodeIds: (NodeId | undefined)[] = [];
  /** Columns: places; when it was heard from; when it may be dialled. */
  #numbers = new Float64Array(0);
  /** Columns: smoothed round-trip times; their variations. */
  #roundTrips = new Float32Array(0);
  /** Columns: flags; failures; row + 1 of who told us of it, or 0. Then the index: open addressing over ids, row + 1 or 0. */
  #small = new Uint16Array(0);
  #indexMask = 0;

  constructor(linksMax: number) {
    this.#max = linksMax + UNLINKED_PEERS_MAX;
    this.#grow();
  }

  get size(): number {
    return this.#count;
  }

  find(nodeId: NodeId): PeerIndex | undefined {
    const [small, index, mask] = [this.#small, SMALL_COLUMNS * this.#capacity, this.#indexMask];
    const place = placeOf(nodeId);
    for (let slot = hashOf(nodeId) & mask; ; slot = (slot + 1) & mask) {
      const p = small[index + slot]! - 1;
      if (p < 0) return undefined;
      if (this.#numbers[p] !== place) continue;
      const known = this.#nodeIds[p]!;
      if (known === nodeId || equalBytes(known, nodeId)) return p;
    }
  }

  /** Every peer's index is below this. */
  get rows(): number {
    return this.#top;
  }

  /** Whether a row below `rows` is in use. */
  exists(p: PeerIndex): boolean {
    return this.#nodeIds[p] !== undefined;
  }

  /** All peers. */
  *all(): Generator<PeerIndex> {
    for (let p = 0; p < this.#top; p++) if (this.exists(p)) yield p;
  }

  contact(p: PeerIndex): Contact {
    return this.#contacts[p]!;
  }

  nodeId(p: PeerIndex): NodeId {
    return this.#nodeIds[p]!;
  }

  /** A node that said that it is linked with this peer, if we know it; when it was forgotten since, it may be any peer. */
  introducer(p: PeerIndex): PeerIndex | undefined {
    const teller = this.#small[2 * this.#capacity + p]! - 1;
    return teller >= 0 && this.exists(teller) ? teller : undefined;
  }

  /** See placeOf. */
  place(p: PeerIndex): number {
    return this.#numbers[p]!;
  }

  is(p: PeerIndex, flag: number): boolean {
    return (this.#small[p]! & flag) !== 0;
  }

  mark(p: PeerIndex, flag: number, on: boolean): void {
    this.#small[p] = on ? this.#small[p]! | flag : this.#small[p]! & ~flag;
  }

  /** When anything came from it last. */
  heardAt(p: PeerIndex): number {
    return this.#numbers[this.#capacity + p]!;
  }

  heard(p: PeerIndex, now: number): void {
    this.#numbers[this.#capacity + p] = now;
  }

  /** Not dialled before this time. */
  dialAfter(p: PeerIndex): number {
    return this.#numbers[2 * this.#capacity + p]!;
  }

  setDialAfter(p: PeerIndex, at: number): void {
    this.#numbers[2 * this.#capacity + p] = at;
  }

  /** Dials that failed since it was last linked. */
  failures(p: PeerIndex): number {
    return this.#small[this.#capacity + p]!;
  }

  setFailures(p: PeerIndex, count: number): void {
    this.#small[this.#capacity + p] = count;
  }

  /** Smoothed round-trip time; Infinity before it was measured. */
  rttMs(p: PeerIndex): number {
    return this.#roundTrips[p]!;
  }

  measured(p: PeerIndex, rttMs: number): void {
    const smoothed = this.#roundTrips[p]!;
    const variation = this.#roundTrips[this.#capacity + p]!;
    const first = smoothed === Infinity;
    const deviation = Math.abs(smoothed - rttMs);
    this.#roundTrips[p] = first ? rttMs : smoothed + ALPHA * (rttMs - smoothed);
    this.#roundTrips[this.#capacity + p] = first ? rttMs / 2 : variation + BETA * (deviation - variation);
  }

  /** How long an answer may take before its absence means something: RFC 6298, section 2. */
  timeoutMs(p: PeerIndex): number {
    const smoothed = this.rttMs(p);
    if (smoothed === Infinity) return RTO_MS_UNMEASURED;
    return Math.min(RTO_MS_MAX, Math.max(RTO_MS_MIN, smoothed + 4 * this.#roundTrips[this.#capacity + p]!));
  }

  /** Takes up a checked contact, or what is new in it. */
  learn({ contact, via }: Introduction): PeerIndex {
    const known = this.find(contact.nodeId);
    const p = known ?? this.#add(contact);
    if (known !== undefined) this.#renew(p, contact);
    const teller = via[0] === undefined ? undefined : this.find(via[0]);
    if (teller !== undefined) this.#small[2 * this.#capacity + p] = teller + 1;
    this.mark(p, CHECKED, true);
    return p;
  }

  /** Takes up a contact that is never given up. It may come from a descriptor, without certificate. */
  remember(contact: Contact): PeerIndex {
    const p = this.find(contact.nodeId) ?? this.#add(contact);
    this.mark(p, REMEMBERED, true);
    return p;
  }

  up(contact: Contact, direct: boolean, now: number): PeerIndex {
    const p = this.learn({ contact, via: [] });
    this.#put(p, contact);
    this.mark(p, REMEMBERED, this.is(p, REMEMBERED) || contact.role === 'relay');
    this.mark(p, DIRECT, direct);
    this.mark(p, MET, true);
    this.mark(p, WANTED | DEMANDED, false);
    this.endDial(p);
    this.setFailures(p, 0);
    this.setDialAfter(p, now);
    if (this.is(p, LINKED)) return p;
    this.mark(p, LINKED, true);
    this.mark(p, ANNOUNCED | SUSPECTED, false);
    this.heard(p, now);
    this.linked.push(p);
    return p;
  }

  down(p: PeerIndex): void {
    this.mark(p, LINKED | DIRECT | ANNOUNCED | SUSPECTED, false);
    this.#roundTrips[p] = Infinity;
    remove(this.linked, p);
  }

  beginDial(p: PeerIndex): void {
    assert(!this.is(p, DIALLING), 'one dial at a time to a node');
    this.mark(p, DIALLING, true);
    this.dialling.push(p);
  }

  /** Whether a dial was under way. */
  endDial(p: PeerIndex): boolean {
    if (!this.is(p, DIALLING)) return false;
    this.mark(p, DIALLING, false);
    remove(this.dialling, p);
    return true;
  }

  /** Forgets who is of no use. */
  tidy(p: PeerIndex): void {
    if (!this.is(p, USES | PROTECTED)) this.#forget(p);
  }

  #renew(p: PeerIndex, contact: Contact): void {
    const held = this.#contacts[p]!;
    if (held.certificate === contact.certificate) return;
    const newer = contact.certificate.body.notAfter >= held.certificate.body.notAfter;
    if (newer || !this.is(p, CHECKED)) this.#put(p, contact);
  }

  #add(contact: Contact): PeerIndex {
    if (this.#count >= this.#max) this.#makeRoom();
    const p = this.#free.pop() ?? this.#nextRow();
    this.#put(p, contact);
    const capacity = this.#capacity;
    this.#numbers[p] = placeOf(contact.nodeId);
    this.#numbers[capacity + p] = this.#numbers[2 * capacity + p] = -Infinity;
    this.#roundTrips[p] = this.#roundTrips[capacity + p] = Infinity;
    for (let column = 0; column < SMALL_COLUMNS; column++) this.#small[column * capacity + p] = 0;
    this.#count++;
    this.#enter(p);
    return p;
  }

  #put(p: PeerIndex, contact: Contact): void {
    this.#contacts[p] = contact;
    this.#nodeIds[p] = contact.nodeId;
  }

  /** Links and dials are bounded by their budgets, tables by their size: so there is always somebody to forget. */
  #makeRoom(): void {
    for (const keep of [USES, USES & ~MET, USES & ~(MET | WANTED | ROUTE | CONSTRAINED)])
      for (const p of this.all()) if (!this.is(p, keep | PROTECTED)) return this.#forget(p);
    assert(false, 'some peer can be forgotten');
  }

  #forget(p: PeerIndex): void {
    this.#withdraw(p);
    this.#contacts[p] = this.#nodeIds[p] = undefined;
    this.#small[p] = 0;
    this.#free.push(p);
    this.#count--;
  }

  /** Who comes after the gap and was pushed past it moves up, so that every search still ends at a gap. */
  #withdraw(p: PeerIndex): void {
    const [small, index, mask] = [this.#small, SMALL_COLUMNS * this.#capacity, this.#indexMask];
    let gap = hashOf(this.nodeId(p)) & mask;
    while (small[index + gap] !== p + 1) gap = (gap + 1) & mask;
    for (let slot = (gap + 1) & mask; small[index + slot] !== 0; slot = (slot + 1) & mask) {
      const home = hashOf(this.nodeId(small[index + slot]! - 1)) & mask;
      if (((slot - home) & mask) < ((slot - gap) & mask)) continue;
      small[index + gap] = small[index + slot]!;
      gap = slot;
    }
    small[index + gap] = 0;
  }

  #enter(p: PeerIndex): void {
    const [small, index, mask] = [this.#small, SMALL_COLUMNS * this.#capacity, this.#indexMask];
    let slot = hashOf(this.nodeId(p)) & mask;
    while (small[index + slot] !== 0) slot = (slot + 1) & mask;
    small[index + slot] = p + 1;
  }

  #nextRow(): PeerIndex {
    if (this.#top === this.#capacity) this.#grow();
    return this.#top++;
  }

  #grow(): void {
    const capacity = this.#capacity + GROWTH + (this.#capacity >> 4);
    // At most two thirds full.
    const slots = 2 ** (32 - Math.clz32(Math.floor(1.5 * capacity)));
    const rows = new ArrayBuffer(capacity * ROW_BYTES + 2 * slots);
    const roundTripsAt = 8 * NUMBER_COLUMNS * capacity;
    const smallAt = roundTripsAt + 4 * ROUND_TRIP_COLUMNS * capacity;
    const numbers = new Float64Array(rows, 0, NUMBER_COLUMNS * capacity);
    const roundTrips = new Float32Array(rows, roundTripsAt, ROUND_TRIP_COLUMNS * capacity);
    const small = new Uint16Array(rows, smallAt, SMALL_COLUMNS * capacity + slots);
    this.#numbers = columnsCopied(numbers, this.#numbers, NUMBER_COLUMNS, this.#capacity, capacity);
    this.#roundTrips = columnsCopied(
      roundTrips,
      this.#roundTrips,
      ROUND_TRIP_COLUMNS,
      this.#capacity,
      capacity,
    );
    this.#small = columnsCopied(small, this.#small, SMALL_COLUMNS, this.#capacity, capacity);
    this.#contacts = widened(this.#contacts, capacity);
    this.#nodeIds = widened(this.#nodeIds, capacity);
    this.#capacity = capacity;
    this.#indexMask = slots - 1;
    for (const p of this.all()) this.#enter(p);
  }
}

/** Ids are random in all their bytes; the first ones are alike among neighbours. */
function hashOf(nodeId: NodeId): number {
  return nodeId[30]! | (nodeId[31]! << 8);
}

function remove(list: PeerIndex[], p: PeerIndex): void {
  const at = list.indexOf(p);
  const last = list.pop()!;
  if (at < list.length) list[at] = last;
}

/** The first columns of one table, which has `from` rows, in another one of `to` rows. */
function columnsCopied<T extends Float64Array | Float32Array | Uint16Array>(
  wide: T,
  narrow: T,
  columns: number,
  from: number,
  to: number,
): T {
  for (let column = 0; column < columns; column++)
    wide.set(narrow.subarray(column * from, (column + 1) * from), column * to);
  return wide;
}

/** Exactly as long as the capacity: a list that grew by itself has half of its room to spare. */
function widened<T>(list: readonly T[], capacity: number): T[] {
  const wide = new Array<T>(capacity);
  for (let i = 0; i < list.length; i++) wide[i] = list[i]!;
  return wide;
}
