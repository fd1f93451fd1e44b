/** Which messages and look-ups are to be seen at a time. */
import { kindOf, type Kind } from './kinds.ts';
import type { RingState } from './ring-state.ts';
import { eventNames, type Trace } from './trace.ts';

export interface FlyingMessage {
  readonly from: number;
  readonly to: number;
  readonly kind: Kind;
  /** Of its way, 0 to 1. */
  readonly share: number;
}

/** Drawn at once, the newest. */
export const FLYING_MAX = 1_500;
export const SHOWN_LOOKUPS_MAX = 24;
/** Events that are looked through, from now back. */
const ROWS_LOOKED_AT_MAX = 20_000;

const send = eventNames.indexOf('send');
const answer = eventNames.indexOf('answer');

/** By type: the kind of the trace's i-th type of messages. */
export function kindsOf(trace: Trace): readonly Kind[] {
  return trace.kinds.map(kindOf);
}

/** The longest way of a message; milliseconds. */
export function longestDelay({ events }: Trace): number {
  return events.delay.reduce((longest, delay) => Math.max(longest, delay), 0);
}

/**
 * Messages on their way, newest first. A shorter way than `leastMs` is drawn as if it took that long: the eye needs time.
 * `longestMs`: see `longestDelay`.
 */
export function flyingAt(
  state: RingState,
  kinds: readonly Kind[],
  leastMs: number,
  longestMs: number,
): readonly FlyingMessage[] {
  const { events } = state.trace;
  const { nowMs } = state;
  const since = nowMs - Math.max(leastMs, longestMs);
  const stop = Math.max(0, state.next - ROWS_LOOKED_AT_MAX);
  const flying: FlyingMessage[] = [];
  for (let i = state.next - 1; i >= stop && flying.length < FLYING_MAX; i--) {
    const at = events.at[i]!;
    if (at < since) break;
    if (events.name[i] !== send) continue;
    const shownMs = Math.max(1, leastMs, events.delay[i]!);
    if (nowMs - at > shownMs) continue;
    const share = (nowMs - at) / shownMs;
    flying.push({ from: events.a[i]!, to: events.b[i]!, kind: kinds[events.kind[i]!]!, share });
  }
  return flying;
}

/** Look-ups under way and those that were answered in the last `lingerMs`: places in `trace.lookups`, newest first. */
export function shownLookups(state: RingState, lingerMs: number): readonly number[] {
  const { events } = state.trace;
  const shown = [...state.underWay].slice(-SHOWN_LOOKUPS_MAX).reverse();
  const stop = Math.max(0, state.next - ROWS_LOOKED_AT_MAX);
  for (let i = state.next - 1; i >= stop && shown.length < SHOWN_LOOKUPS_MAX; i--) {
    if (events.at[i]! < state.nowMs - lingerMs) break;
    if (events.name[i] === answer) shown.push(events.ref[i]!);
  }
  return shown;
}
