/** Counts the live copies of each key of an arc: who holds it, of this node and its neighbours. */
import { equalBytes } from '../codec/bytes.ts';
import { placeOf, type Key, type NodeId } from '../codec/id.ts';
import { ID_BYTES } from '../codec/id.ts';
import type { KeyTree } from './reconcile/key-tree.ts';

export interface Copies {
  readonly key: Key;
  /** Each once. */
  readonly holders: NodeId[];
}

/** Only content blocks: keys without a state. Every key that somebody holds, in no order. */
export function countCopies(holdings: Iterable<readonly [NodeId, KeyTree]>): readonly Copies[] {
  const copies: Copies[] = [];
  // By the leading 52 bits, which seldom are those of two keys: half the time of names of 64 characters.
  const byPlace = new Map<number, Copies[]>();
  for (const [holder, tree] of holdings)
    for (const entry of tree.entries()) {
      if (entry.length !== ID_BYTES) continue;
      const place = placeOf(entry);
      const here = byPlace.get(place);
      const known = here?.find(({ key }) => equalBytes(key, entry));
      if (known !== undefined) {
        known.holders.push(holder);
        continue;
      }
      const one = { key: entry, holders: [holder] };
      copies.push(one);
      if (here === undefined) byPlace.set(place, [one]);
      else here.push(one);
    }
  return copies;
}
