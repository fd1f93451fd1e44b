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

/** Rings from the outside in: radius, and the most arcs that are well told apart on it. */
const RINGS = [
  { radius: 17, arcsMax: 4 },
  { radius: 12.25, arcsMax: 3 },
  { radius: 7.5, arcsMax: 2 },
] as const;
const CORES = [0, 1.6, 2.4, 3.2] as const;
/** Inks that go with paper; the accent's own red is left out. */
const HUES = [85, 125, 150, 185, 215, 245, 265, 290, 320, 350] as const;
/** A ring is cut into this many steps; arcs and gaps are whole numbers of them. */
const STEPS = 32;
/** Shortest gap on a ring, in steps. */
const GAP_STEPS = 3;

/** The mark of a key (hexadecimal): at most 73 bits of its hash, ring by ring. */
export function markOf(key: string): Mark {
  const bits = bitsOf(key);
  const arcs = RINGS.flatMap(({ radius, arcsMax }) => {
    const count = 1 + (bits(4) % arcsMax);
    const turn = bits(5);
    return arcsOf(radius, turn, cuts(count, bits));
  });
  return { arcs, core: CORES[bits(2)]!, hue: HUES[bits(8) % HUES.length]! };
}

/** A ring in `count` arcs of uneven length: for each its arc and the gap behind it, in steps, STEPS together. */
function cuts(count: number, bits: (length: number) => number): readonly { arc: number; gap: number }[] {
  const room = Math.floor(STEPS / count);
  return Array.from({ length: count }, () => {
    const spare = room - 2 * GAP_STEPS;
    const arc = GAP_STEPS + (bits(4) % (spare + 1));
    return { arc, gap: room - arc };
  });
}

function arcsOf(
  radius: number,
  turn: number,
  parts: readonly { readonly arc: number; readonly gap: number }[],
): readonly MarkArc[] {
  const step = (2 * Math.PI) / STEPS;
  let at = turn;
  return parts.map(({ arc, gap }) => {
    const from = at * step;
    at += arc + gap;
    return { radius, from, to: from + arc * step };
  });
}

/** All arcs of a mark as one SVG path: a list has thousands of marks, and one element each is drawn sooner than nine. */
export function arcsPath({ arcs }: Pick<Mark, 'arcs'>): string {
  return arcs.map(arcPath).join('');
}

/** An arc as an SVG path around (24, 24). */
export function arcPath({ radius, from, to }: MarkArc): string {
  const c = MARK_SIZE / 2;
  const point = (angle: number): string =>
    `${round(c + radius * Math.sin(angle))} ${round(c - radius * Math.cos(angle))}`;
  return `M${point(from)}A${radius} ${radius} 0 ${to - from > Math.PI ? 1 : 0} 1 ${point(to)}`;
}

/** Reads the bits of a hash of the key: keys that differ in one bit get marks that differ everywhere. */
function bitsOf(key: string): (length: number) => number {
  const words = Array.from({ length: 3 }, (_, i) => fnv1a(`${i}:${key.toLowerCase()}`));
  let offset = 0;
  return (length) => {
    let value = 0;
    for (const end = offset + length; offset < end; offset++)
      value = value * 2 + ((words[offset >> 5]! >>> (31 - (offset & 31))) & 1);
    return value;
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
