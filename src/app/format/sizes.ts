/** Numbers, sizes and lists, as the shown language writes them. */
import { perLocale } from '../i18n/per-locale.ts';
import { t } from '../i18n/translate.svelte.ts';

const DIGITS_MAX = 2;

const formats = perLocale((locale) => ({
  numbers: Array.from(
    { length: DIGITS_MAX + 1 },
    (_, digits) =>
      new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }),
  ),
  lists: new Intl.ListFormat(locale, { type: 'conjunction' }),
  facts: new Intl.ListFormat(locale, { type: 'unit' }),
}));

/** `1,234`; with `digits` (0 to 2) behind the decimal sign. */
export function numberText(value: number, digits = 0): string {
  return formats().numbers[digits]!.format(value);
}

/** `1 byte`, `812 bytes`, `3.1 MB`; units of 1,024 bytes. */
export function sizeText(bytes: number): string {
  if (bytes < 1023.5) return t.dates.bytes({ count: bytes });
  const { kilobytes, megabytes, gigabytes, terabytes } = t.dates;
  const units = [kilobytes, megabytes, gigabytes, terabytes];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1023.5 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = value >= 99.95 || Number.isInteger(value) ? 0 : 1;
  return units[unit]!({ size: numberText(value, digits) });
}

/** `a`, `a and b`, `a, b, and c`. */
export function listText(items: readonly string[]): string {
  return formats().lists.format(items);
}

/** Facts beside each other: `2 stored, 1 read`. */
export function factsText(facts: readonly string[]): string {
  return formats().facts.format(facts);
}
