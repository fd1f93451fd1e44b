/** Who was found to say that it holds what it does not. */
import { idText, type NodeId } from '../codec/id.ts';

/** A liar counts for nothing for so long: 7 days. */
export const LIAR_MS = 7 * 24 * 60 * 60_000;
/** A node may find that a block of its disk is gone, and say so, but not more often than this in a day. */
export const MISSES_MAX = 3;
const MISSES_MS = 24 * 60 * 60_000;
/** Nodes that are remembered. */
export const NODES_MAX = 256;

interface Record {
  misses: number;
  readonly since: number;
  liarUntil: number;
}

export class Trust {
  readonly #records = new Map<string, Record>();

  isLiar(nodeId: NodeId, now: number): boolean {
    return this.#records.size > 0 && (this.#records.get(idText(nodeId))?.liarUntil ?? 0) > now;
  }

  /** A proof failed; `wrong`: with wrong bytes, not with an honest no. Whether the node is a liar from now on. */
  failed(nodeId: NodeId, wrong: boolean, now: number): boolean {
    const record = this.#recordOf(nodeId, now);
    record.misses += 1;
    if (!wrong && record.misses <= MISSES_MAX) return false;
    record.liarUntil = now + LIAR_MS;
    return true;
  }

  #recordOf(nodeId: NodeId, now: number): Record {
    const name = idText(nodeId);
    const known = this.#records.get(name);
    if (known !== undefined && (known.liarUntil > now || known.since + MISSES_MS > now)) return known;
    this.#records.delete(name);
    if (this.#records.size >= NODES_MAX) this.#records.delete(this.#records.keys().next().value!);
    const fresh = { misses: 0, since: now, liarUntil: 0 };
    this.#records.set(name, fresh);
    return fresh;
  }
}
