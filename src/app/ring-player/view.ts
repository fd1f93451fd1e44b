/** What stands beside the drawing at a time, made afresh now and then: plain values that components can show. */
import { figuresOf, type Figures } from './figures.ts';
import { hopsOf } from './lookup-path.ts';
import { momentAt, type Moment } from './moments.ts';
import { Neighbourhoods } from './neighbours.ts';
import type { RingState, Status } from './ring-state.ts';
import { lookupText, sceneText } from './words.ts';

/** What is worked out once for a trace. */
export interface Prepared {
  /** By node. */
  readonly names: readonly string[];
  /** Nodes by id. */
  readonly order: readonly number[];
  readonly moments: readonly Moment[];
  /** See `sendsBefore`. */
  readonly sends: Uint32Array;
}

export interface LinkedNode {
  readonly node: number;
  readonly name: string;
  readonly linked: boolean;
}

export interface NodeView {
  readonly node: number;
  readonly status: Status;
  /** The nodes that belong into its leaf set, on the smaller side first. */
  readonly leafSet: readonly LinkedNode[];
  /** Its links to others. */
  readonly further: readonly LinkedNode[];
}

export interface View {
  readonly figures: Figures;
  /** In words, for who cannot see it. */
  readonly scene: string;
  readonly moment: Moment | undefined;
  readonly chosen: NodeView | undefined;
  /** The followed look-up in words. */
  readonly lookup: string | undefined;
}

/** `chosen`: a node; `followed`: a place in `trace.lookups`. */
export function viewOf(
  state: RingState,
  { names, order, moments, sends }: Prepared,
  chosen: number | undefined,
  followed: number | undefined,
): View {
  const { trace, nowMs } = state;
  const neighbourhoods = new Neighbourhoods(state, order);
  const figures = figuresOf(state, neighbourhoods, sends);
  const parted = state.cut !== undefined && state.cut.healedAtMs === undefined;
  const parts = parted ? new Set(state.cut!.groups).size : 1;
  const lookup = followed === undefined ? undefined : trace.lookups[followed]!;
  return {
    figures,
    scene: sceneText(figures, parts),
    moment: momentAt(moments, nowMs),
    chosen: chosen === undefined ? undefined : nodeView(state, neighbourhoods, names, order, chosen),
    lookup: lookup && lookupText(lookup, hopsOf(trace, lookup, nowMs), names, nowMs),
  };
}

function nodeView(
  state: RingState,
  neighbourhoods: Neighbourhoods,
  names: readonly string[],
  order: readonly number[],
  node: number,
): NodeView {
  const leaves = neighbourhoods.leafSetOf(node);
  const isLeaf = new Set(leaves);
  const linkedNode = (other: number): LinkedNode => ({
    node: other,
    name: names[other]!,
    linked: state.linked(node, other),
  });
  const further = order.filter((other) => other !== node && !isLeaf.has(other) && state.linked(node, other));
  return {
    node,
    status: state.statusOf(node),
    leafSet: leaves.map(linkedNode),
    further: further.map(linkedNode),
  };
}
