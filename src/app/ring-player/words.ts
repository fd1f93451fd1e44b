/** What the drawing shows, in words. */
import { countText, listText } from '../format/sizes.ts';
import type { Figures } from './figures.ts';
import type { Hop } from './lookup-path.ts';
import type { Status } from './ring-state.ts';
import type { Trace, TracedLookup } from './trace.ts';

/** Digits that tell a node from others at a glance. */
const NAME_DIGITS_MIN = 4;
/** Digits of a key. */
const KEY_DIGITS = 6;

export const statusWords: Readonly<Record<Status, string>> = {
  absent: 'not there yet',
  joining: 'joining',
  ready: 'ready',
  asleep: 'asleep',
  left: 'left',
  crashed: 'crashed',
};

/** The first digits of each id, as many as tell them apart, at least four. By node. */
export function namesOf(nodes: readonly string[]): readonly string[] {
  const sorted = [...nodes].sort();
  const digits = new Map<string, number>();
  sorted.forEach((id, i) => {
    const shared = Math.max(sharedDigits(id, sorted[i - 1]), sharedDigits(id, sorted[i + 1]));
    digits.set(id, Math.max(NAME_DIGITS_MIN, shared + 1));
  });
  return nodes.map((id) => id.slice(0, digits.get(id)));
}

function sharedDigits(id: string, other: string | undefined): number {
  let shared = 0;
  while (other !== undefined && id[shared] === other[shared]) shared++;
  return shared;
}

export function roleText(role: Trace['roles'][number]): string {
  return { t: 'browser tab', r: 'relay', b: 'bridge' }[role];
}

export function keyText(key: string): string {
  return `${key.slice(0, KEY_DIGITS)}…`;
}

/** `0:07.3`, `1:02:07.3`; with tenths, cut off. */
export function timeText(ms: number): string {
  const tenths = Math.floor(ms / 100);
  const [hours, minutes, seconds] = [
    Math.floor(tenths / 36_000),
    Math.floor(tenths / 600) % 60,
    Math.floor(tenths / 10) % 60,
  ];
  const two = (value: number): string => String(value).padStart(2, '0');
  const head = hours > 0 ? `${hours}:${two(minutes)}` : String(minutes);
  return `${head}:${two(seconds)}.${tenths % 10}`;
}

/** `1 minute 7 seconds`: how a screen reader says a time. */
export function spokenTime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const parts = [
    ...(seconds >= 60 ? [countText(Math.floor(seconds / 60), 'minute')] : []),
    countText(seconds % 60, 'second'),
  ];
  return parts.join(' ');
}

/** How a look-up goes, as far as one knows by `nowMs`. */
export function lookupText(
  lookup: TracedLookup,
  hops: readonly Hop[],
  names: readonly string[],
  nowMs: number,
): string {
  const asks = `${names[lookup.asker]} asks for the root of key ${keyText(lookup.key)}`;
  const { end } = lookup;
  if (!end || end.atMs > nowMs) {
    const furthest = Math.max(0, ...hops.map(({ number }) => number));
    return furthest === 0 ? `${asks}.` : `${asks}: hop ${furthest}.`;
  }
  const took = `${((end.atMs - lookup.askedMs) / 1000).toFixed(2)} s`;
  if (end.kind === 'lost') return `${asks}, and gets no answer: given up after ${took}.`;
  const verdict = end.right
    ? 'Right: nobody who is there is closer to it.'
    : 'Wrong: somebody who is there is closer to it.';
  return `${asks}: ${names[end.root]}, found in ${countText(end.hops, 'hop')}, ${took}. ${verdict}`;
}

/** The whole drawing in a sentence, for who cannot see it. */
export function sceneText(figures: Figures, parts: number): string {
  const { nodes } = figures;
  const some = (['joining', 'asleep', 'crashed', 'left'] as const)
    .filter((status) => nodes[status] > 0)
    .map((status) => `${nodes[status]} ${statusWords[status]}`);
  const others = some.length > 0 ? `, ${listText(some)}` : '';
  const rings = parts > 1 ? `${parts} rings that cannot reach each other` : 'A ring';
  return `${rings}: ${countText(nodes.ready, 'node')} ready${others}; ${countText(figures.links, 'link')}.`;
}

/** `1/20 of real time`, `real time`, `5 times as fast`. */
export function speedText(speed: number): string {
  if (speed === 1) return 'real time';
  return speed < 1 ? `1/${Math.round(1 / speed)} of real time` : `${speed} times as fast`;
}
