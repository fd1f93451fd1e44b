/** The way of one look-up: its hops towards the root, and back. */
import { kindOf } from './kinds.ts';
import type { Trace, TracedLookup } from './trace.ts';

export interface Hop {
  readonly from: number;
  readonly to: number;
  readonly atMs: number;
  readonly delayMs: number;
  /** The how manieth hop from the asker it is, from 1 on; of an answer: 0. */
  readonly number: number;
}

/** The hops that have begun by `nowMs`, in the order of time. A hop that goes round a silent node has its number again. */
export function hopsOf(trace: Trace, lookup: TracedLookup, nowMs: number): readonly Hop[] {
  const { at, a, b, kind, delay } = trace.events;
  const depth = new Map([[lookup.asker, 0]]);
  const hops: Hop[] = [];
  for (const i of lookup.sends) {
    if (at[i]! > nowMs) break;
    const [from, to] = [a[i]!, b[i]!];
    const forth = kindOf(trace.kinds[kind[i]!]!) === 'lookup';
    const number = forth ? (depth.get(from) ?? 0) + 1 : 0;
    if (forth && !depth.has(to)) depth.set(to, number);
    hops.push({ from, to, atMs: at[i]!, delayMs: delay[i]!, number });
  }
  return hops;
}

/** The node that has the look-up just now or, once it is answered, the root. */
export function reached(lookup: TracedLookup, hops: readonly Hop[], nowMs: number): number {
  if (lookup.end?.kind === 'answer' && lookup.end.atMs <= nowMs) return lookup.end.root;
  const arrived = hops.filter(({ number, atMs, delayMs }) => number > 0 && atMs + delayMs <= nowMs);
  return arrived.reduce((best, hop) => (hop.number > best.number ? hop : best), {
    number: 0,
    to: lookup.asker,
  }).to;
}
