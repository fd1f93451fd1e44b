/** The pie inside a delivery ring, as an SVG path. */

/** A slice of `part` (0 to 1) of a disc of radius r around (c, c), clockwise from the top; empty at 0, the disc at 1. */
export function slicePath(part: number, c: number, r: number): string {
  if (part <= 0) return '';
  // A full turn begins and ends at one point, which one arc cannot draw: two halves do.
  if (part >= 1) return `M${c} ${c - r}A${r} ${r} 0 0 1 ${c} ${c + r}A${r} ${r} 0 0 1 ${c} ${c - r}Z`;
  const angle = part * 2 * Math.PI;
  const x = round(c + r * Math.sin(angle));
  const y = round(c - r * Math.cos(angle));
  const large = part > 0.5 ? 1 : 0;
  return `M${c} ${c}L${c} ${c - r}A${r} ${r} 0 ${large} 1 ${x} ${y}Z`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
