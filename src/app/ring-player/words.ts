/** What the drawing shows, in words. */
import { listText, numberText } from '../format/sizes.ts';
import { t } from '../i18n/translate.svelte.ts';
import type { Figures } from './figures.ts';
import type { Hop } from './lookup-path.ts';
import type { TracedLookup } from './trace.ts';

/** Digits that tell a node from others at a glance. */
const NAME_DIGITS_MIN = 4;
/** Digits of a key. */
const KEY_DIGITS = 6;

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
  const rest = t.ring.seconds({ count: seconds % 60 });
  if (seconds < 60) return rest;
  return t.ring.spokenTime({ minutes: t.ring.minutes({ count: Math.floor(seconds / 60) }), seconds: rest });
}

/** How a look-up goes, as far as one knows by `nowMs`. */
export function lookupText(
  lookup: TracedLookup,
  hops: readonly Hop[],
  names: readonly string[],
  nowMs: number,
): string {
  const asked = { name: names[lookup.asker]!, key: keyText(lookup.key) };
  const { end } = lookup;
  if (!end || end.atMs > nowMs) {
    const furthest = Math.max(0, ...hops.map(({ number }) => number));
    return furthest === 0 ? t.ring.asks(asked) : t.ring.asksAtHop({ ...asked, hop: furthest });
  }
  const seconds = numberText((end.atMs - lookup.askedMs) / 1000, 2);
  if (end.kind === 'lost') return t.ring.asksInVain({ ...asked, seconds });
  const found = { ...asked, root: names[end.root]!, hops: end.hops, seconds };
  return end.right ? t.ring.asksRight(found) : t.ring.asksWrong(found);
}

/** The whole drawing in a sentence, for who cannot see it. */
export function sceneText(figures: Figures, parts: number): string {
  const { nodes } = figures;
  const some = (['joining', 'asleep', 'crashed', 'left'] as const)
    .filter((status) => nodes[status] > 0)
    .map((status) => t.ring.countInStatus[status]({ count: nodes[status] }));
  const count = nodes.ready;
  const all =
    some.length === 0
      ? t.ring.nodesReady({ count })
      : t.ring.nodesReadyAndOthers({ count, others: listText(some) });
  return t.ring.scene({ rings: parts, nodes: all, links: figures.links });
}

/** `1/20 of real time`, `real time`, `5 times as fast`. */
export function speedText(speed: number): string {
  if (speed === 1) return t.ring.speedReal;
  return speed < 1 ? t.ring.speedPart({ part: Math.round(1 / speed) }) : t.ring.speedTimes({ times: speed });
}
