/** The colours that a label can be given, by name; hues in degrees, far enough from each other to be told apart. */

export const swatches = [
  ['red', 20],
  ['orange', 60],
  ['yellow', 100],
  ['green', 150],
  ['turquoise', 195],
  ['blue', 250],
  ['violet', 300],
  ['pink', 350],
] as const;

export function isSwatch(hue: number): boolean {
  return swatches.some(([, degrees]) => degrees === hue);
}
