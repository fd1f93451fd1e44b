/** The ring itself: its circles and digits, the nodes, and the chosen one with its leaf set. */
import { pointAt, type Point } from './layout.ts';
import { addChord } from './paint-links.ts';
import { paintLookups, paintMessages, ring } from './paint-messages.ts';
import type { LinkSheet } from './paint-links.ts';
import type { Status } from './ring-state.ts';
import { ID_DIGITS } from './trace.ts';
import type { Scene } from './scene.ts';

/** Up to so many nodes all have their names beside them. */
const NAMED_NODES_MAX = 24;
/** How long the mark of a crash fades, on the clock of who looks; what is left of it stays. */
const FADING_MS = 6_000;
const FADED = 0.35;

/** Paints one picture. `at`: milliseconds of any clock that goes on. */
export function paintRing(scene: Scene, links: LinkSheet, at: number): void {
  const { context, size } = scene;
  const scale = context.canvas.width / size;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, size, size);
  paintCircles(scene);
  paintDigits(scene);
  links.paint(scene, at);
  paintChosenLinks(scene);
  paintMessages(scene);
  paintLookups(scene);
  scene.points.forEach((point, node) => paintNode(scene, node, point));
  paintNames(scene);
}

/** One circle a group; around all a dotted one, as a postmark has it. */
function paintCircles({ context, inks, c, radius, radii }: Scene): void {
  for (const share of new Set(radii.size === 0 ? [1] : radii.values()))
    ring(context, { x: c, y: c }, radius * share, inks.hairline, 1.2);
  context.setLineDash([1, 6]);
  context.lineCap = 'round';
  ring(context, { x: c, y: c }, radius + 12, inks.faint, 1.2);
  context.setLineDash([]);
  context.lineCap = 'butt';
}

/** Where the numbers begin with 0, 1, … f. */
function paintDigits({ context, inks, player, c, radius }: Scene): void {
  context.font = `12px ${inks.font}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillStyle = inks.faint;
  for (let digit = 0; digit < 16; digit++) {
    const angle = player.circle.angleOf(digit.toString(16).padEnd(ID_DIGITS, '0'));
    const { x, y } = pointAt(angle, radius + 21, c);
    context.fillText(digit.toString(16), x, y);
  }
}

function paintChosenLinks(scene: Scene): void {
  const { context, inks, player } = scene;
  const chosen = player.view.chosen;
  if (!chosen) return;
  const further = new Path2D();
  const leaves = new Path2D();
  for (const { node, linked } of chosen.further) if (linked) addChord(further, scene, chosen.node, node);
  for (const { node, linked } of chosen.leafSet) if (linked) addChord(leaves, scene, chosen.node, node);
  context.strokeStyle = inks.ink;
  context.globalAlpha = 0.65;
  context.lineWidth = 1;
  context.stroke(further);
  context.strokeStyle = inks.good;
  context.globalAlpha = 1;
  context.lineWidth = 1.8;
  context.stroke(leaves);
  for (const { node } of chosen.leafSet) ring(context, scene.points[node]!, scene.dot + 3, inks.good, 1.6);
  ring(context, scene.points[chosen.node]!, scene.dot + 4.5, inks.ink, 2);
}

function paintNode(scene: Scene, node: number, point: Point): void {
  const { context, inks, dot, player, state } = scene;
  const status = state.statusOf(node);
  if (status === 'absent') return paintDisc(context, point, Math.min(1.2, dot), inks.faint);
  if (status === 'crashed' || status === 'left') {
    const ageMs = (state.nowMs - state.changedAtMs[node]!) / player.rate;
    context.globalAlpha = Math.max(FADED, 1 - ageMs / FADING_MS);
    if (status === 'crashed') paintCross(context, point, Math.max(2, dot * 0.75), inks.danger);
    else ring(context, point, Math.max(1.4, dot * 0.5), inks.faint, 1);
    context.globalAlpha = 1;
    return;
  }
  paintLiving(scene, point, status);
  if (player.trace.roles[node] === 'r' && dot > 2) ring(context, point, dot + 2.5, inks.ink, 1.2);
}

function paintLiving({ context, inks, dot }: Scene, point: Point, status: Status): void {
  paintDisc(context, point, dot + 1.2, inks.paper);
  if (status === 'ready') return paintDisc(context, point, dot, inks.ink);
  const width = Math.max(1, dot * 0.3);
  ring(context, point, dot - width / 2, status === 'asleep' ? inks.faint : inks.ink, width);
  if (status !== 'asleep') return;
  context.fillStyle = inks.faint;
  context.beginPath();
  context.arc(point.x, point.y, dot - width / 2, Math.PI / 2, -Math.PI / 2);
  context.fill();
}

function paintDisc(context: CanvasRenderingContext2D, { x, y }: Point, radius: number, ink: string): void {
  context.fillStyle = ink;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

function paintCross(context: CanvasRenderingContext2D, { x, y }: Point, r: number, ink: string): void {
  context.strokeStyle = ink;
  context.lineWidth = 1.6;
  context.beginPath();
  context.moveTo(x - r, y - r);
  context.lineTo(x + r, y + r);
  context.moveTo(x + r, y - r);
  context.lineTo(x - r, y + r);
  context.stroke();
}

/** Names of those one looks at, on a patch of paper; of all when they are few. */
function paintNames(scene: Scene): void {
  const { player, hovered, points, state } = scene;
  const named = new Set<number>();
  if (points.length <= NAMED_NODES_MAX)
    points.forEach((_, node) => state.statusOf(node) !== 'absent' && named.add(node));
  const followed = player.followed === undefined ? undefined : player.trace.lookups[player.followed];
  if (followed) {
    named.add(followed.asker);
    if (followed.end?.kind === 'answer' && followed.end.atMs <= state.nowMs) named.add(followed.end.root);
  }
  if (player.chosen !== undefined) named.add(player.chosen);
  if (hovered !== undefined) named.add(hovered);
  for (const node of named) paintName(scene, node);
}

function paintName({ context, inks, player, points, c, dot }: Scene, node: number): void {
  const point = points[node]!;
  const inwards = Math.hypot(point.x - c, point.y - c);
  const place = pointAt(player.circle.angles[node]!, inwards - dot - 18, c);
  const name = player.prepared.names[node]!;
  context.font = `600 12px ${inks.font}`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  const width = context.measureText(name).width + 8;
  context.globalAlpha = 0.88;
  context.fillStyle = inks.paper;
  context.beginPath();
  context.roundRect(place.x - width / 2, place.y - 9, width, 18, 5);
  context.fill();
  context.globalAlpha = 1;
  context.fillStyle = inks.ink;
  context.fillText(name, place.x, place.y + 0.5);
}
