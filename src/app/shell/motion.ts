/** Durations for transitions that run in script; none for those who asked for less motion. */

const durationsMs = { fast: 120, sheet: 200 } as const;

export function motionMs(kind: keyof typeof durationsMs): number {
  return matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : durationsMs[kind];
}
