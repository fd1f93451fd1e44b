/** How a look-up is followed: slowly while it travels, faster while it waits. */
import type { Trace, TracedLookup } from './trace.ts';

/** A hop of 40 ms takes most of a second. Milliseconds of the trace in one of ours. */
export const TRAVELLING_SPEED = 0.05;
/** While a node waits for somebody who is silent. */
const WAITING_SPEED = 1;
/** A look-up that nobody answers is followed this long. */
const FOLLOWED_MS_MAX = 10_000;

/** When there is nothing more to be seen of it. */
export function followedUntil(trace: Trace, { end, askedMs }: TracedLookup): number {
  return Math.min(trace.endMs, end?.atMs ?? askedMs + FOLLOWED_MS_MAX);
}

/** The speed at `nowMs`, and the time up to which it may be kept, so that no hop is leapt over. */
export function pace(
  trace: Trace,
  lookup: TracedLookup,
  nowMs: number,
): { readonly speed: number; readonly untilMs: number } {
  const { at, delay } = trace.events;
  const travels = lookup.sends.some((i) => at[i]! <= nowMs && nowMs < at[i]! + delay[i]!);
  const untilMs = followedUntil(trace, lookup);
  if (travels) return { speed: TRAVELLING_SPEED, untilMs };
  const next = lookup.sends.find((i) => at[i]! > nowMs);
  return { speed: WAITING_SPEED, untilMs: Math.min(untilMs, next === undefined ? untilMs : at[next]!) };
}

/** The first look-up that is asked after `nowMs`; undefined when there is none. */
export function lookupAfter({ lookups }: Trace, nowMs: number): number | undefined {
  const next = lookups.findIndex(({ askedMs }) => askedMs > nowMs);
  return next < 0 ? undefined : next;
}
