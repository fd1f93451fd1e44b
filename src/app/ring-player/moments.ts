/** The story of a trace: the few moments at which something happens that one should look at. */
import { listText, numberText } from '../format/sizes.ts';
import { t } from '../i18n/translate.svelte.ts';
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
  switch (name) {
    case 'up':
      return {
        atMs,
        kind: 'join',
        title: t.ring.joinTitle({ count }),
        text: t.ring.joinText,
      };
    case 'crash':
      return {
        atMs,
        kind: 'crash',
        title: t.ring.crashTitle({ count }),
        text: t.ring.crashText,
      };
    case 'leave':
      return {
        atMs,
        kind: 'leave',
        title: t.ring.leaveTitle({ count }),
        text: t.ring.leaveText,
      };
    case 'sleep':
      return {
        atMs,
        kind: 'sleep',
        title: t.ring.sleepTitle({ count }),
        text: t.ring.sleepText,
      };
    case 'cut':
      return { atMs, kind: 'cut', ...cutWords(trace, atMs) };
    default:
      return {
        atMs,
        kind: 'heal',
        title: t.ring.healTitle,
        text: t.ring.healText,
      };
  }
}

function cutWords(trace: Trace, atMs: number): { readonly title: string; readonly text: string } {
  const state = new RingState(trace);
  state.advance(atMs);
  const sizes = new Map<number, number>();
  for (let node = 0; node < trace.nodes.length; node++)
    if (state.isLive(node)) sizes.set(state.groupOf(node), (sizes.get(state.groupOf(node)) ?? 0) + 1);
  const parts = listText([...sizes.values()].map((size) => numberText(size)));
  return {
    title: t.ring.cutTitle({ count: sizes.size }),
    text: t.ring.cutText({ sizes: parts }),
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
  if (name === 'up')
    return {
      atMs,
      kind: 'ready',
      title: t.ring.readyTitle({ count: live }),
      text: t.ring.readyText,
    };
  return {
    atMs,
    kind: 'whole',
    title: t.ring.wholeTitle({ seconds: numberText((atMs - endMs) / 1000, 1) }),
    text: name === 'cut' ? t.ring.eachWholeText : t.ring.wholeText,
  };
}
