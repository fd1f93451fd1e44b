/** German; what each is for stands in ../en/dates.ts. */
import type { Translation } from '../message-types.ts';

export const dates = {
  now: 'jetzt',
  minutes: '{count, number} Min.',
  yesterday: 'Gestern',
  yesterdayAt: 'Gestern, {time}',
  dateAndTime: '{date}, {time}',
  justNow: 'gerade eben',
  minutesAgo: '{count, plural, one {vor einer Minute} other {vor # Minuten}}',
  todayAt: 'heute um {time}',
  yesterdayInSentence: 'gestern',
  onDate: 'am {date}',
  bytes: '{count, plural, one {# Byte} other {# Byte}}',
  kilobytes: '{size} KB',
  megabytes: '{size} MB',
  gigabytes: '{size} GB',
  terabytes: '{size} TB',
} as const satisfies Translation<'dates'>;
