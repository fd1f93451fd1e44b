/** Writes small traces: a ring whose story is known, so that tests can say what must be seen of it. */
import { SeededRandom } from '../../../../src/adapters/memory/random.ts';
import { LEAF_SIDE } from '../../../../src/core/overlay/leaf-set.ts';
import { ID_DIGITS, type TraceEvent, type TraceHeader } from '../../../../src/app/ring-player/trace.ts';

/** The file's text. */
export function traceText(header: TraceHeader, events: readonly TraceEvent[]): string {
  return [header, ...events].map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** `count` ids, evenly around the circle in the order of their numbers: node i stands at i / count of a turn. */
export function evenIds(count: number): string[] {
  return Array.from({ length: count }, (_, i) =>
    Math.floor((i * 16 ** ID_DIGITS) / count)
      .toString(16)
      .padStart(ID_DIGITS, '0'),
  );
}

/** A header of even ids: node 0 is a relay, the others are tabs. */
export function headerOf(count: number, endMs: number): TraceHeader {
  return { v: 1, seed: 7, nodes: evenIds(count), roles: `r${'t'.repeat(count - 1)}`, endMs };
}

/**
 * A whole story in 60 s: nodes start every 100 ms and are ready 50 ms later, linked to their leaf sets; a look-up of three
 * messages each second; at 20 s three crash, at 25 s their gap is closed; at 30 s the ring is cut in halves, at 40 s it heals.
 */
export function story(count: number): readonly TraceEvent[] {
  const random = new SeededRandom(count);
  const events: TraceEvent[] = [];
  for (let n = 0; n < count; n++) {
    events.push({ t: 100 * n, e: 'up', n }, { t: 100 * n + 50, e: 'ready', n });
  }
  const linkedAt = 100 * count;
  const crashed = [1, 2, 3];
  const living = Array.from({ length: count }, (_, n) => n).filter((n) => !crashed.includes(n));
  for (const [a, b] of leafLinks(Array.from({ length: count }, (_, n) => n)))
    events.push({ t: linkedAt, e: 'link', a, b });
  for (const n of crashed) events.push({ t: 20_000, e: 'crash', n });
  const before = new Set(leafLinks(Array.from({ length: count }, (_, n) => n)).map(String));
  for (const [a, b] of leafLinks(living))
    if (!before.has(String([a, b]))) events.push({ t: 25_000, e: 'link', a, b });
  events.push({ t: 30_000, e: 'cut', groups: Array.from({ length: count }, (_, n) => n % 2) });
  for (const half of [0, 1])
    for (const [a, b] of leafLinks(living.filter((n) => n % 2 === half)))
      events.push({ t: 33_000, e: 'link', a, b });
  events.push({ t: 40_000, e: 'heal' });
  for (let id = 0; id < 50; id++) events.push(...lookup(random, id, 10_000 + 1_000 * id, living));
  return events.sort((x, y) => x.t - y.t);
}

/** Everybody with the nearest on both sides; `ring` in the order of the circle. */
function leafLinks(ring: readonly number[]): (readonly [number, number])[] {
  const links = new Map<string, readonly [number, number]>();
  ring.forEach((node, i) => {
    for (let step = 1; step <= Math.min(LEAF_SIDE, ring.length - 1); step++) {
      const other = ring[(i + step) % ring.length]!;
      const ends = [Math.min(node, other), Math.max(node, other)] as const;
      links.set(String(ends), ends);
    }
  });
  return [...links.values()];
}

function lookup(random: SeededRandom, id: number, t: number, living: readonly number[]): TraceEvent[] {
  const start = random.below(living.length);
  const [asker, between, root] = [0, 1, 2].map((i) => living[(start + i) % living.length]!) as [
    number,
    number,
    number,
  ];
  const key = random
    .below(2 ** 32)
    .toString(16)
    .padStart(ID_DIGITS, '0');
  return [
    { t, e: 'lookup', n: asker, id, key },
    { t, e: 'send', a: asker, b: between, k: 'lookup', d: 40, id },
    { t: t + 40, e: 'send', a: between, b: root, k: 'lookup', d: 50, id },
    { t: t + 90, e: 'send', a: root, b: between, k: 'reply', d: 50, id },
    { t: t + 140, e: 'send', a: between, b: asker, k: 'reply', d: 40, id },
    { t: t + 180, e: 'answer', n: asker, id, root, hops: 2, right: true },
    { t: t + 500, e: 'send', a: asker, b: between, k: 'probe', d: 40 },
  ];
}
