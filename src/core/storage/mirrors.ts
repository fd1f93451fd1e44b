/** What other nodes are believed to hold: a tree for each, from the last comparison and what was sent since. */
import { idText, type Key, type NodeId } from '../codec/id.ts';
import { covers, hull } from './duty.ts';
import type { Arc } from './reconcile/arc.ts';
import type { KeyTree } from './reconcile/key-tree.ts';
import type { Differences } from './reconcile/reconciliation.ts';
import { sliced } from './reconcile/tree-node.ts';

/** Nodes whose holdings are remembered, also while they are away; the trees share all that is alike. */
export const MIRRORS_MAX = 128;

/** What a node was found to hold of an arc, in comparisons old and new. */
export interface RememberedMirror {
  readonly nodeId: NodeId;
  readonly tree: KeyTree;
  readonly arc: Arc;
}

interface Mirror extends RememberedMirror {
  /** What of it was compared last, and when; undefined: not to the end, or not since the node was away. */
  readonly compared: { readonly arc: Arc; readonly at: number } | undefined;
}

/** Keys that are remembered of a node beyond what was compared last: arcs move to and fro with the neighbours. */
export const MIRROR_KEYS_MAX = 16_384;

export class Mirrors {
  /** Least recently compared first. */
  readonly #mirrors = new Map<string, Mirror>();

  /** `remembered`: of an earlier session, least recently compared first. Comparisons start from it; nothing of it counts. */
  constructor(remembered: readonly RememberedMirror[] = []) {
    for (const { nodeId, tree, arc } of remembered.slice(-MIRRORS_MAX))
      this.#set({ nodeId, tree, arc, compared: undefined });
  }

  /** For the next session; least recently compared first. */
  remembered(): readonly RememberedMirror[] {
    return [...this.#mirrors.values()].map(({ nodeId, tree, arc }) => ({ nodeId, tree, arc }));
  }

  /** Its tree, if it was compared over all of the arc, and not before `since`; what lies outside of the arc may be old. */
  fresh(nodeId: NodeId, arc: Arc, since: number): KeyTree | undefined {
    const mirror = this.#mirrors.get(idText(nodeId));
    if (mirror?.compared === undefined || mirror.compared.at < since) return undefined;
    return covers(mirror.compared.arc, arc) ? mirror.tree : undefined;
  }

  /**
   * What a comparison starts from: equal to what is there, if nothing has changed. Where nothing is known of the node, our
   * `own` stand in: neighbours hold much that is alike.
   */
  believed(nodeId: NodeId, arc: Arc, own: KeyTree): KeyTree {
    const mirror = this.#mirrors.get(idText(nodeId));
    const known = mirror && hull(mirror.arc, arc);
    if (mirror === undefined || known === undefined) return own;
    if (covers(mirror.arc, arc)) return mirror.tree;
    const elsewhere = own.entriesWithin({ from: mirror.arc.to, to: mirror.arc.from });
    return mirror.tree.changedWithin(known, [], sliced(elsewhere, arc));
  }

  /** `believed`: what it said when the comparison began. */
  compared(
    nodeId: NodeId,
    believed: KeyTree,
    arc: Arc,
    { end, lacking, extra }: Differences,
    now: number,
  ): void {
    const before = this.#mirrors.get(idText(nodeId));
    const known = before && before.tree.size <= MIRROR_KEYS_MAX ? hull(before.arc, arc) : undefined;
    const tree = believed.changedWithin(known ?? arc, lacking, extra);
    const compared = end === 'complete' ? { arc, at: now } : undefined;
    this.#set({ nodeId, tree, arc: known ?? arc, compared });
  }

  holds(nodeId: NodeId, key: Key): void {
    this.#edit(nodeId, (mirror) => ({ ...mirror, tree: mirror.tree.with(key) }));
  }

  lacks(nodeId: NodeId, key: Key): void {
    this.#edit(nodeId, (mirror) => ({ ...mirror, tree: mirror.tree.without(key) }));
  }

  /** It went away, or did not answer: what it held it may still hold, but that has to be heard again. */
  stale(nodeId: NodeId): void {
    this.#edit(nodeId, (mirror) => ({ ...mirror, compared: undefined }));
  }

  forget(nodeId: NodeId): void {
    this.#mirrors.delete(idText(nodeId));
  }

  #edit(nodeId: NodeId, change: (mirror: Mirror) => Mirror): void {
    const mirror = this.#mirrors.get(idText(nodeId));
    if (mirror !== undefined) this.#mirrors.set(idText(nodeId), change(mirror));
  }

  #set(mirror: Mirror): void {
    const name = idText(mirror.nodeId);
    this.#mirrors.delete(name);
    if (this.#mirrors.size >= MIRRORS_MAX) this.#mirrors.delete(this.#mirrors.keys().next().value!);
    this.#mirrors.set(name, mirror);
  }
}
