/** French; what each is for stands in ../en/dates.ts. */
import type { Translation } from '../message-types.ts';

export const dates = {
  now: 'à l’instant',
  minutes: '{count, number} min',
  yesterday: 'Hier',
  yesterdayAt: 'Hier, {time}',
  dateAndTime: '{date}, {time}',
  justNow: 'à l’instant',
  minutesAgo: '{count, plural, one {il y a une minute} other {il y a # minutes}}',
  todayAt: 'aujourd’hui à {time}',
  yesterdayInSentence: 'hier',
  onDate: 'le {date}',
  bytes: '{count, plural, one {# octet} other {# octets}}',
  kilobytes: '{size} Ko',
  megabytes: '{size} Mo',
  gigabytes: '{size} Go',
  terabytes: '{size} To',
} as const satisfies Translation<'dates'>;
