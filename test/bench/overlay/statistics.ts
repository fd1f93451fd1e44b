/** Medians, percentiles and ratios of what was measured. */
import { assert } from '../../../src/core/codec/assert.ts';

/** The smallest value that at least the share `p` of all is not above (nearest rank), 0 < p ≤ 1. */
export function percentile(values: readonly number[], p: number): number {
  assert(values.length > 0, 'there is something to rank');
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)]!;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** To three significant digits: more is noise. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
