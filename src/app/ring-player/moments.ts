/** The story of a trace: the few moments at which something happens that one should look at. */
import { countText } from '../format/sizes.ts';
import { inIdOrder, Neighbourhoods } from './neighbours.ts';
import { RingState } from './ring-state.ts';
import { EVENTS_MAX, eventNames, type EventName, type Trace } from './trace.ts';

export type MomentKind = 'join' | 'ready' | 'crash' | 'leave' | 'sleep' | 'cut' | 'heal' | 'whole';

export interface Moment {
  readonly atMs: number;
  readonly kind: MomentKind;
  /** A few words, for a list. */
  readonly title: string;
  /** What it means, for somebody who sees a ring for the first time. */
  readonly text: string;
}

/** As many as a person reads. */
export const MOMENTS_MAX = 12;
/** What happens so close together is one moment. */
const TOGETHER_MS = 2_000;
/** Nodes that start one by one belong to one wave as long as no pause is longer. */
const WAVE_PAUSE_MS = 15_000;
/** Fewer at once are daily life; a share of all nodes. */
const CROWD_MIN = 3;
const CROWD_SHARE_MIN = 0.04;
/** How often, and for how many nodes at most, it is looked whether the ring is whole again. */
const LOOK_MS = 500;
const LOOKS_MAX = 400;
const LOOKED_AFTER_NODES_MAX = 512;

interface Crowd {
  readonly name: EventName;
  readonly atMs: number;
  readonly endMs: number;
  readonly count: number;
}

/** At most MOMENTS_MAX, in the order of time: the greatest ones. */
export function momentsOf(trace: Trace): readonly Moment[] {
  const events = [
    ...joining(trace),
    ...crowdsOf(trace, 'crash', TOGETHER_MS),
    ...crowdsOf(trace, 'leave', TOGETHER_MS),
    ...crowdsOf(trace, 'sleep', TOGETHER_MS),
    ...crowdsOf(trace, 'cut', 0),
    ...crowdsOf(trace, 'heal', 0),
  ];
  const greatest = events
    .sort((x, y) => weightOf(y) - weightOf(x))
    .slice(0, MOMENTS_MAX / 2)
    .sort((x, y) => x.atMs - y.atMs);
  const told = greatest.map((crowd) => momentOf(trace, crowd));
  return [...told, ...recoveries(trace, greatest)].sort((x, y) => x.atMs - y.atMs);
}

/** The last moment that has begun. */
export function momentAt(moments: readonly Moment[], nowMs: number): Moment | undefined {
  return moments.findLast(({ atMs }) => atMs <= nowMs);
}

function weightOf({ name, count }: Crowd): number {
  return name === 'up' || name === 'cut' || name === 'heal' ? EVENTS_MAX : count;
}

/** The first wave of nodes. */
function joining(trace: Trace): readonly Crowd[] {
  return crowdsOf(trace, 'up', WAVE_PAUSE_MS).slice(0, 1);
}

/** Events of one name that follow each other without a longer pause. */
function crowdsOf({ events, nodes }: Trace, name: EventName, pauseMs: number): readonly Crowd[] {
  const wanted = eventNames.indexOf(name);
  const crowds: Crowd[] = [];
  for (let i = 0; i < events.length; i++) {
    if (events.name[i] !== wanted) continue;
    const atMs = events.at[i]!;
    const last = crowds.at(-1);
    if (last && atMs - last.endMs <= pauseMs)
      crowds[crowds.length - 1] = { ...last, endMs: atMs, count: last.count + 1 };
    else crowds.push({ name, atMs, endMs: atMs, count: 1 });
  }
  const always = name === 'up' || name === 'cut' || name === 'heal';
  const least = always ? 1 : Math.max(CROWD_MIN, CROWD_SHARE_MIN * nodes.length);
  return crowds.filter(({ count }) => count >= least);
}

function momentOf(trace: Trace, { name, atMs, count }: Crowd): Moment {
  const nodes = countText(count, 'node');
  switch (name) {
    case 'up':
      return {
        atMs,
        kind: 'join',
        title: `${nodes} ${count === 1 ? 'joins' : 'join'}`,
        text: 'Each new node asks one that is there already for the place of its own number, and is passed on to those who will be its neighbours.',
      };
    case 'crash':
      return {
        atMs,
        kind: 'crash',
        title: `${nodes} crash`,
        text: 'They are gone without a word. Their neighbours notice that nobody answers, and close the gap with the next ones on the circle.',
      };
    case 'leave':
      return {
        atMs,
        kind: 'leave',
        title: `${nodes} leave`,
        text: 'They say good-bye, and name their neighbours to each other: the gap closes at once.',
      };
    case 'sleep':
      return {
        atMs,
        kind: 'sleep',
        title: `${nodes} fall asleep`,
        text: 'A closed laptop hears nothing. When it wakes, it asks its neighbours who is there before it answers for anything.',
      };
    case 'cut':
      return { atMs, kind: 'cut', ...cutWords(trace, atMs) };
    default:
      return {
        atMs,
        kind: 'heal',
        title: 'The cut heals',
        text: 'Nodes have remembered some of the other side, and try them again. One link is enough: through it neighbours find each other, and the rings become one.',
      };
  }
}

function cutWords(trace: Trace, atMs: number): { readonly title: string; readonly text: string } {
  const state = new RingState(trace);
  state.advance(atMs);
  const sizes = new Map<number, number>();
  for (let node = 0; node < trace.nodes.length; node++)
    if (state.isLive(node)) sizes.set(state.groupOf(node), (sizes.get(state.groupOf(node)) ?? 0) + 1);
  const parts = [...sizes.values()].join(' and ');
  return {
    title: `The network is cut in ${sizes.size}`,
    text: `Groups of ${parts} nodes cannot reach each other any more. Each makes a ring of its own, here drawn one inside the other, and goes on.`,
  };
}

/** After each of these moments, when every live node was linked to its whole leaf set again. */
function recoveries(trace: Trace, crowds: readonly Crowd[]): readonly Moment[] {
  if (trace.nodes.length > LOOKED_AFTER_NODES_MAX) return [];
  const order = inIdOrder(trace);
  const state = new RingState(trace);
  const moments: Moment[] = [];
  crowds.forEach((crowd, i) => {
    const untilMs = Math.min(crowds[i + 1]?.atMs ?? trace.endMs, crowd.endMs + LOOKS_MAX * LOOK_MS);
    for (let ms = crowd.endMs + LOOK_MS; ms < untilMs; ms += LOOK_MS) {
      state.advance(ms);
      const { live, whole } = new Neighbourhoods(state, order).wholeness();
      if (live === 0 || whole < live) continue;
      moments.push(wholeAgain(crowd, ms, live));
      return;
    }
  });
  return moments;
}

function wholeAgain({ name, endMs }: Crowd, atMs: number, live: number): Moment {
  const seconds = `${((atMs - endMs) / 1000).toFixed(1)} s`;
  if (name === 'up')
    return {
      atMs,
      kind: 'ready',
      title: `All ${live} are ready`,
      text: 'The ring is whole: everybody is linked to the nearest on both sides. Look-ups for any number find its root in a few hops.',
    };
  const rings = name === 'cut' ? 'Each ring is whole by itself' : 'The ring is whole again';
  return {
    atMs,
    kind: 'whole',
    title: `Whole after ${seconds}`,
    text: `${rings}: every node is linked to its whole leaf set. Look-ups go on meanwhile.`,
  };
}
