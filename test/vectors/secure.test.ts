/** Golden vectors of secure routing: what nodes sign and send. Written by `write-secure.ts`. */
import { describe, expect, it } from 'vitest';
import { computeSecureFormats } from './secure-formats.ts';
import pinned from './secure.json' with { type: 'json' };

describe("golden vectors of secure routing's formats", () => {
  const formats = computeSecureFormats();

  it('pin each format that there is', () => {
    expect(Object.keys(formats)).toEqual(Object.keys(pinned));
  });

  it.each(Object.entries(pinned))('%s', (name, value) => {
    expect(formats[name]).toBe(value);
  });
});
