/** A person's mark: concentric arcs drawn from a key. The same key gives the same mark, in every browser. */

/** One arc of the mark: angles in radians, clockwise from the top. */
export interface MarkArc {
  readonly radius: number;
  readonly from: number;
  readonly to: number;
}

export interface Mark {
  readonly arcs: readonly MarkArc[];
  /** Radius of the disc in the middle. */
  readonly core: number;
  /** Hue of its ink in degrees; chroma and lightness belong to the theme. */
  readonly hue: number;
}

/** The drawing is 48 units wide; the frame that tells whether a key is known has this radius. */
export const MARK_SIZE = 48;
export const FRAME_RADIUS = 22;

/** Rings from the outside in: radius, and into how many equal slots the circle is cut. */
const RINGS = [
  { radius: 17, slots: 12 },
  { radius: 12.25, slots: 9 },
  { radius: 7.5, slots: 6 },
] as const;
const CORES = [0, 1.6, 2.4, 3.2] as const;
/** Inks that go with paper; the accent's own red is left out. */
const HUES = [85, 125, 150, 185, 215, 245, 265, 290, 320, 350] as const;

/** The mark of a key (hexadecimal). Neighbouring slots of the same ring run together into one arc. */
export function markOf(key: string): Mark {
  const bits = bitsOf(key);
  let offset = 0;
  const arcs: MarkArc[] = [];
  for (const { radius, slots } of RINGS) {
    const turn = (bits.number(offset, 6) / 64) * ((2 * Math.PI) / slots);
    offset += 6;
    const filled = Array.from({ length: slots }, (_, slot) => bits.number(offset + slot, 1) === 1);
    offset += slots;
    arcs.push(...runsOf(neitherEmptyNorFull(filled)).map((run) => arc(radius, slots, turn, run)));
  }
  return {
    arcs,
    core: CORES[bits.number(offset, 2)]!,
    hue: HUES[bits.number(offset + 2, 8) % HUES.length]!,
  };
}

/** An arc as an SVG path around (24, 24). */
export function arcPath({ radius, from, to }: MarkArc): string {
  const c = MARK_SIZE / 2;
  const point = (angle: number): string =>
    `${round(c + radius * Math.sin(angle))} ${round(c - radius * Math.cos(angle))}`;
  return `M${point(from)}A${radius} ${radius} 0 ${to - from > Math.PI ? 1 : 0} 1 ${point(to)}`;
}

interface Run {
  readonly start: number;
  readonly length: number;
}

/** A ring that says nothing would make two marks alike: it is opened, or begun, at its first slot. */
function neitherEmptyNorFull(filled: readonly boolean[]): readonly boolean[] {
  const same = filled.every((slot) => slot === filled[0]);
  return same ? filled.map((slot, i) => (i === 0 ? !slot : slot)) : filled;
}

/** Runs of filled slots around the circle; at least one slot is empty. */
function runsOf(filled: readonly boolean[]): readonly Run[] {
  const n = filled.length;
  const runs: Run[] = [];
  for (let start = 0; start < n; start++) {
    if (!filled[start] || filled[(start + n - 1) % n]) continue;
    let length = 1;
    while (filled[(start + length) % n]) length++;
    runs.push({ start, length });
  }
  return runs;
}

/** Round ends reach beyond an arc: it is drawn shorter by as much, so that neighbours do not touch. */
function arc(radius: number, slots: number, turn: number, run: Run): MarkArc {
  const slot = (2 * Math.PI) / slots;
  const gap = Math.min(1.9 / radius, slot * 0.42);
  return { radius, from: turn + run.start * slot + gap, to: turn + (run.start + run.length) * slot - gap };
}

/** Bits of a hash of the key: keys that differ in one bit get marks that differ everywhere. */
function bitsOf(key: string): { number(offset: number, length: number): number } {
  const words = Array.from({ length: 3 }, (_, i) => fnv1a(`${i}:${key.toLowerCase()}`));
  return {
    number(offset, length) {
      let value = 0;
      for (let i = offset; i < offset + length; i++)
        value = value * 2 + ((words[i >> 5]! >>> (31 - (i & 31))) & 1);
      return value;
    },
  };
}

/** FNV-1a, 32 bits, with a final mix (the drawing needs spread, not secrecy). */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
