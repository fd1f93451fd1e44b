/** Golden vectors of POST and mail: what is stored, signed and sent. Written by `write-post.ts`. */
import { describe, expect, it } from 'vitest';
import pinnedMail from './mail-formats.json' with { type: 'json' };
import { computeMailFormats, computePostFormats } from './post-formats.ts';
import pinnedPost from './post-formats.json' with { type: 'json' };

describe.each([
  ['POST', computePostFormats(), pinnedPost],
  ['mail', computeMailFormats(), pinnedMail],
] as const)("golden vectors of %s's formats", (_, formats, pinned) => {
  it('pin each format that there is', () => {
    expect(Object.keys(formats)).toEqual(Object.keys(pinned));
  });

  it.each(Object.entries(pinned))('%s', (name, value) => {
    expect((formats as Record<string, string>)[name]).toBe(value);
  });
});
