/** Dates as people say them, in the shown language: relative today, plain after. */
import { perLocale } from '../i18n/per-locale.ts';
import { shownLocale, t } from '../i18n/translate.svelte.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const formats = perLocale((locale) => {
  const format = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
    new Intl.DateTimeFormat(locale, options);
  return {
    time: format({ hour: 'numeric', minute: '2-digit' }),
    weekday: format({ weekday: 'short' }),
    dayAndMonth: format({ day: 'numeric', month: 'short' }),
    dayMonthYear: format({ day: 'numeric', month: 'short', year: 'numeric' }),
    day: format({ dateStyle: 'short' }),
    exact: format({ dateStyle: 'full', timeStyle: 'medium' }),
    month: format({ month: 'short' }),
    dayAndTime: format({ dateStyle: 'medium', timeStyle: 'short' }),
  };
});

/**
 * For a list: `now`, `5 min`, `10:42` (today), `Yesterday`, `Tue` (the last week), `3 Nov`, `3 Nov 2025`. A date in
 * the future (somebody's clock) is shown plain.
 */
export function shortDate(at: number, now: number): string {
  const days = calendarDaysBetween(at, now);
  if (days === 0 && at <= now + MINUTE_MS) {
    const age = now - at;
    if (age < MINUTE_MS) return t.dates.now;
    if (age < HOUR_MS) return t.dates.minutes({ count: Math.floor(age / MINUTE_MS) });
    return formats().time.format(at);
  }
  if (days === 1) return t.dates.yesterday;
  if (days > 1 && days < 7) return formats().weekday.format(at);
  return plainDate(at, now);
}

/** Within a sentence: `just now`, `5 minutes ago`, `today at 10:42`, `yesterday`, `on 3 Nov`, `on 3 Nov 2025`. */
export function dateInSentence(at: number, now: number): string {
  const days = calendarDaysBetween(at, now);
  const minutes = Math.floor((now - at) / MINUTE_MS);
  if (days === 0 && minutes >= -1) {
    if (minutes < 1) return t.dates.justNow;
    if (minutes < 60) return t.dates.minutesAgo({ count: minutes });
    return t.dates.todayAt({ time: formats().time.format(at) });
  }
  if (days === 1) return t.dates.yesterdayInSentence;
  return t.dates.onDate({ date: plainDate(at, now) });
}

/** For an open message: `10:42`, `Yesterday, 10:42`, `3 Nov, 10:42`, `3 Nov 2025, 10:42`. */
export function longDate(at: number, now: number): string {
  const days = calendarDaysBetween(at, now);
  const time = formats().time.format(at);
  if (days === 0) return time;
  if (days === 1) return t.dates.yesterdayAt({ time });
  return t.dates.dateAndTime({ date: plainDate(at, now), time });
}

/** A day in figures, of any year. */
export function dayDate(at: number): string {
  return formats().day.format(at);
}

/** Everything, for a tooltip and for evidence. */
export function exactDate(at: number): string {
  return formats().exact.format(at);
}

/** A day of any year, and the minute. */
export function dayAndTime(at: number): string {
  return formats().dayAndTime.format(at);
}

/** As a date stamp prints it, in its lines: `20 NOV`, `2026`. */
export function stampLines(at: number): readonly [string, string] {
  const date = new Date(at);
  const month = formats().month.format(date).replace(/\.$/, '').toLocaleUpperCase(shownLocale());
  return [`${date.getDate()} ${month}`, String(date.getFullYear())];
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

/** `3 Nov`, and of another year `3 Nov 2025`. */
function plainDate(at: number, now: number): string {
  const { dayAndMonth, dayMonthYear } = formats();
  return (new Date(at).getFullYear() === new Date(now).getFullYear() ? dayAndMonth : dayMonthYear).format(at);
}
