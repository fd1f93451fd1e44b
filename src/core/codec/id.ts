/** Ids: points on a ring modulo 2^256, most significant byte first, read as digits of b = 4 bits (Pastry §2). */
import { assert } from './assert.ts';
import { compareBytes, toHex, type Bytes } from './bytes.ts';

declare const brand: unique symbol;

/** 32 bytes, an unsigned number, most significant byte first. */
export type Id = Bytes & { readonly [brand]?: 'Id' };
/** The place of a node on the ring, chosen at random by the authority. */
export type NodeId = Id & { readonly [brand]?: 'Id' };
/** The place of a stored thing on the ring. */
export type Key = Id & { readonly [brand]?: 'Id' };
/** SHA-256 of the ring authority's first public key (SPKI DER). */
export type RingId = Id & { readonly [brand]?: 'Id' };

export const ID_BYTES = 32;
/** Bits per digit: Pastry's b. */
export const DIGIT_BITS = 4;
/** Digits of an id: 64. */
export const ID_DIGITS = (ID_BYTES * 8) / DIGIT_BITS;

/** Checks the length of our own bytes; input from peers is checked by its schema before. */
export function asId(bytes: Uint8Array): Id {
  assert(bytes.length === ID_BYTES, `an id has ${ID_BYTES} bytes, not ${bytes.length}`);
  return bytes as Id;
}

/** Hexadecimal text of an id: the key for maps and sets. */
export function idText(id: Id): string {
  return toHex(id);
}

/** The i-th digit (0 ≤ i < 64), 0 to 15, most significant first. */
export function digitOf(id: Id, i: number): number {
  const byte = id[i >> 1]!;
  return i % 2 === 0 ? byte >> 4 : byte & 15;
}

/** Number of leading digits that two ids share, 0 to 64. */
export function sharedDigits(a: Id, b: Id): number {
  for (let i = 0; i < ID_BYTES; i++) {
    const difference = a[i]! ^ b[i]!;
    if (difference !== 0) return difference >> 4 !== 0 ? 2 * i : 2 * i + 1;
  }
  return ID_DIGITS;
}

/** (to − from) modulo 2^256: how far to walk upwards from `from` to `to`. */
export function clockwise(from: Id, to: Id): Id {
  const out = new Uint8Array(ID_BYTES) as Id;
  let borrow = 0;
  for (let i = ID_BYTES - 1; i >= 0; i--) {
    const difference = to[i]! - from[i]! - borrow;
    borrow = difference < 0 ? 1 : 0;
    out[i] = difference & 255;
  }
  return out;
}

/** Distance on the ring: the shorter of the two ways round. */
export function ringDistance(a: Id, b: Id): Id {
  const up = clockwise(a, b);
  const down = clockwise(b, a);
  return compareBytes(up, down) <= 0 ? up : down;
}

/** Places on the ring as whole numbers: the leading 52 bits of an id, which a number holds exactly. */
export const PLACES = 2 ** 52;

/** The place of an id: 0 ≤ place < PLACES. Ids of equal places are told apart by all their bytes. */
export function placeOf(id: Id): number {
  const high = ((id[0]! << 16) | (id[1]! << 8) | id[2]!) * 2 ** 28;
  return high + (((id[3]! << 16) | (id[4]! << 8) | id[5]!) * 16 + (id[6]! >> 4));
}

/** How far to walk upwards from one place to another: exact to less than one place. */
export function placesUp(from: number, to: number): number {
  return to >= from ? to - from : to - from + PLACES;
}

/** The shorter way between two places: exact to less than one place. */
export function placeDistance(a: number, b: number): number {
  const up = placesUp(a, b);
  return up <= PLACES / 2 ? up : PLACES - up;
}

/** Distances that were measured in places differ for sure when they differ by more than this. */
export const PLACE_ERROR = 2;

/** Order of two places by their distance to a third, negative when `a` is closer; 0: places are too coarse to tell. */
export function comparePlaceDistance(to: number, a: number, b: number): number {
  const difference = placeDistance(to, a) - placeDistance(to, b);
  return difference > PLACE_ERROR || difference < -PLACE_ERROR ? difference : 0;
}

/** Order of two places by how far they lie upwards of a third, negative when `a` comes first; 0: places are too coarse to tell. */
export function comparePlacesUp(from: number, a: number, b: number): number {
  const [upToA, upToB] = [placesUp(from, a), placesUp(from, b)];
  // At zero places the id may lie just below `from`: then the way up is the whole ring.
  if (upToA === 0 || upToB === 0) return 0;
  const difference = upToA - upToB;
  return difference > PLACE_ERROR || difference < -PLACE_ERROR ? difference : 0;
}

/**
 * Order of `a` and `b` by their distance to `key`; negative when `a` is closer. Of two ids at the same
 * distance the smaller one is closer, so that every node names the same root.
 */
export function compareDistance(key: Id, a: Id, b: Id): number {
  return (
    comparePlaceDistance(placeOf(key), placeOf(a), placeOf(b)) ||
    compareBytes(ringDistance(key, a), ringDistance(key, b)) ||
    compareBytes(a, b)
  );
}

/** Order of `a` and `b` by how far they lie upwards of `from`; negative when `a` comes first. */
export function compareClockwise(from: Id, a: Id, b: Id): number {
  return (
    comparePlacesUp(placeOf(from), placeOf(a), placeOf(b)) ||
    compareBytes(clockwise(from, a), clockwise(from, b))
  );
}
