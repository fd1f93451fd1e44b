/** Messages as dots that travel along their chords, and look-ups as paths. */
import { kinds, type Kind } from './kinds.ts';
import { bendOf, pointAt, pointOnChord, type Point } from './layout.ts';
import { hopsOf, reached, type Hop } from './lookup-path.ts';
import { addChord } from './paint-links.ts';
import type { Scene } from './scene.ts';

/** Pixels; upkeep is small, as it is most of all. */
const dotSizes: Readonly<Record<Kind, number>> = {
  lookup: 3.6,
  answer: 3.6,
  join: 3.2,
  service: 3.2,
  upkeep: 1.7,
  other: 2.4,
};
/** Where a message stands when nothing moves: nearer to who gets it. */
const STANDING_SHARE = 0.66;
/** Along a shorter chord there is no room for a number. Pixels. */
const SHORT_CHORD = 90;
/** Inside the names. */
const NUMBER_DEPTH = 48;

export function paintMessages(scene: Scene): void {
  const { context, flying, player, inks, points, c } = scene;
  // What matters most comes last, on top.
  for (const kind of [...kinds].reverse()) {
    const chords = new Path2D();
    const dots = new Path2D();
    for (const message of flying) {
      if (message.kind !== kind) continue;
      const [from, to] = [points[message.from]!, points[message.to]!];
      const share = player.stepped ? STANDING_SHARE : message.share;
      if (player.stepped) addChord(chords, scene, message.from, message.to);
      addDot(dots, kind, pointOnChord(from, bendOf(from, to, c), to, share));
    }
    context.globalAlpha = kind === 'upkeep' ? 0.75 : 1;
    context.strokeStyle = context.fillStyle = inks.kinds[kind];
    if (kind === 'answer') {
      context.lineWidth = 1.6;
      context.stroke(dots);
    } else context.fill(dots);
    context.globalAlpha = kind === 'upkeep' ? 0.2 : 0.5;
    context.lineWidth = 1;
    context.stroke(chords);
  }
  context.globalAlpha = 1;
}

/** Each kind has a shape, too: colour alone is not for everybody. */
function addDot(path: Path2D, kind: Kind, { x, y }: Point): void {
  const r = dotSizes[kind];
  if (kind === 'join') path.rect(x - r * 0.85, y - r * 0.85, 1.7 * r, 1.7 * r);
  else if (kind === 'service') {
    path.moveTo(x, y - r * 1.25);
    path.lineTo(x + r * 1.25, y);
    path.lineTo(x, y + r * 1.25);
    path.lineTo(x - r * 1.25, y);
    path.closePath();
  } else {
    path.moveTo(x + r, y);
    path.arc(x, y, r, 0, 2 * Math.PI);
  }
}

/** All look-ups of the moment, thin; the followed one strong, with its hops numbered and its key on the rim. */
export function paintLookups(scene: Scene): void {
  const { player } = scene;
  for (const lookup of scene.lookups) if (lookup !== player.followed) paintPath(scene, lookup, 1.3, 0.55);
  if (player.followed === undefined) return;
  const hops = paintPath(scene, player.followed, 2.6, 1);
  paintKey(scene, player.followed);
  paintNumbers(scene, hops);
}

function paintPath(scene: Scene, lookup: number, width: number, alpha: number): readonly Hop[] {
  const { context, inks, player, state, points, dot } = scene;
  const traced = player.trace.lookups[lookup]!;
  const hops = hopsOf(player.trace, traced, state.nowMs);
  const forth = new Path2D();
  for (const { from, to, number } of hops) if (number > 0) addChord(forth, scene, from, to);
  context.globalAlpha = alpha;
  context.strokeStyle = inks.kinds.lookup;
  context.lineWidth = width;
  context.stroke(forth);
  const { end } = traced;
  const ended = end !== undefined && end.atMs <= state.nowMs;
  ring(context, points[traced.asker]!, dot + 3.5, inks.kinds.lookup, width);
  if (!ended || end.kind === 'lost') {
    const there = points[reached(traced, hops, state.nowMs)]!;
    ring(context, there, dot + 6, ended ? inks.danger : inks.kinds.lookup, width);
  } else ring(context, points[end.root]!, dot + 6, end.right ? inks.good : inks.danger, width + 0.6);
  context.globalAlpha = 1;
  return hops;
}

/** The key's own place, outside the ring. */
function paintKey({ context, inks, player, radius, c, size }: Scene, lookup: number): void {
  const angle = player.circle.angleOf(player.trace.lookups[lookup]!.key);
  const tip = pointAt(angle, radius + 4, c);
  const [left, right] = [pointAt(angle - 0.022, radius + 15, c), pointAt(angle + 0.022, radius + 15, c)];
  context.fillStyle = inks.kinds.lookup;
  context.beginPath();
  context.moveTo(tip.x, tip.y);
  context.lineTo(left.x, left.y);
  context.lineTo(right.x, right.y);
  context.fill();
  context.font = `600 12px ${inks.font}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  const words = pointAt(angle, radius + 26, c);
  context.fillText('key', within(words.x, 14, size), within(words.y, 8, size));
}

function towardsMiddle(from: Point, to: Point, c: number): Point {
  const [x, y] = [(from.x + to.x) / 2, (from.y + to.y) / 2];
  const share = NUMBER_DEPTH / Math.max(NUMBER_DEPTH, Math.hypot(x - c, y - c));
  return { x: x + (c - x) * share, y: y + (c - y) * share };
}

function within(place: number, edge: number, size: number): number {
  return Math.max(edge, Math.min(place, size - edge));
}

/** Each hop's number in the middle of its chord; of a short one farther inside, where no name is. */
function paintNumbers({ context, inks, points, c }: Scene, hops: readonly Hop[]): void {
  context.font = `600 12px ${inks.font}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  for (const { from, to, number } of hops) {
    if (number === 0) continue;
    const [start, end] = [points[from]!, points[to]!];
    const short = Math.hypot(start.x - end.x, start.y - end.y) < SHORT_CHORD;
    const middle = short
      ? towardsMiddle(start, end, c)
      : pointOnChord(start, bendOf(start, end, c), end, 0.5);
    context.fillStyle = inks.paper;
    context.beginPath();
    context.arc(middle.x, middle.y, 9, 0, 2 * Math.PI);
    context.fill();
    context.fillStyle = inks.kinds.lookup;
    context.fillText(String(number), middle.x, middle.y + 0.5);
  }
}

export function ring(
  context: CanvasRenderingContext2D,
  { x, y }: Point,
  radius: number,
  ink: string,
  width: number,
): void {
  context.strokeStyle = ink;
  context.lineWidth = width;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.stroke();
}
