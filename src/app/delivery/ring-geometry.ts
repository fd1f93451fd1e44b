/** The pie inside a delivery ring, as an SVG path. */

/** A slice of `part` (0 to 1) of a disc of radius r around (c, c), clockwise from the top; empty at 0. */
export function slicePath(part: number, c: number, r: number): string {
  if (part <= 0) return '';
  const whole = part >= 1;
  // A full turn begins and ends at one point, which an arc cannot draw: it stops just before.
  const angle = (whole ? 0.9999 : part) * 2 * Math.PI;
  const x = round(c + r * Math.sin(angle));
  const y = round(c - r * Math.cos(angle));
  const large = part > 0.5 ? 1 : 0;
  return `M${c} ${c}L${c} ${c - r}A${r} ${r} 0 ${large} 1 ${x} ${y}Z`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
