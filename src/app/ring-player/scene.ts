/** One picture of the ring: what the painters need, worked out once for each frame. */
import { flyingAt, shownLookups, type FlyingMessage } from './flying.ts';
import type { Inks } from './inks.ts';
import { pointAt, radiiOf, type Point } from './layout.ts';
import { STEP_MS, type Player } from './player.svelte.ts';
import type { RingState } from './ring-state.ts';

/** On the clock of who looks: how long a message is seen at least, and how much longer a look-up's path stays. */
const SEEN_MS = 550;
const LINGER_MS = 900;
/** How long rings take to part and to unite. */
const PARTING_MS = 700;
/** Room around the ring for names and digits. */
const MARGIN = 38;
const MARGIN_NARROW = 27;
const NARROW = 480;

export interface Scene {
  readonly context: CanvasRenderingContext2D;
  readonly inks: Inks;
  readonly player: Player;
  readonly state: RingState;
  /** Pixels: the square's side, its middle, the ring's radius. */
  readonly size: number;
  readonly c: number;
  readonly radius: number;
  /** Radius of a node. */
  readonly dot: number;
  /** By node. */
  readonly points: readonly Point[];
  /** By group, as a share of the radius. */
  readonly radii: ReadonlyMap<number, number>;
  readonly flying: readonly FlyingMessage[];
  /** Places in `trace.lookups`, newest first. */
  readonly lookups: readonly number[];
  readonly hovered: number | undefined;
}

export function sceneOf(
  context: CanvasRenderingContext2D,
  inks: Inks,
  player: Player,
  size: number,
  hovered: number | undefined,
): Scene {
  const state = player.ring();
  const { nowMs } = state;
  const c = size / 2;
  const radius = c - (size < NARROW ? MARGIN_NARROW : MARGIN);
  const radii = radiiOf(state.cut, nowMs, player.stepped ? 0 : PARTING_MS * player.rate);
  const { groups } = state.cut ?? {};
  const points = Array.from(player.circle.angles, (angle, node) =>
    pointAt(angle, radius * (radii.get(groups?.[node] ?? 0) ?? 1), c),
  );
  const seenMs = (player.stepped ? STEP_MS : SEEN_MS) * player.rate;
  return {
    context,
    inks,
    player,
    state,
    size,
    c,
    radius,
    dot: dotRadius(points.length, radius),
    points,
    radii,
    flying: flyingAt(state, player.kinds, seenMs, player.longestDelayMs),
    lookups: shownLookups(state, LINGER_MS * player.rate),
    hovered,
  };
}

/** Smaller when there are many. Pixels. */
function dotRadius(nodes: number, radius: number): number {
  const gap = (2 * Math.PI * radius) / nodes;
  return Math.max(1.4, Math.min(7, 0.24 * gap));
}
