/** The authority's rate limit. */
import { describe, expect, it } from 'vitest';
import { RateLimit } from '../../../relay/src/rate-limit.ts';

describe('rate limit', () => {
  it('lets a burst through, then a steady trickle', () => {
    const limit = new RateLimit(3, 2);
    const at = (now: number): boolean => limit.allow('192.0.2.1', now);
    expect([at(0), at(0), at(0), at(0)]).toEqual([true, true, true, false]);
    expect([at(500), at(500)]).toEqual([true, false]);
    expect([at(60_000), at(60_000), at(60_000), at(60_000)]).toEqual([true, true, true, false]);
  });

  it('counts each address for itself', () => {
    const limit = new RateLimit(1, 1);
    expect(limit.allow('192.0.2.1', 0)).toBe(true);
    expect(limit.allow('192.0.2.2', 0)).toBe(true);
    expect(limit.allow('192.0.2.1', 0)).toBe(false);
  });

  it('takes a clock that goes back for one that stands still', () => {
    const limit = new RateLimit(1, 1);
    expect(limit.allow('192.0.2.1', 10_000)).toBe(true);
    expect(limit.allow('192.0.2.1', 0)).toBe(false);
  });
});
