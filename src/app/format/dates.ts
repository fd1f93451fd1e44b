/** Dates as people say them: relative today, plain after. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const time = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' });
const dayAndMonth = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const dayMonthYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });
const stampDay = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' });

/**
 * For a list: `now`, `5 min`, `10:42` (today), `Yesterday`, `Tue` (the last week), `3 Nov`, `3 Nov 2025`. A date in
 * the future (somebody's clock) is shown plain.
 */
export function shortDate(at: number, now: number): string {
  const days = calendarDaysBetween(at, now);
  if (days === 0 && at <= now + MINUTE_MS) {
    const age = now - at;
    if (age < MINUTE_MS) return 'now';
    if (age < HOUR_MS) return `${Math.floor(age / MINUTE_MS)} min`;
    return time.format(at);
  }
  if (days === 1) return 'Yesterday';
  if (days > 1 && days < 7) return weekday.format(at);
  return sameYear(at, now) ? dayAndMonth.format(at) : dayMonthYear.format(at);
}

/** Within a sentence: `just now`, `5 minutes ago`, `today at 10:42`, `yesterday`, `on 3 Nov`, `on 3 Nov 2025`. */
export function dateInSentence(at: number, now: number): string {
  const days = calendarDaysBetween(at, now);
  const minutes = Math.floor((now - at) / MINUTE_MS);
  if (days === 0 && minutes >= -1) {
    if (minutes < 1) return 'just now';
    if (minutes < 60) return minutes === 1 ? 'a minute ago' : `${minutes} minutes ago`;
    return `today at ${time.format(at)}`;
  }
  if (days === 1) return 'yesterday';
  return `on ${(sameYear(at, now) ? dayAndMonth : dayMonthYear).format(at)}`;
}

/** For an open message: `10:42`, `Yesterday, 10:42`, `3 Nov, 10:42`, `3 Nov 2025, 10:42`. */
export function longDate(at: number, now: number): string {
  const days = calendarDaysBetween(at, now);
  if (days === 0) return time.format(at);
  if (days === 1) return `Yesterday, ${time.format(at)}`;
  return `${(sameYear(at, now) ? dayAndMonth : dayMonthYear).format(at)}, ${time.format(at)}`;
}

/** Everything, for a tooltip and for evidence. */
export function exactDate(at: number): string {
  return exact.format(at);
}

/** As a date stamp prints it, in its lines: `20 NOV`, `2026`. */
export function stampLines(at: number): readonly [string, string] {
  const date = new Date(at);
  const [month, day] = [
    stampDay.formatToParts(date).find((part) => part.type === 'month')!.value,
    date.getDate(),
  ];
  return [`${day} ${month.toUpperCase()}`, String(date.getFullYear())];
}

/** ISO text for `<time datetime>`. */
export function machineDate(at: number): string {
  return new Date(at).toISOString();
}

/** Calendar days from `at` to `now` in this machine's time zone; negative in the future. */
function calendarDaysBetween(at: number, now: number): number {
  const day = (ms: number): number => {
    const date = new Date(ms);
    return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / (24 * HOUR_MS);
  };
  return day(now) - day(at);
}

function sameYear(a: number, b: number): boolean {
  return new Date(a).getFullYear() === new Date(b).getFullYear();
}
