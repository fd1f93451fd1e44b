/** The numbers beside the ring. */
import { firstAt } from './event-log.ts';
import type { Neighbourhoods } from './neighbours.ts';
import type { RingState, Status } from './ring-state.ts';
import { eventNames, type Trace } from './trace.ts';

/** Messages a second are counted over this time. */
export const RATE_WINDOW_MS = 2_000;

export interface Figures {
  readonly nodes: Readonly<Record<Status, number>>;
  /** Joining or ready. */
  readonly live: number;
  /** Live nodes that are linked to all who belong into their leaf sets. */
  readonly whole: number;
  readonly links: number;
  readonly messagesPerSecond: number;
  readonly asked: number;
  readonly answered: number;
  readonly right: number;
  readonly lost: number;
  readonly underWay: number;
  /** Of the answered ones; undefined before the first. */
  readonly meanHops: number | undefined;
}

/** `sends`: see `sendsBefore`. */
export function figuresOf(state: RingState, neighbourhoods: Neighbourhoods, sends: Uint32Array): Figures {
  const { trace, lookups, nowMs } = state;
  const nodes: Record<Status, number> = { absent: 0, joining: 0, ready: 0, asleep: 0, left: 0, crashed: 0 };
  for (let node = 0; node < trace.nodes.length; node++) nodes[state.statusOf(node)]++;
  const windowMs = Math.max(1, Math.min(RATE_WINDOW_MS, nowMs));
  const sentInWindow = state.sent - sends[firstAt(trace.events, Math.max(0, nowMs - windowMs))]!;
  return {
    nodes,
    ...neighbourhoods.wholeness(),
    links: state.links.size,
    messagesPerSecond: (sentInWindow * 1000) / windowMs,
    asked: lookups.asked,
    answered: lookups.answered,
    right: lookups.right,
    lost: lookups.lost,
    underWay: state.underWay.size,
    meanHops: lookups.answered > 0 ? lookups.hops / lookups.answered : undefined,
  };
}

/** For each event, how many messages were sent before it; one entry more than events. */
export function sendsBefore({ events }: Trace): Uint32Array {
  const send = eventNames.indexOf('send');
  const before = new Uint32Array(events.length + 1);
  for (let i = 0; i < events.length; i++) before[i + 1] = before[i]! + (events.name[i] === send ? 1 : 0);
  return before;
}
