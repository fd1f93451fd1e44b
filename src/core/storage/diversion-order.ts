/**
 * Whom a full node asks to hold a copy in its place: nodes of its leaf set that have no duty of their own for the block (replica
 * diversion, PAST §3.3), then nodes elsewhere in the ring. PAST stores a file anew under another id when a neighbourhood is full
 * (§3.4); a block's key is its hash, so here a pointer leads there instead.
 */
import { compareBytes, concat, utf8 } from '../codec/bytes.ts';
import { idText, type Key, type NodeId } from '../codec/id.ts';
import { sha256 } from '../crypto/hash.ts';

/** Nodes of one neighbourhood that are asked for one block. */
export const DIVERSIONS_TRIED_MAX = 4;
/** Other neighbourhoods that are tried after the own one, and nodes of each that come into question. */
export const REGIONS_MAX = 8;
export const REGION_NODES = 8;

/**
 * Candidates, the first to be asked first; each full node has an order of its own for each block, so that two of them seldom ask the
 * same node. PAST takes the node with the most room: that would be one node for all, until it is heard of again.
 */
export function diversionOrder<T extends { readonly nodeId: NodeId }>(
  self: NodeId,
  nodes: readonly T[],
  replicas: readonly { readonly nodeId: NodeId }[],
  key: Key,
): T[] {
  const taken = new Set([self, ...replicas.map(({ nodeId }) => nodeId)].map(idText));
  return nodes
    .filter(({ nodeId }) => !taken.has(idText(nodeId)))
    .map((node) => ({ node, rank: sha256(concat(self, node.nodeId, key)) }))
    .sort((a, b) => compareBytes(a.rank, b.rank))
    .map(({ node }) => node);
}

/** The middle of the n-th other neighbourhood that a full node tries for a block, 0 ≤ n < REGIONS_MAX. */
export function regionOf(self: NodeId, key: Key, n: number): Key {
  return sha256(concat(utf8('epost/diversion'), self, key, Uint8Array.of(n)));
}
