/** Dates and sizes as they stand in lists and sentences. */
export const dates = {
  now: 'now',
  minutes: '{count, number} min',
  yesterday: 'Yesterday',
  yesterdayAt: 'Yesterday, {time}',
  dateAndTime: '{date}, {time}',
  justNow: 'just now',
  minutesAgo: '{count, plural, one {a minute ago} other {# minutes ago}}',
  todayAt: 'today at {time}',
  yesterdayInSentence: 'yesterday',
  onDate: 'on {date}',
  bytes: '{count, plural, one {# byte} other {# bytes}}',
  kilobytes: '{size} KB',
  megabytes: '{size} MB',
  gigabytes: '{size} GB',
  terabytes: '{size} TB',
} as const;
