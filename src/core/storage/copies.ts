/** Counts the live copies of each key of an arc: who holds it, of this node and its neighbours. */
import { equalBytes } from '../codec/bytes.ts';
import { ID_BYTES, type Key, type NodeId } from '../codec/id.ts';
import type { Entry } from './reconcile/tree-node.ts';

export interface Copies {
  readonly key: Key;
  /** Each once. */
  readonly holders: NodeId[];
}

/** Only content blocks: keys without a state, of those that each holder names. Every key that somebody holds, in no order. */
export function countCopies(holdings: Iterable<readonly [NodeId, readonly Entry[]]>): readonly Copies[] {
  const copies: Copies[] = [];
  // By the leading 30 bits, which few keys share and which are small numbers: a fraction of the time of names.
  const byStart = new Map<number, Copies & { others: Copies[] | undefined }>();
  for (const [holder, entries] of holdings)
    for (const entry of entries) {
      if (entry.length !== ID_BYTES) continue;
      const start = (entry[0]! << 22) | (entry[1]! << 14) | (entry[2]! << 6) | (entry[3]! >> 2);
      const first = byStart.get(start);
      const known =
        first === undefined || isKey(first, entry)
          ? first
          : first.others?.find((other) => isKey(other, entry));
      if (known !== undefined) {
        known.holders.push(holder);
        continue;
      }
      const one = { key: entry, holders: [holder], others: undefined };
      copies.push(one);
      if (first === undefined) byStart.set(start, one);
      else (first.others ??= []).push(one);
    }
  return copies;
}

function isKey({ key }: Copies, entry: Entry): boolean {
  return key === entry || equalBytes(key, entry);
}
