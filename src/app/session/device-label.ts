/** What a person may call this device: "Chromium on Linux". */
import { t } from '../i18n/translate.svelte.ts';

/** Longest label that a device certificate takes. */
const LABEL_CHARACTERS_MAX = 64;

const browsers: readonly (readonly [RegExp, string])[] = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/Chrom(e|ium)\//, 'Chromium'],
  [/Safari\//, 'Safari'],
];
const systems: readonly (readonly [RegExp, string])[] = [
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Mac OS X|Macintosh/, 'macOS'],
  [/CrOS/, 'ChromeOS'],
  [/Linux/, 'Linux'],
];

export function deviceLabel(userAgent: string): string {
  const named = (names: readonly (readonly [RegExp, string])[], other: string): string =>
    names.find(([pattern]) => pattern.test(userAgent))?.[1] ?? other;
  const label = t.devices.label({
    browser: named(browsers, t.devices.unnamedBrowser),
    system: named(systems, t.devices.unnamedSystem),
  });
  return label.slice(0, LABEL_CHARACTERS_MAX);
}
