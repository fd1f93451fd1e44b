/** The rows of the table of nodes. */
import { Neighbourhoods } from './neighbours.ts';
import { endsOf, type RingState, type Status } from './ring-state.ts';

export interface NodeRow {
  readonly node: number;
  readonly status: Status;
  readonly links: number;
  /** Nodes that belong into its leaf set, and how many of them it is linked to. */
  readonly leaves: number;
  readonly leavesLinked: number;
}

/** `order`: the nodes in the order of the rows. */
export function rowsOf(state: RingState, order: readonly number[]): readonly NodeRow[] {
  const links = new Uint32Array(state.trace.nodes.length);
  for (const link of state.links) for (const end of endsOf(state.trace, link)) links[end]!++;
  const neighbourhoods = new Neighbourhoods(state, order);
  return order.map((node) => {
    const leaves = neighbourhoods.leafSetOf(node);
    return {
      node,
      status: state.statusOf(node),
      links: links[node]!,
      leaves: leaves.length,
      leavesLinked: leaves.filter((other) => state.linked(node, other)).length,
    };
  });
}
