/** Times as `<input type="datetime-local">` has them: this machine's time, to the minute. */

const MINUTE_MS = 60_000;

/** `2026-11-29T08:00`. */
export function localTime(at: number): string {
  return new Date(at - new Date(at).getTimezoneOffset() * MINUTE_MS).toISOString().slice(0, 16);
}

/** Eight o'clock of the next day. */
export function tomorrowMorning(now: number): number {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1, 8).getTime();
}
