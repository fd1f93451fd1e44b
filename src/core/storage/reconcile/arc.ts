/** An arc of the ring: which keys two nodes compare. */
import { equalBytes } from '../../codec/bytes.ts';
import { clockwise, compareClockwise, ID_BYTES, type Id, type Key } from '../../codec/id.ts';

/** The keys from `from` clockwise up to, but without, `to`; the whole ring where both are the same. */
export interface Arc {
  readonly from: Id;
  readonly to: Id;
}

export const WHOLE_RING: Arc = { from: new Uint8Array(ID_BYTES), to: new Uint8Array(ID_BYTES) };

export function inArc({ from, to }: Arc, key: Key): boolean {
  return equalBytes(from, to) || compareClockwise(from, key, to) < 0;
}

/** The point half way clockwise from `from` to `to`. */
export function midpoint(from: Id, to: Id): Id {
  const way = clockwise(from, to);
  const out = new Uint8Array(ID_BYTES);
  let carry = 0;
  for (let i = 0; i < ID_BYTES; i++) {
    out[i] = (way[i]! >> 1) | carry;
    carry = (way[i]! & 1) << 7;
  }
  carry = 0;
  for (let i = ID_BYTES - 1; i >= 0; i--) {
    const sum = from[i]! + out[i]! + carry;
    out[i] = sum & 255;
    carry = sum >> 8;
  }
  return out;
}
